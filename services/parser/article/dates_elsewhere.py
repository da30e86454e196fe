"""The less reliable dates of a page: in the data of its scripts, in attributes, in any line."""

import re
from collections.abc import Iterator
from itertools import islice

from services.parser.article import dates
from services.parser.article.date_labels import CHANGE_NAMES, MODIFIED, PUBLISHED, is_other, label_at, publication_part
from services.parser.article.dateline import is_change
from services.parser.article.evidence import Values
from services.parser.page.document import Document
from services.parser.page.elements import attribute, text_of
from services.parser.page.layout import Layout

# The names of the publication date in scripts that hold a page's state.
_IN_SCRIPT = re.compile(
    r"[\"'](?:date_?published|published_?(?:at|date|time|on)|publish_?(?:date|time|edAt)|publication_?date|pub_?date|"
    r"first_?published(?:_?(?:at|date))?|date_?publication|article_?date|created_?(?:at|date))\\?[\"']\s*[:,]\s*\\?[\"']"
    r"(?P<date>\d{4}-\d\d-\d\d(?:[T ][\d:.]+(?:Z|[+-]\d\d:?\d\d)?)?)",
    re.IGNORECASE,
)  # fmt: skip
# A pattern that begins with one character is sought much faster than one that begins with any of two.
_MONTH_AND_DAY = re.compile(r"-\d\d-\d\d")
_DATE_ELEMENTS = (
    '[itemprop="datePublished"], time[pubdate], .published, .pubdate, .publish-date, .post-date, .entry-date, .article-date, '
    ".date-header, .posted-on, .postdate, .dateline, .article__date, .date, .byline, .meta-date, .timestamp, .timeago, abbr[title], "
    "[data-timestamp], [data-datetime], [data-date], [data-published], [data-publish-date], [data-utc-date], [data-epoch], .time-ago, relative-time, time-ago"
)
# What programs write is before what people read: the time in words tells the zone of an instant.
_DATE_ATTRIBUTES = ("datetime", "content", "data-datetime", "data-date", "data-published", "data-publish-date", "data-time", "data-timestamp",
                    "data-utime", "data-utc-date", "data-epoch", "title", "aria-label")  # fmt: skip
# An instant in any other attribute, such as a script's, and a date in words that is shown at a touch or read aloud.
_IN_ATTRIBUTE = re.compile(
    r"\s(?P<name>data-[\w-]{1,30}|datetime|when|title|aria-label)=[\"'](?P<date>\d{4}-\d\d-\d\d[T ]\d\d:\d\d[^\"'<>]{0,20}|"
    r"(?<=(?:title|label|oltip)=.)[^\"'<>]{8,60}|(?<=(?:ts|ch|me|mp|te|ix|ms)=.)1\d{9}(?:\d{3})?)[\"']"
)
# How far from the heading's beginning in characters of the page.
_BEFORE_HEADING, _AFTER_HEADING = 1_500, 3_000
_OPENING = re.compile(r"[^()|–—]{0,40}(?:\([^()]{6,30}\)|[|–—])")
_MOST_IN_SCRIPTS, _MOST_ELEMENTS, _MOST_LINES = 3, 5, 30
_SHORT, _LONG, _LONGEST = 60, 150, 250


def fallback_dates(document: Document) -> Values:
    """Yields less reliable dates: in the data of scripts, in elements with the class of a date, in any line."""
    in_scripts = list(islice(_in_scripts(document), _MOST_IN_SCRIPTS))
    for text in in_scripts[:1]:
        yield text, "script", 0.62 if len({date[:10] for date in in_scripts}) == 1 else 0.5
    yield from _marked(document)
    yield from _in_attributes(document.html)
    yield from _openings(document.layout)
    yield from _lines_with_date(document.layout)


def _in_scripts(document: Document) -> Iterator[str]:
    """Yields the dates that scripts name as the publication's."""
    for text in (script.text() for script in document.elements("script")):
        if _MONTH_AND_DAY.search(text):
            yield from (match["date"] for match in _IN_SCRIPT.finditer(text))


def _marked(document: Document) -> Values:
    """Yields the dates in elements with the class of a date; an age, "3 days ago", is less exact than an attribute."""
    for node in document.tree.css(_DATE_ELEMENTS)[:_MOST_ELEMENTS]:
        for text in (*(attribute(node, name) for name in _DATE_ATTRIBUTES), text_of(node)):
            if 0 < len(text) <= _LONG:
                is_changed = is_change(node) or label_at(MODIFIED, text) >= 0
                yield text, "marked as date", 0.2 if is_changed else 0.45 if dates.looks_dated(text) else 0.43


def _in_attributes(html: str) -> Values:
    """Yields the dates in attributes of the elements around the first heading."""
    heading = html.find("<h1")
    if heading < 0:
        return
    around = html[max(0, heading - _BEFORE_HEADING) : heading + _AFTER_HEADING]
    dated = (match for match in _IN_ATTRIBUTE.finditer(around) if dates.looks_dated(match["date"]))
    for match in islice(dated, _MOST_ELEMENTS):
        is_changed = CHANGE_NAMES.search(match["name"]) or label_at(MODIFIED, match["date"]) >= 0
        yield match["date"], "attribute", 0.2 if is_changed else 0.44
    # A component may have its state in an attribute, with the names that it has in scripts.
    for match in islice(_IN_SCRIPT.finditer(around), 1):
        yield match["date"], "attribute", 0.44


def _openings(page: Layout) -> Values:
    """Yields the date that opens the first paragraph, in brackets or before a dash: "Elwick, (9 October 2026). The ferry …"."""
    paragraphs = (block.text for block in page.blocks if len(block.text) > _LONG)
    for text in islice(paragraphs, 1):
        if opening := _OPENING.match(text):
            yield opening[0], "opening", 0.42


def _lines_with_date(page: Layout) -> Values:
    """Yields the dates of any lines on the page: first those that speak of publishing, then short ones."""
    lines = [block.text for block in page.blocks if len(block.text) <= _LONGEST and dates.looks_dated(block.text)]
    publication_lines = [text for text in lines if label_at(PUBLISHED, text) >= 0]
    short_lines = [text for text in lines if len(text) <= _SHORT]
    for text in publication_lines[:_MOST_ELEMENTS]:
        yield publication_part(text), "told anywhere", 0.34
    for text in short_lines[:_MOST_LINES]:
        yield text, "anywhere", 0.1 if label_at(MODIFIED, text) >= 0 else 0.3
