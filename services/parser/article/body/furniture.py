"""Lines and boxes between an article's paragraphs that are the page's: labels of adverts, references, appeals for money."""

import re
from collections.abc import Iterator
from functools import cache, lru_cache
from importlib.resources import files

import yaml

from services.parser.page.elements import comparison_key
from services.parser.page.layout import Block, Layout

# Longer lines are text, however they begin.
_LONGEST_LABEL, _LONGEST_REFERENCE, _LONGEST_EDITORS = 100, 250, 60
_MOSTLY_LINK, _PARTLY_LINK = 0.7, 0.4
_SAMPLE, _LONGEST_SIGNATURE = 60, 300
_ARROW = re.compile(r"^\s*(?:>>+|»+|→|▶|►|➤|➡|👉|⇒|>)\s*")
_INTRODUCES = re.compile(r"[:：|>»–—-]")
_ASKS = re.compile(
    r"(?:^|[^a-z])(?:support(?:-?us)?|donat\w*|fundrais\w*|membership|crowdfunding|patreon|spenden?|soutien|apoya\w*|doacao)(?:$|[^a-z])"
)
# A box with more blocks or characters is not set apart from the text.
_MOST_BLOCKS, _LONGEST_BOX = 5, 700
_PAGE_TAGS = frozenset({"article", "main", "body"})


def is_label(line: str) -> bool:
    """Returns whether a line labels an advert or references, names editors or rights, or is data of a script."""
    if len(line) > _LONGEST_LABEL:
        return line.startswith(('{"', '[{"'))
    key = comparison_key(line)
    if key in _keys("adverts") or key in _keys("references"):
        return True
    return len(line) <= _LONGEST_EDITORS and key.startswith(_beginnings("editors"))


def is_reference(block: Block) -> bool:
    """Returns whether a block refers to another story: "Read also: Ferry fares to rise", ">> Ferry fares to rise"."""
    size = len(block.text)
    if size > _LONGEST_REFERENCE:
        return False
    if block.link_chars >= _MOSTLY_LINK * size and _ARROW.match(block.text):
        return True
    if not begins_reference(block.text):
        return False
    is_introduced = _INTRODUCES.search(block.text[:_SAMPLE]) is not None
    return block.link_chars >= (_PARTLY_LINK if is_introduced else _MOSTLY_LINK) * size and block.link_chars > 0


def begins_reference(text: str) -> bool:
    """Returns whether a text begins as one that leads to other stories: "Read also"."""
    return comparison_key(text[:_SAMPLE]).startswith(_beginnings("references"))


def appeal_rows(page: Layout) -> frozenset[int]:
    """Returns the rows of the blocks in small boxes that ask for money, an address or an account."""
    rows: set[int] = set()
    for row, block in enumerate(page.blocks):
        is_appeal = (
            block.link_chars > 0 and len(block.text) <= _SAMPLE and comparison_key(block.text) in _keys("appeals")
        )
        for box in (block.box, page.boxes[block.box].parent):
            if is_appeal or _asks(page.boxes[box].signature):
                rows.update(_small_box(page, row, box))
    return frozenset(rows)


def _small_box(page: Layout, row: int, box: int) -> list[int]:
    """Returns the rows of the box around a row; none if it is too large, or the article's."""
    if page.boxes[box].tag in _PAGE_TAGS or not box:
        return []
    rows = [
        row,
        *_rows_inside(page, range(row - 1, -1, -1), box),
        *_rows_inside(page, range(row + 1, len(page.blocks)), box),
    ]
    size = sum(len(page.blocks[row].text) for row in rows)
    return rows if len(rows) <= _MOST_BLOCKS and size <= _LONGEST_BOX else []


def _rows_inside(page: Layout, rows: range, box: int) -> Iterator[int]:
    for row in rows[: _MOST_BLOCKS + 1]:
        inner = page.blocks[row].box
        while inner > box:
            inner = page.boxes[inner].parent
        if inner != box:
            return
        yield row


@lru_cache(maxsize=20_000)
def _asks(signature: str) -> bool:
    return _ASKS.search(signature[:_LONGEST_SIGNATURE].lower()) is not None


@cache
def _beginnings(kind: str) -> tuple[str, ...]:
    return tuple(_keys(kind))


@cache
def _keys(kind: str) -> frozenset[str]:
    """Returns the keys of the phrases of a kind, in all languages: pages mix them."""
    content = yaml.safe_load((files(__package__) / "furniture_words.yaml").read_text(encoding="utf-8"))
    return frozenset(comparison_key(phrase) for phrases in content[kind].values() for phrase in phrases) - {""}
