"""The dates that a page shows as text.

The publication date is usually next to the title, most often below it, or next to the author's name at the end. A date
after "updated" is that of a change; dates of comments and of other articles are farther from the title.
"""

import re
from collections.abc import Iterator
from itertools import takewhile

from selectolax.lexbor import LexborNode

from services.parser.article import dates
from services.parser.article.evidence import Values
from services.parser.article.publication.date_labels import (
    CHANGE_NAMES,
    MODIFIED,
    PARTS,
    PUBLISHED,
    is_other,
    label_at,
    publication_part,
    unlabelled,
)
from services.parser.article.publication.dateline_elements import published_element
from services.parser.page.class_words import BIT
from services.parser.page.document import Document
from services.parser.page.elements import attribute, comparison_key, text_of
from services.parser.page.heading_text import spaced_text
from services.parser.page.layout import HEADINGS, Layout
from services.parser.page.surroundings import is_within
from services.parser.page.words import extent

_ABOVE, _BELOW = 6, 14
# Small ones hold dates, too.
_LARGE_HEADINGS = HEADINGS - {"h5", "h6"}
_LONGEST = 250
_LONG = 150
_TWO_NUMBERS = re.compile(r"\d\D+\d")
_MOST_TIMES = 6
_SHORT, _MOST_PARENTS = 60, 5
# Times counted from now are believed only this near to the title: elsewhere they belong to other articles.
# A date in a caption is that of the picture.
_IN_CAPTION, _IN_TEASER = 0.3, 0.1
_TEASER = re.compile("teaser|related|recommend")
_LABEL = 30
_RELATIVE_ABOVE, _RELATIVE_BELOW = 3, 6


def visible_dates(document: Document, title: str | None) -> Values:
    """Yields the dates next to the title, in `time` elements and in the URL."""
    yield from _near_title(document.layout, title)
    yield from _time_elements(document)
    yield dates.in_url(document.url), "URL", 0.65


def _time_elements(document: Document) -> Values:
    """Yields the dates of `time` elements; those of a change only in case there are no others."""
    nodes = document.elements("time")[:_MOST_TIMES]
    changes = [is_change(node) for node in nodes]
    for node, is_changed in zip(nodes, changes, strict=True):
        certain_change = attribute(node, "itemprop") == "dateModified" or not all(changes)
        confidence = 0.55 if not is_changed else 0.25 if certain_change else 0.5
        if any(changes) and "publi" in attribute(node, "class").lower():
            confidence = 0.62
        if is_within(node, BIT["comment"] | BIT["nav"], _MOST_PARENTS):
            confidence = 0.25
        yield (
            attribute(node, "datetime") or attribute(node, "content") or _dated_title(node) or text_of(node),
            "time",
            confidence,
        )


def _dated_title(node: LexborNode) -> str:
    title = attribute(node, "title")
    return title if dates.looks_dated(title) else ""


def is_change(node: LexborNode) -> bool:
    """Returns whether an element, or the one around it, is named after a change, and not after the publication too."""
    names = (
        f"{attribute(node, 'class')} {attribute(node, 'itemprop')}",
        f"{attribute(node.parent, 'class')} {attribute(node.parent, 'id')}",
    )
    named = next((name for name in names if CHANGE_NAMES.search(name) or "publi" in name.lower()), "")
    return named != "" and "publi" not in named.lower()


def _near_title(page: Layout, title: str | None) -> Values:
    """Yields the dates of blocks around the title; "Published:" may be in the block before the date."""
    title_at = title_row(page, title)
    if title_at is None:
        return
    rows = range(max(0, title_at - _ABOVE), min(len(page.blocks), title_at + _BELOW + 1))
    dated = [row for row in rows if len(page.blocks[row].text) <= _LONGEST and dates.looks_dated(page.blocks[row].text)]
    for row in dated:
        text = spaced_text(page, row)
        # A label before another date is that date's.
        before = page.blocks[row - 1].text[-30:] if row and row - 1 not in dated else ""
        if is_other(text) or (len(before) < _LABEL and is_other(before)):
            continue
        labelled = label_at(PUBLISHED, text) >= 0 or label_at(MODIFIED, text) >= 0
        part = published_element(page, row) or publication_part(text)
        label = part if labelled else f"{before} {part}"
        if label_at(MODIFIED, text) < 0 and _is_in_section(page, title_at, row):
            label = ""  # "Date:" is here that of an event of which the section tells.
        confidence = _confidence(label, len(text), row - title_at)
        yield part, "near the title", confidence - _beside_other(page, row)
    # A date that cannot be read is still nearer the truth than the age of another story; a year alone or in the text is none.
    if not {row for row in dated if _TWO_NUMBERS.search(page.blocks[row].text)} & {
        *rows[: rows.index(title_at)],
        *_header(page, title_at, _BELOW),
    }:
        yield from _ages(page, title_at)


