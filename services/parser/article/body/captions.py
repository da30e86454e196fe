"""Captions in boxes that are no `figure`: text that stands alone with a picture in a box named after pictures."""

import re
from functools import lru_cache
from itertools import takewhile

from services.parser.page.boxes import PAGE_TAGS, around, is_in
from services.parser.page.layout import Layout

# "wp-caption", "picBox", "article-photo", "bild-text"; "photographer" and "Bildung" are subjects.
_PICTURE = re.compile(
    r"caption|figure|(?<![a-z])pic(?:s|ture|ture-?box|-?box)?(?![a-z])|photo(?!graph)|(?<![a-z])foto(?!graf)|image-?(?:box|block|wrap)|(?<![a-z])bild(?!ung)",
    re.IGNORECASE,
)
_LONGEST, _LONGEST_SIGNATURE = 600, 300
# The caption, its own box and the picture's around it.
_NEAR = 4


def rows(page: Layout, body: set[int]) -> set[int]:
    """Returns those of the body's rows that are captions."""
    # Few rows are beside a picture at all.
    beside = {image.row + step for image in page.images for step in (-1, 0, 1)}
    return {row for row in body & beside if len(page.blocks[row].text) <= _LONGEST and _is_caption(page, row)}


def _is_caption(page: Layout, row: int) -> bool:
    boxes = takewhile(lambda box: _is_alone(page, row, box), around(page, row, _NEAR))
    return any(_is_of_picture(page.boxes[box].signature) and _has_picture(page, row, box) for box in boxes)


def _is_alone(page: Layout, row: int, box: int) -> bool:
    """Returns whether a box, which is not the article's, holds no other text than a row."""
    neighbours = (neighbour for neighbour in (row - 1, row + 1) if 0 <= neighbour < len(page.blocks))
    return page.boxes[box].tag not in PAGE_TAGS and not any(is_in(page, neighbour, box) for neighbour in neighbours)


def _has_picture(page: Layout, row: int, box: int) -> bool:
    end = page.boxes[box].end
    return any(box <= image.box < end for image in page.images if abs(image.row - row) <= 1)


@lru_cache(maxsize=20_000)
def _is_of_picture(signature: str) -> bool:
    return _PICTURE.search(signature[:_LONGEST_SIGNATURE]) is not None
