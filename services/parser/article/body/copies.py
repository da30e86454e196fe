"""Text that a page has twice: its paragraphs printed again, and a block with the whole article in it, for machines or for printing."""

from services.parser.page.boxes import size
from services.parser.page.elements import comparison_key
from services.parser.page.layout import Layout

# Shorter lines may be said again; and a paragraph that comes again is the author's, unless much of the body does.
_LEAST, _MUCH = 100, 0.15
# A longer block is compared with the paragraphs beside it; it is their copy if they are this share of it.
_LEAST_WHOLE, _SHARE = 2_000, 0.5
_LEAST_PART = 60
# Bounds the cost: the longest body seen has 23,622 characters.
_MOST_SEARCHED = 200_000_000


def rows(page: Layout, body: set[int]) -> set[int]:
    """Returns those of the body's rows whose text stands in others of them."""
    texts = {row: page.blocks[row].text for row in sorted(body)}
    first = {text: row for row, text in reversed(texts.items())}
    copies = {row for row, text in texts.items() if len(text) >= _LEAST and first[text] != row}
    if size(page, copies) < _MUCH * size(page, body):
        copies = set()
    return copies | {row for row, text in texts.items() if len(text) >= _LEAST_WHOLE and _is_whole(row, texts)}


def _is_whole(row: int, texts: dict[int, str]) -> bool:
    """Returns whether a row's text is mostly that of other rows, perhaps with the marks of another format."""
    parts = {text for text_row, text in texts.items() if text_row != row and _LEAST_PART <= len(text) < len(texts[row])}
    key = comparison_key(texts[row])
    if len(parts) < 2 or len(parts) * len(key) > _MOST_SEARCHED:
        return False
    return sum(len(part) for part in parts if comparison_key(part) in key) >= _SHARE * len(key)
