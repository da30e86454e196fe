"""The body of an article: which blocks of a page are its paragraphs."""

import re
from collections import Counter
from collections.abc import Iterable, Iterator

import numpy as np

from services.parser.article import dates
from services.parser.article.authors import byline, byline_lead
from services.parser.article.body import (
    copies,
    enclosed,
    forest,
    furniture,
    furniture_boxes,
    long_articles,
    neighbours,
    other_articles,
    scripted,
)
from services.parser.article.body.features import DeclaredText, features
from services.parser.article.body.tables import tables
from services.parser.article.body.text_features import is_bare_link
from services.parser.page.boxes import PAGE_TAGS, size
from services.parser.page.class_words import BIT
from services.parser.page.document import Document
from services.parser.page.elements import attribute, comparison_key, lines_of, text_of
from services.parser.page.layout import HEADINGS, Block, Layout
from services.parser.page.words import extent
from services.parser.rules.site_rules import Rules, is_furniture, is_origin, may_hold_origin

_LIKELY = 0.5
# When fewer characters are likely, the page is unlike those that the forest was fitted on, and the likeliest are taken.
_LEAST = 200
_NEARLY_LIKELIEST = 0.95
_UNLIKELY = 0.05
# By-line and date stand in the first lines, if they are part of the body at all.
_FIRST_LINES, _LONGEST_BYLINE, _LONGEST_DATE = 3, 150, 40
_APPEAL = BIT["account"]
_LONGEST_APPEAL = 400
# A box with a larger share of the likely text is no appeal, whatever it is called.
_MOST_IN_APPEAL = 0.4
_LONGEST_HEADING, _MOSTLY_BOLD = 80, 0.9
_SENTENCE_ENDS = (".", "!", "…", "。", "！", "।", "۔")
_SENTENCE = re.compile(r"[^\W\d_]{3,}\s+[^\W\d_]{3,}\s+[^\W\d_]{3,}")


def paragraphs(document: Document, rules: Rules, title: str, authors: frozenset[str] = frozenset()) -> tuple[str, ...]:
    """Returns the paragraphs of the article in order, without its title, its by-line and the page's own functions."""
    body = next((node for selector in rules.body for node in document.tree.css(selector)), None)
    visible = (
        lines_of(body) if body is not None else article_lines(document.layout, declared_text(document), title, authors)
    )
    lines = list(_without_furniture(visible, title))
    if sum(map(len, lines)) < _LEAST:
        lines = _hidden_body(document, title, authors) or lines
    return tuple(
        line
        for row, line in enumerate(lines)
        if row >= _FIRST_LINES or not (_is_byline(line, authors) or _is_date(line))
    )


def origin(document: Document) -> str | None:
    """Returns where the link to the article's original leads, on a page that republishes; None if there is none."""
    if not may_hold_origin("".join(block.text for block in document.layout.blocks if block.link_chars)):
        return None
    candidates = (link.node for link in document.layout.links if may_hold_origin(link.node.text()))
    links = (node for node in candidates if is_origin(text_of(node)[:_LONGEST_BYLINE]))
    return next((url for node in links if (url := document.link(attribute(node, "href")))), None)


def declared_text(document: Document) -> DeclaredText:
    """Returns the titles, description and body that the page's metadata has."""
    titles = [text for text, _ in document.meta("og:title")] + [text for text, _ in document.text("title")][:1]
    description = next((text for text, _ in document.meta("og:description", "description")), "")
    bodies = (text for entity in document.entities if isinstance(text := entity.get("articleBody"), str))
    return DeclaredText(tuple(titles), description, max(bodies, key=len, default=""))


def article_lines(
    page: Layout, declared: DeclaredText, title: str = "", authors: frozenset[str] = frozenset()
) -> Iterator[str]:
    """Yields the texts of the blocks that are the article's, which has this title and these authors."""
    rows = [row for row, block in enumerate(page.blocks) if not is_bare_link(block)]
    if not rows:
        return
    values = forest.load("forest").likelihood(features(page, declared), np.array(rows)).tolist()
    likelihood = _without_appeals(page, dict(zip(rows, values, strict=True)))
    likelihood = _without_other_articles(page, likelihood, title)
    threshold = _threshold(page, likelihood, title)
    likely_rows = {row for row, likely in likelihood.items() if likely >= threshold}
    likely_rows |= neighbours.column_rows(page, likelihood, likely_rows)
    likely_rows |= long_articles.rows(page, likelihood, likely_rows)
    likely_rows |= enclosed.rows(page, likelihood, likely_rows)
    likely_rows -= furniture_boxes.rows(page, likely_rows, authors)
    yield from _lines(page, likely_rows - copies.rows(page, likely_rows))


