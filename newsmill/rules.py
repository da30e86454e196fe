"""`newsmill rules check`: what a rule finds on given pages, field by field and selector by selector."""

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import NamedTuple

from newsmill.parse import NOWHERE
from services.parser.article import extract
from services.parser.listing import front
from services.parser.page import elements, encoding
from services.parser.page.document import Document
from services.parser.rules import site_rules
from services.parser.rules.site_rules import Rules
from shared.contracts import Article

FIELDS = (
    "title", "subtitle", "published", "published_in", "publisher", "authors", "section", "body", "ticker", "teasers",
    "teaser_box", "summary", "layout",
)  # fmt: skip
RESULT = ("title", "subtitle", "published_at", "publisher", "authors", "section", "origin_url", "language")
_SHOWN = 70


class Checked(NamedTuple):
    """The lines to show, and the selectors that found nothing on any page."""

    lines: tuple[str, ...]
    unmatched: tuple[str, ...]


def check(rule: Path, pages: list[Path], url: str | None) -> Checked:
    """Runs a rule on pages.

    Args:
        rule: a file like those in services/parser/rules.
        pages: HTML files, as downloaded.
        url: where they stand; the rule's first host where nobody says.

    Raises:
        SettingsError: the rule is wrong; the text names the field and the value.
        OSError: a file cannot be read.
    """
    read = site_rules.read(rule)
    told, matched = list[str](), set[str]()
    for page in pages:
        where = url or (f"https://{read.hosts[0]}/page" if read.hosts else NOWHERE)
        document = Document(encoding.decode(page.read_bytes()), where)
        told.append(str(page))
        told.extend(_selectors(document, read, matched))
        told.extend(_result(document, read))
    every = {f"{field} {selector}" for field in FIELDS for selector in getattr(read, field)}
    unmatched = tuple(sorted(every - matched))
    return Checked((*told, *(f"matches on no page: {one}" for one in unmatched)), unmatched)


def _selectors(document: Document, read: Rules, matched: set[str]) -> Iterator[str]:
    for field in FIELDS:
        for selector in getattr(read, field):
            nodes = document.tree.css(selector)
            if nodes:
                matched.add(f"{field} {selector}")
            first = elements.text_of(nodes[0]) if nodes else ""
            yield f"  {field:13} {selector:40} {len(nodes):4}  {first[:_SHOWN]}"


def _result(document: Document, read: Rules) -> Iterator[str]:
    now = datetime.now(UTC)
    found = extract.read(document, read, now)
    yield "  => no article: no title, or no body" if found is None else "  => article"
    if found is not None:
        yield from _fields(found)
    shown = front.front_headlines(document, read, now)
    yield f"  => {len(shown)} headlines: " + "; ".join(one.text[:40] for one in shown[:5])


def _fields(found: Article) -> Iterator[str]:
    for field in RESULT:
        yield f"     {field:13} {str(getattr(found, field))[: 2 * _SHOWN]}"
    lines = found.paragraphs
    yield f"     {'body':13} {len(lines)} paragraphs, {found.word_count} words: {lines[0][:_SHOWN]} … {lines[-1][-_SHOWN:]}"
