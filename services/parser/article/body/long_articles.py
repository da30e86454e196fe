"""The end of long articles: transcripts, guides and live reports of hundreds of paragraphs.

The forest has seen few bodies so long, and the further a block is from the title the less likely it finds it.
"""

from collections import defaultdict

from services.parser.page.boxes import size
from services.parser.page.layout import Layout

# The least number of paragraphs that are surely the article's before those like them are, and their share of the text of all.
_LEAST_ALIKE, _LEAST_SHARE = 60, 0.3
# The likelihood, length and share of links of such a paragraph.
_POSSIBLE, _SHORTEST, _FEW_LINKS = 0.05, 12, 0.1
# Paragraphs are alike whose box, and the two around it, have the same tag and class.
_LEVELS = 3
Place = tuple[int, tuple[str, ...]]


def rows(page: Layout, likelihood: dict[int, float], body: set[int]) -> set[int]:
    """Returns the rows of paragraphs that are like many of the body's, in the same part of the page."""
    if len(body) < _LEAST_ALIKE:
        return set()
    alike: dict[Place, list[int]] = defaultdict(list)
    for row in likelihood:
        if page.blocks[row].link_chars <= _FEW_LINKS * len(page.blocks[row].text):
            alike[_place(page, row)].append(row)
    columns = (column for column in alike.values() if _is_of_article(page, column, body))
    return {row for column in columns for row in column if _is_possible(page, row, likelihood[row])}


def _place(page: Layout, row: int) -> Place:
    """Returns the signatures of the nearest boxes around a row, and the box around these."""
    box, signatures = page.blocks[row].box, []
    for _ in range(_LEVELS):
        signatures.append(page.boxes[box].signature)
        box = page.boxes[box].parent
    return box, tuple(signatures)


def _is_of_article(page: Layout, column: list[int], body: set[int]) -> bool:
    column_rows = body & {*column}
    return len(column_rows) >= _LEAST_ALIKE and size(page, column_rows) >= _LEAST_SHARE * size(page, column)


def _is_possible(page: Layout, row: int, likelihood: float) -> bool:
    return likelihood >= _POSSIBLE and len(page.blocks[row].text) >= _SHORTEST
