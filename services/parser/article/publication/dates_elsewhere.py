"""The less reliable dates of a page: in the data of its scripts, in attributes, in any line."""

import re
from collections.abc import Iterator
from itertools import chain, islice

from services.parser.article import dates
from services.parser.article.evidence import Values
from services.parser.article.publication.date_labels import (
    CHANGE_NAMES,
    MODIFIED,
    PUBLISHED,
    is_other,
    label_at,
    publication_part,
)
from services.parser.article.publication.dateline import is_change
from services.parser.page.document import Document
from services.parser.page.elements import attribute, text_of
from services.parser.page.layout import Layout

_VALUES_IN_SCRIPT = (
    r"\\?[\"']\s*[:,]\s*\\?[\"']?(?P<date>\d{4}-\d\d-\d\d(?:[T ][\d:.]+(?:Z|[+-]\d\d:?\d\d)?)?|\d{4}[./]\d\d[./]\d\d(?: \d\d:\d\d(?::\d\d)?)?|"
    r"\d\d\.\d\d\.\d{4}(?:,? \d\d:\d\d(?::\d\d)?)?|20\d{6}(?:T?\d{4}(?:\d\d)?)?(?=\\?[\"'])|"
    r"[A-Z][a-z]{2}, \d{1,2} [A-Z][a-z]{2} \d{4} \d\d:\d\d:\d\d (?:GMT|[+-]\d{4})|\d{1,2}\.? [^\W\d]{3,12} \d{4}(?=\\?[\"'])|1\d{9}(?:\d{3})?(?!\d))"
)
# The names of the publication date in scripts that hold a page's state or what is sent to counters: "cmsPublishDate". A pattern that
# begins with several plain letters is sought much faster than any other.
_PUBLISHED_IN_SCRIPT = re.compile(
    r"ubli(?:shed|shing|sh|cation)(?<![Uu]n[Pp]ublish)(?<![Rr]e[Pp]ublish)(?<!ast[Pp]ublished)(?<!ast_published)(?<!ast_publish)"
    rf"(?:[_ -]?(?:[Dd]ate(?:[_-]?[Tt]ime|GMT|UTC|_gmt|_utc)?|[Tt]ime|[Dd]t|[Aa]t|[Oo]n|[Ff]irst))?{_VALUES_IN_SCRIPT}"
)
_IN_SCRIPT = re.compile(
    r"[\"'](?:(?:pub|article|post|posted|page_?post|display|issue|online|live|deploy|reg|svc|service|input)_?(?:date|dt|time)|posted_?(?:at|on)|created_?(?:at|date)|"
    r"ver(?:ö|\\u00f6|oe)ffentlichungsdatum|fecha_?(?:de_?)?publicaci[oó]n|data_?(?:di_?|de_?)?pub(?:b?licazione|licacao))"
    rf"{_VALUES_IN_SCRIPT}",
    re.IGNORECASE,
)
# A pattern that begins with one character is sought much faster than one that begins with any of two.
_MONTH_AND_DAY = re.compile(r"-\d\d-\d\d")
_OTHER_NAMES = ('Dt"', "ubb", "ublicaci", "entlichung", "ostDate")
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
_OPENING = re.compile(r"[^()|–—·•]{0,40}?(?:\([^()]{6,30}\)|[|–—·•]|\s-\s|(?<=\d{4})[.:])")
_CLOSING = re.compile(r"\(([^()]{6,40})\)\.?$")
_MOST_IN_SCRIPTS, _MOST_ELEMENTS, _MOST_LINES, _MOST_OPENINGS = 3, 5, 30, 3
_SHORT, _LONG, _LONGEST = 60, 150, 250


def fallback_dates(document: Document) -> Values:
    """Yields less reliable dates: in the data of scripts, in elements with the class of a date, in any line."""
    in_scripts = list(islice(_in_scripts(document), _MOST_IN_SCRIPTS))
    for text in in_scripts[:1]:
        yield text, "script", 0.62 if len({date[:10] for date in in_scripts}) == 1 else 0.5
    yield from _marked(document)
    yield from _in_attributes(document.html)
    yield from _openings(document.layout)
    yield from _in_descriptions(document)
    yield from _lines_with_date(document.layout)


def _in_scripts(document: Document) -> Iterator[str]:
    """Yields the dates that scripts name as the publication's."""
    for text in (script.text() for script in document.elements("script")):
        yield from (match["date"] for match in _PUBLISHED_IN_SCRIPT.finditer(text))
        if _MONTH_AND_DAY.search(text) or any(name in text for name in _OTHER_NAMES):
            yield from (match["date"] for match in _IN_SCRIPT.finditer(text))


def _marked(document: Document) -> Values:
    """Yields the dates in elements with the class of a date; an age, "3 days ago", is less exact than an attribute."""
    for node in document.tree.css(_DATE_ELEMENTS)[:_MOST_ELEMENTS]:
        for text in (*(attribute(node, name) for name in _DATE_ATTRIBUTES), text_of(node)):
            if 0 < len(text) <= _LONG:
                is_changed = is_change(node) or label_at(MODIFIED, text) >= 0
                # An age that is not at the title is another story's, or a comment's.
                confidence = 0.2 if is_changed else 0.45 if dates.looks_dated(text) else 0.27
                yield text, "marked as date", confidence


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
    states = chain(_PUBLISHED_IN_SCRIPT.finditer(around), _IN_SCRIPT.finditer(around))
    for match in islice(states, 1):
        yield match["date"], "attribute", 0.44


def _openings(page: Layout) -> Values:
    """Yields the dates that open the first paragraphs, in brackets or before a dash: "Elwick, (9 October 2026). The ferry …"."""
    paragraphs = (block.text for block in page.blocks if len(block.text) > _LONG)
    for text in islice(paragraphs, _MOST_OPENINGS):
        opening = _OPENING.match(text[:_LONG])
        # "It began on 9 October 2026." is a sentence.
        if opening and not (opening[0].endswith((".", ":")) and dates.text_before(opening[0])):
            yield opening[0], "opening", 0.42


def _in_descriptions(document: Document) -> Values:
    """Yields the date in brackets that closes a description: "The ferry returns (news of 9 October 2026)"."""
    for text, _ in document.meta("description", "og:description"):
        if (closing := _CLOSING.search(text[-_SHORT:])) and not is_other(closing[1]):
            yield closing[1], "description", 0.42


def _lines_with_date(page: Layout) -> Values:
    """Yields the dates of any lines on the page: first those that speak of publishing, then short ones."""
    lines = [
        block.text
        for block in page.blocks
        if len(block.text) <= _LONGEST and dates.looks_dated(block.text) and not is_other(block.text)
    ]
    publication_lines = [text for text in lines if label_at(PUBLISHED, text) >= 0]
    short_lines = [text for text in lines if len(text) <= _SHORT]
    for text in publication_lines[:_MOST_ELEMENTS]:
        yield publication_part(text), "told anywhere", 0.34
    for text in short_lines[:_MOST_LINES]:
        yield text, "anywhere", 0.1 if label_at(MODIFIED, text) >= 0 else 0.3
