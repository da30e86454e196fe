"""Where a page shows when its article was published: (text, source, confidence), the likeliest first.

People write the date by the title, most often below it, or by the author's name at the end. A date after "updated" is
another's, and so are those of comments and of other articles, which stand farther away.
"""

import re
from collections.abc import Iterator

from services.parser.article import dates
from services.parser.page.blocks import Layout
from services.parser.page.document import Document
from services.parser.page.elements import attribute, comparison_key, text_of

Said = Iterator[tuple[str | None, str, float]]

_ABOVE, _BELOW = 6, 14
_AFTER_BODY = 4
_LONGEST = 250
_LONG = 150
# Most lines have no date: this tells so at once. \d is of any script.
_MAY_BE_DATE = re.compile(r"\d{4}|\d\s?[./-]\s?\d|\b(?:ago|il y a|vor|hace|há|fa|geleden|منذ|قبل|پیش)\b", re.IGNORECASE)
_PUBLISHED = re.compile(
    r"publi|posted|veröffentlich|erstellt|geschrieben|gepost|online seit|stand:|date:|datum|fecha|creado|pubblicat|escrito|"
    r"gepubliceerd|udgivet|publicerad|yayın|opublikowan|опубликован|نشر|تاريخ|انتشار|掲載|公開|发布|發佈|입력|등록|작성", re.IGNORECASE)  # fmt: skip
_MODIFIED = re.compile(
    r"updat|modifi|edited|revised|reviewed|aktualisiert|geändert|mis à jour|actualizad|aggiornat|bijgewerkt|oppdatert|"
    r"opdateret|uppdaterad|güncelle|zaktualizowan|обновлен|تحديث|آخر تعديل|更新|수정", re.IGNORECASE)  # fmt: skip
# Scripts that hold a page's state name the date as their makers like.
_IN_SCRIPT = re.compile(
    r"[\"'](?:date_?published|published_?(?:at|date|time|on)|publish_?(?:date|time|edAt)|publication_?date|pub_?date|"
    r"first_?published(?:_?(?:at|date))?|date_?publication|article_?date|created_?(?:at|date))\\?[\"']\s*[:,]\s*\\?[\"']"
    r"(?P<date>\d{4}-\d\d-\d\d(?:[T ][\d:.]+(?:Z|[+-]\d\d:?\d\d)?)?)",
    re.IGNORECASE,
)  # fmt: skip
_MARKED = (
    '[itemprop="datePublished"], time[pubdate], .published, .pubdate, .publish-date, .post-date, .entry-date, .article-date, '
    ".date-header, .posted-on, .postdate, .dateline, .article__date, .date, .byline, .meta-date"
)
_MOST_MARKED = 5
_SHORT, _MOST_ANYWHERE = 60, 30


def shown(document: Document, title: str | None) -> Said:
    """What may be the publication date, as the page shows it, less sure than what it declares."""
    yield from _near_title(document.layout, title)
    for node in document.tree.css("time")[:3]:
        yield attribute(node, "datetime") or text_of(node), "time", 0.55
    yield dates.in_url(document.url), "URL", 0.65


def elsewhere(document: Document) -> Said:
    """What may be the date where nothing surer is: in the scripts' data, in what is called a date, in any line."""
    if found := _IN_SCRIPT.search(document.html):
        yield found["date"], "script", 0.62
    for node in document.tree.css(_MARKED)[:_MOST_MARKED]:
        text = attribute(node, "datetime") or attribute(node, "content") or text_of(node)
        if len(text) <= _LONG:
            yield text, "marked as date", 0.2 if _MODIFIED.search(text) else 0.45
    yield from _anywhere(document.layout)


def _anywhere(page: Layout) -> Said:
    """What is nothing but a line with a date, wherever it stands: better than no date, and no better."""
    lines = [block.text for block in page.blocks if len(block.text) <= _LONGEST and _MAY_BE_DATE.search(block.text)]
    told = [text for text in lines if _PUBLISHED.search(text)]
    short = [text for text in lines if len(text) <= _SHORT]
    for text in told[:_MOST_MARKED]:
        yield _dated(text), "told anywhere", 0.34
    for text in short[:_MOST_ANYWHERE]:
        yield text, "anywhere", 0.1 if _MODIFIED.search(text) else 0.3


def _near_title(page: Layout, title: str | None) -> Said:
    """The blocks about the title that hold a date, by how near they stand; the date may follow its word in the next."""
    place = place_of_title(page, title)
    if place is None:
        return
    for row in range(max(0, place - _ABOVE), min(len(page.blocks), place + _BELOW + 1)):
        text = page.blocks[row].text
        if len(text) > _LONGEST or not _MAY_BE_DATE.search(text):
            continue
        away = row - place if row >= place else (place - row) * 1.5
        label = (
            text if _PUBLISHED.search(text) or _MODIFIED.search(text) else f"{page.blocks[row - 1].text[-30:]} {text}"
        )
        yield _dated(text), "near the title", _sure(label, len(text), away)


def _dated(text: str) -> str:
    """The part of a line that holds both dates which tells of the publication."""
    changed = _MODIFIED.search(text)
    if changed and (published := _PUBLISHED.search(text)):
        return text[published.start() :] if published.start() > changed.start() else text[: changed.start()]
    return text[: changed.start()] if changed and any(map(str.isdigit, text[: changed.start()])) else text


def _sure(label: str, size: int, away: float) -> float:
    sure = 0.6 - 0.012 * away - (0.1 if size > _LONG else 0.0)
    if _PUBLISHED.search(label):
        return sure + 0.15
    return sure - 0.3 if _MODIFIED.search(label) else sure


def place_of_title(page: Layout, title: str | None) -> int | None:
    """The block that is the title: of several, a heading, and the last of them, for crumbs and menus stand above."""
    key = comparison_key(title or "")
    likely = (row for row, block in enumerate(page.blocks) if len(key) <= len(block.text) <= 2 * len(key) + 20)
    rows = [row for row in likely if key and comparison_key(page.blocks[row].text) == key]
    headings = [row for row, block in enumerate(page.blocks) if page.boxes[block.box].tag == "h1"]
    both = [row for row in rows if row in headings]
    return next(iter(both or rows or headings), None)