def _beside_other(page: Layout, row: int) -> float:
    """Returns what a date loses as it stands in the caption of a picture or in the teaser of another article."""
    text, box = page.blocks[row].text, page.boxes[page.blocks[row].box]
    name = attribute(box.node, "class").lower()
    if _TEASER.search(name):
        return _IN_TEASER
    if box.tag == "figcaption" or "caption" in name:
        # The author and the date of the article may be set as a caption too.
        return _IN_CAPTION if len(dates.text_before(text)) > _LABEL else 0.0
    pictures = (image.node for image in page.images if row - 2 <= image.row <= row + 1)
    return _IN_CAPTION if any(text in (attribute(node, "alt"), attribute(node, "title")) for node in pictures) else 0.0


def _is_in_section(page: Layout, title_at: int, row: int) -> bool:
    """Returns whether another heading is between the title and a line below it."""
    between = (page.boxes[page.blocks[place].box].tag for place in range(title_at + 1, row))
    return any(tag in _LARGE_HEADINGS for tag in between)


def _ages(page: Layout, title_at: int) -> Values:
    """Yields times counted from now right at the title: above it, and below it up to a paragraph or another heading."""
    for row in (*_header(page, title_at, _RELATIVE_BELOW), *range(max(0, title_at - _RELATIVE_ABOVE), title_at)):
        block = page.blocks[row]
        if len(block.text) <= _SHORT:
            # The name of the author and the time that reading takes may stand beside the age.
            for text in map(unlabelled, PARTS.split(publication_part(block.text))):
                yield text, "near the title", _confidence(text, len(text), row - title_at) - 0.15


def _header(page: Layout, title_at: int, most: int) -> Iterator[int]:
    """Yields the rows below the title up to a paragraph or another heading; of several short paragraphs the first may be a
    standfirst."""
    below = range(title_at + 1, min(len(page.blocks), title_at + most + 1))
    paragraphs = 0
    for row in takewhile(lambda row: not _is_text_or_heading(page, row), below):
        paragraphs += extent(page.blocks[row].text).letters > _SHORT
        if paragraphs > 1:
            return
        yield row


def _is_text_or_heading(page: Layout, row: int) -> bool:
    block = page.blocks[row]
    return len(block.text) > _LONG or extent(block.text).letters > _LONG or page.boxes[block.box].tag in _LARGE_HEADINGS


def _confidence(label: str, size: int, rows: int) -> float:
    """Returns the confidence in a date with this label, so many rows below the title; above it the number is negative."""
    distance = rows if rows >= 0 else -1.5 * rows
    confidence = 0.6 - 0.012 * distance - (0.1 if size > _LONG else 0.0)
    if label_at(PUBLISHED, label) >= 0:
        return confidence + 0.15
    return confidence - 0.25 if label_at(MODIFIED, label) >= 0 else confidence


def title_row(page: Layout, title: str | None) -> int | None:
    """Returns the index of the block that is the title, a heading rather than other text; None if there is none."""
    key = comparison_key(title or "")
    if key not in page.title_rows:
        page.title_rows[key] = _row_with_key(page, key)
    return page.title_rows[key]


def _row_with_key(page: Layout, key: str) -> int | None:
    sizes = range(len(key), 2 * len(key) + 21) if key else ()
    likely = (row for row, block in enumerate(page.blocks) if len(block.text) in sizes and _may_begin(block.text, key))
    rows = [row for row in likely if comparison_key(page.blocks[row].text) == key]
    all_rows = rows or range(len(page.blocks))
    headings = (row for row in all_rows if page.boxes[page.blocks[row].box].tag == "h1")
    return next(headings, rows[0] if rows else None)


def _may_begin(text: str, key: str) -> bool:
    """Returns whether a text may have this comparison key, by its first letter: a key costs much more."""
    first = text[0].casefold()[0]
    return first == key[0] or not first.isalnum()