def _without_other_articles(page: Layout, likelihood: dict[int, float], title: str) -> dict[int, float]:
    """Returns the likelihood of the rows that stand in no other article; of all where nothing likely would be left."""
    foreign_rows = other_articles.rows(page, title)
    own = {row: likely for row, likely in likelihood.items() if row not in foreign_rows}
    return own if any(likely >= _LIKELY for likely in own.values()) else likelihood


def _threshold(page: Layout, likelihood: dict[int, float], title: str) -> float:
    """Returns the likelihood from which blocks are the article's; lower where little text but the title is likely."""
    key = comparison_key(title)
    texts = ((row, likely) for row, likely in likelihood.items() if not _is_title(page.blocks[row].text, key))
    size, likeliest = 0.0, 0.0
    for row, likely in texts:
        size += extent(page.blocks[row].text).letters if likely >= _LIKELY else 0
        if size >= _LEAST:
            return _LIKELY
        likeliest = max(likeliest, likely)
    return min(_LIKELY, max(_UNLIKELY, _LIKELY * likeliest / _NEARLY_LIKELIEST)) if likeliest else _LIKELY


def _lines(page: Layout, likely_rows: set[int]) -> Iterator[str]:
    """Yields the texts of the likely blocks without furniture, and of the lists and tables among them."""
    blocks = page.blocks
    body = {row for row in likely_rows if not furniture.is_reference(blocks[row])}
    body |= neighbours.list_rows(page, body) | neighbours.heading_rows(page, body) | neighbours.link_rows(page, body)
    texts = {row: [blocks[row].text] for row in sorted(body)}
    for rows, lines in tables(page, body):
        texts |= {row: [] for row in rows} | {rows[0]: lines}
    order = sorted(row for row, lines in texts.items() if lines)
    while len(order) > 1 and _is_heading(page, blocks[order[-1]]):
        order.pop()  # No article ends in a heading: it belongs to what follows.
    yield from (line for row in order for line in texts[row])


def _is_heading(page: Layout, block: Block) -> bool:
    size = len(block.text)
    is_bold = block.bold_chars > _MOSTLY_BOLD * size and not block.text.endswith(_SENTENCE_ENDS)
    return size < _LONGEST_HEADING and (is_bold or page.boxes[block.box].tag in HEADINGS)


def _without_appeals(page: Layout, likelihood: dict[int, float]) -> dict[int, float]:
    """Returns the likelihood of the rows that stand in no box for signing up, logging in or consenting."""
    boxes = {row: box for row in likelihood if (box := _appeal_box(page, page.blocks[row]))}
    sizes: Counter[int] = Counter()
    for row, box in boxes.items():
        sizes[box] += len(page.blocks[row].text) if likelihood[row] >= _LIKELY else 0
    most = _MOST_IN_APPEAL * size(page, [row for row, likely in likelihood.items() if likely >= _LIKELY])
    return {row: likely for row, likely in likelihood.items() if row not in boxes or sizes[boxes[row]] > most}


def _appeal_box(page: Layout, block: Block) -> int:
    """Returns the box for signing up, logging in or consenting that a short block stands in; 0 if there is none."""
    if len(block.text) >= _LONGEST_APPEAL:
        return 0
    for number in (block.box, page.boxes[block.box].parent):
        box = page.boxes[number]
        if box.class_words & _APPEAL and box.tag not in PAGE_TAGS:
            return number
    return 0


def _hidden_body(document: Document, title: str, authors: frozenset[str]) -> list[str]:
    """Returns the body of a page that shows its text by script, from its structured data or its scripts; empty if they have none."""
    if lines := _declared_body(document, title):
        return lines
    page = scripted.document(document, title) if title else None
    if page is None:
        return []
    lines = list(_without_furniture(article_lines(page.layout, declared_text(document), title, authors), title))
    return lines if sum(map(len, lines)) >= _LEAST else []


def _declared_body(document: Document, title: str) -> list[str]:
    """Returns the body in the page's structured data, for pages that show their text by script; visible text is better."""
    lines = scripted.declared_lines(declared_text(document).body)
    return list(_without_furniture(lines, title)) if sum(map(len, lines)) >= _LEAST else []


def _is_date(line: str) -> bool:
    return len(line) <= _LONGEST_DATE and not _SENTENCE.search(line) and dates.is_date(line)


def _is_byline(line: str, authors: frozenset[str]) -> bool:
    if len(line) > _LONGEST_BYLINE or not authors or not byline_lead.is_start(line):
        return False
    return {*byline.people(line)} <= authors


def _is_title(line: str, title_key: str) -> bool:
    return len(line) <= 2 * len(title_key) + 40 and comparison_key(line) == title_key


def _without_furniture(lines: Iterable[str], title: str) -> Iterator[str]:
    title_key = comparison_key(title)
    for line in lines:
        if line and not _is_title(line, title_key) and not is_furniture(line) and not furniture.is_label(line):
            yield line
