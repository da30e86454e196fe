"""`newsmill rules`: a first draft of a site's rules, and what a rule selects on pages, selector by selector."""

from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated, Any

import typer
import yaml

from newsmill.commands.fetch import explain
from newsmill.commands.parse import NOWHERE
from newsmill.options import AsJson, DataFolder
from newsmill.output import print_report
from newsmill.rule_draft import draft
from newsmill.urls import fetchable_option
from services.parser.article import extract
from services.parser.listing import front
from services.parser.page import elements, encoding
from services.parser.page.document import Document
from services.parser.rules import site_rules
from services.parser.rules.site_rules import Rules
from shared.errors import SettingsError

app = typer.Typer(add_completion=False, no_args_is_help=True)

FIELDS = (
    "title", "subtitle", "published", "published_in", "publisher", "authors", "section", "body", "ticker", "teasers",
    "teaser_box", "summary", "layout",
)  # fmt: skip
ARTICLE_FIELDS = ("title", "subtitle", "published_at", "publisher", "authors", "section", "origin_url", "language")
SHOWN_CHARACTERS = 70
SHOWN_HEADLINES = 5

Record = Mapping[str, Any]


@app.callback()
def rules() -> None:
    """Draft and check how single sites are read."""


@app.command()
def new(
    page: Annotated[str, typer.Argument(help="The URL of a story, or an HTML file.")],
    url: Annotated[str | None, typer.Option(help="The URL that a file came from.")] = None,
    data: DataFolder = None,
    as_json: AsJson = False,
) -> None:
    """Print a first draft of the rules for a site, from one of its stories.

    The draft has the selectors of the elements in which the page prints the title, date, author and text that were read.
    A URL is fetched as the fetcher does, at its host's pace; nothing is stored.
    """
    if (file := Path(page)).is_file():
        if url is None:
            raise SettingsError(f"{page}: --url is missing, which names the site that the rules are for")
        html, address = encoding.decode(file.read_bytes()), url
    else:
        html, address = _fetched(fetchable_option(page), data)
    text = draft(html, address, datetime.now(UTC))
    print_report({"url": address, "rules": yaml.safe_load(text)}, lambda _: text.splitlines(), as_json=as_json)


def _fetched(url: str, data: Path | None) -> tuple[str, str]:
    """Returns a page as text, and its final URL.

    Raises:
        SettingsError: the page was not fetched; the text names why.
    """
    explained = explain(url, data)
    if explained.content is None:
        raise SettingsError(f"{url}: {explained.report['end']}: {explained.report.get('detail', '')}")
    return encoding.decode(explained.content, explained.charset), explained.report["page"]["final_url"]


@app.command()
def check(
    rule: Annotated[
        Path, typer.Argument(help="A file like those in services/parser/rules.", exists=True, dir_okay=False)
    ],
    pages: Annotated[list[Path], typer.Argument(help="HTML files of the site.", exists=True, dir_okay=False)],
    url: Annotated[str | None, typer.Option(help="The URL that the pages came from.")] = None,
    as_json: AsJson = False,
) -> None:
    """Show what each selector of a rule matches on pages, and the article and headlines that are read with it.

    Exits with 1 when a selector matches on no page.
    """
    report = rule_report(rule, pages, url)
    print_report(report, rule_lines, as_json=as_json)
    if report["unmatched"]:
        raise typer.Exit(1)


def rule_report(rule: Path, pages: list[Path], url: str | None) -> dict[str, Any]:
    """Reads pages with a rule and returns the matches, article and headlines of each as JSON values.

    Args:
        rule: a file like those in services/parser/rules.
        pages: HTML files, as downloaded.
        url: the URL that they came from; by default one on the rule's first host.

    Raises:
        SettingsError: the rule is wrong; the text names the field and the value.
        OSError: a file cannot be read.
    """
    rules = site_rules.read(rule)
    address = url or (f"https://{rules.hosts[0]}/page" if rules.hosts else NOWHERE)
    reports = [_page_report(page, address, rules) for page in pages]
    matched = {(row["field"], row["selector"]) for page in reports for row in page["selectors"] if row["matches"]}
    selectors = {(field, selector) for field in FIELDS for selector in getattr(rules, field)}
    return {"pages": reports, "unmatched": [f"{field} {selector}" for field, selector in sorted(selectors - matched)]}


def _page_report(page: Path, address: str, rules: Rules) -> dict[str, Any]:
    document, moment = Document(encoding.decode(page.read_bytes()), address), datetime.now(UTC)
    article = extract.read(document, rules, moment)
    headlines = front.front_headlines(document, rules, moment)
    return {
        "page": str(page),
        "selectors": list(_matches(document, rules)),
        "article": article.record() if article else None,
        "headlines": [headline.model_dump(mode="json") for headline in headlines],
    }


def _matches(document: Document, rules: Rules) -> Iterator[dict[str, Any]]:
    for field in FIELDS:
        for selector in getattr(rules, field):
            nodes = document.tree.css(selector)
            text = elements.text_of(nodes[0])[:SHOWN_CHARACTERS] if nodes else ""
            yield {"field": field, "selector": selector, "matches": len(nodes), "first": text}


def rule_lines(report: Record) -> Iterator[str]:
    """Yields the report of a rule in lines."""
    for page in report["pages"]:
        yield page["page"]
        for row in page["selectors"]:
            yield f"  {row['field']:13} {row['selector']:40} {row['matches']:4}  {row['first']}"
        yield "  => article" if page["article"] else "  => no article: no title, or no body"
        if page["article"]:
            yield from _article_lines(page["article"])
        headlines = page["headlines"]
        texts = "; ".join(headline["text"][:40] for headline in headlines[:SHOWN_HEADLINES])
        yield f"  => {len(headlines)} headlines: {texts}"
    yield from (f"matches on no page: {selector}" for selector in report["unmatched"])


def _article_lines(article: Record) -> Iterator[str]:
    for field in ARTICLE_FIELDS:
        yield f"     {field:13} {str(article[field])[: 2 * SHOWN_CHARACTERS]}"
    paragraphs = article["paragraphs"]
    first, last = paragraphs[0][:SHOWN_CHARACTERS], paragraphs[-1][-SHOWN_CHARACTERS:]
    yield f"     {'body':13} {len(paragraphs)} paragraphs, {article['word_count']} words: {first} … {last}"
