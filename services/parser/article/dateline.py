"""The dates that a page shows as text.

The publication date is usually next to the title, most often below it, or next to the author's name at the end. A date
after "updated" is that of a change; dates of comments and of other articles are farther from the title.
"""

import re

from services.parser.article import dates
from services.parser.article.evidence import Values
from services.parser.page.blocks import Layout
from services.parser.page.document import Document
from services.parser.page.elements import attribute, comparison_key, text_of

_ABOVE, _BELOW = 6, 14
_LONGEST = 250
_LONG = 150
# Most lines hold no date, and this pattern excludes them quickly. \d matches the digits of any script.
_MAY_BE_DATE = re.compile(r"\d{4}|\d\s?[./-]\s?\d|\b(?:ago|il y a|vor|hace|há|fa|geleden|منذ|قبل|پیش)\b", re.IGNORECASE)
_PUBLISHED = re.compile(
    r"publi|posted|veröffentlich|erstellt|geschrieben|gepost|online seit|stand:|date:|datum|fecha|creado|pubblicat|escrito|"
    r"gepubliceerd|udgivet|publicerad|yayın|opublikowan|опубликован|نشر|تاريخ|انتشار|掲載|公開|发布|發佈|입력|등록|작성", re.IGNORECASE)  # fmt: skip
_MODIFIED = re.compile(
    r"updat|modifi|edited|revised|reviewed|aktualisiert|geändert|mis à jour|actualizad|aggiornat|bijgewerkt|oppdatert|"
    r"opdateret|uppdaterad|güncelle|zaktualizowan|обновлен|تحديث|آخر تعديل|更新|수정", re.IGNORECASE)  # fmt: skip
# The names of the publication date in scripts that hold a page's state.
_IN_SCRIPT = re.compile(
    r"[\"'](?:date_?published|published_?(?:at|date|time|on)|publish_?(?:date|time|edAt)|publication_?date|pub_?date|"
    r"first_?published(?:_?(?:at|date))?|date_?publication|article_?date|created_?(?:at|date))\\?[\"']\s*[:,]\s*\\?[\"']"
    r"(?P<date>\d{4}-\d\d-\d\d(?:[T ][\d:.]+(?:Z|[+-]\d\d:?\d\d)?)?)",
    re.IGNORECASE,
)  # fmt: skip
_DATE_ELEMENTS = (
    '[itemprop="datePublished"], time[pubdate], .published, .pubdate, .publish-date, .post-date, .entry-date, .article-date, '
    ".date-header, .posted-on, .postdate, .dateline, .article__date, .date, .byline, .meta-date"
)
_MOST_ELEMENTS = 5
_SHORT, _MOST_LINES = 60, 30


def visible_dates(document: Document, title: str | None) -> Values:
    """Yields the dates next to the title, in `time` elements and in the URL."""
    yield from _near_title(document.layout, title)
    for node in document.tree.css("time")[:3]:
        yield attribute(node, "datetime") or text_of(node), "time", 0.55
    yield dates.in_url(document.url), "URL", 0.65


def fallback_dates(document: Document) -> Values:
    """Yields less reliable dates: in the data of scripts, in elements with the class of a date, in any line."""
    if match := _IN_SCRIPT.search(document.html):
        yield match["date"], "script", 0.62
    for node in document.tree.css(_DATE_ELEMENTS)[:_MOST_ELEMENTS]:
        text = attribute(node, "datetime") or attribute(node, "content") or text_of(node)
        if len(text) <= _LONG:
            yield text, "marked as date", 0.2 if _MODIFIED.search(text) else 0.45
    yield from _lines_with_date(document.layout)


def _lines_with_date(page: Layout) -> Values:
    """Yields the dates of any lines on the page: first those that speak of publishing, then short ones."""
    lines = [block.text for block in page.blocks if len(block.text) <= _LONGEST and _MAY_BE_DATE.search(block.text)]
    publication_lines = [text for text in lines if _PUBLISHED.search(text)]
    short_lines = [text for text in lines if len(text) <= _SHORT]
    for text in publication_lines[:_MOST_ELEMENTS]:
        yield _publication_part(text), "told anywhere", 0.34
    for text in short_lines[:_MOST_LINES]:
        yield text, "anywhere", 0.1 if _MODIFIED.search(text) else 0.3


def _near_title(page: Layout, title: str | None) -> Values:
    """Yields the dates of blocks around the title; "Published:" may be in the block before the date."""
    title_at = title_row(page, title)
    if title_at is None:
        return
    for row in range(max(0, title_at - _ABOVE), min(len(page.blocks), title_at + _BELOW + 1)):
        text = page.blocks[row].text
        if len(text) > _LONGEST or not _MAY_BE_DATE.search(text):
            continue
        distance = row - title_at if row >= title_at else (title_at - row) * 1.5
        label = (
            text if _PUBLISHED.search(text) or _MODIFIED.search(text) else f"{page.blocks[row - 1].text[-30:]} {text}"
        )
        yield _publication_part(text), "near the title", _confidence(label, len(text), distance)


def _publication_part(text: str) -> str:
    """Returns the part of a line about the publication, if the line also has the date of a change."""
    change = _MODIFIED.search(text)
    if change is None:
        return text
    before_change = text[: change.start()]
    if publication := _PUBLISHED.search(text):
        return text[publication.start() :] if publication.start() > change.start() else before_change
    return before_change if any(map(str.isdigit, before_change)) else text


def _confidence(label: str, size: int, distance: float) -> float:
    confidence = 0.6 - 0.012 * distance - (0.1 if size > _LONG else 0.0)
    if _PUBLISHED.search(label):
        return confidence + 0.15
    return confidence - 0.3 if _MODIFIED.search(label) else confidence


def title_row(page: Layout, title: str | None) -> int | None:
    """Returns the index of the block that is the title, a heading rather than other text; None if there is none."""
    key = comparison_key(title or "")
    similar_size = (row for row, block in enumerate(page.blocks) if len(key) <= len(block.text) <= 2 * len(key) + 20)
    rows = [row for row in similar_size if key and comparison_key(page.blocks[row].text) == key]
    headings = [row for row, block in enumerate(page.blocks) if page.boxes[block.box].tag == "h1"]
    title_headings = [row for row in rows if row in headings]
    return next(iter(title_headings or rows or headings), None)
