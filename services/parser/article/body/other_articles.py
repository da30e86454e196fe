"""Other articles on the page of one: pages that go on with the next story as the reader scrolls."""

from itertools import dropwhile

from services.parser.page.boxes import around, rows_in, size
from services.parser.page.elements import attribute, comparison_key
from services.parser.page.layout import HEADINGS, Layout

_SAMPLE = 300
_STORY_TAG = "article"
_ADDRESS_NAMES = ("url", "href", "permalink", "link", "path", "slug")
# The box of a story is among the nearest of its heading.
_NEAR = 12
# A story has at least so many characters.
_LEAST = 200
# The story with the title is told in full: a card that leads to it is not the story.
_LEAST_OF_TITLE = 400


def rows(page: Layout, title: str) -> frozenset[int]:
    """Returns the rows of the boxes that hold another story than the one with this title, which a heading of the page has.

    Such a box is beside the title's own box and like it: of the same tag and class, with a heading of its own; and it is an
    `article`, has an address among its attributes, or its heading is a link. Of another class it has an address and a
    heading of the first rank. Behind a title in an `article` it is any other
    `article` with a heading of the first rank, or with one that is a link.
    """
    titles = _rows_of(page, title)
    if not titles:
        return frozenset()
    return _like_own(page, titles) | _articles_behind(page, titles)


def _articles_behind(page: Layout, titles: list[int]) -> set[int]:
    """Returns the rows of other `article` elements behind the one that the title stands in."""
    own = _article_around(page, titles[0])
    if not own or _size_around(page, titles[0], own) < _LEAST_OF_TITLE:
        return set()
    behind = rows_in(page, titles[0], own, len(page.blocks))[-1] + 1
    foreign_rows, own_rows = set[int](), frozenset(titles)
    for row in range(behind, len(page.blocks)):
        block, tag = page.blocks[row], page.boxes[page.blocks[row].box].tag
        is_title = tag == "h1" or (tag == "h2" and block.link_chars >= len(block.text))
        if row in foreign_rows or row in own_rows or not is_title or not (story := _article_around(page, row)):
            continue
        if _size_around(page, row, story) >= _LEAST:
            foreign_rows |= {*rows_in(page, row, story, len(page.blocks))}
    return foreign_rows


def _article_around(page: Layout, row: int) -> int:
    """Returns the nearest `article` around a row; 0 if there is none."""
    return next((box for box in around(page, row) if page.boxes[box].tag == _STORY_TAG), 0)


def _like_own(page: Layout, titles: list[int]) -> frozenset[int]:
    # The boxes around one that is large enough are large enough too.
    own_boxes = dropwhile(
        lambda box: _size_around(page, titles[0], box) < _LEAST_OF_TITLE, around(page, titles[0], _NEAR)
    )
    siblings = {page.boxes[box].parent: box for box in own_boxes}
    foreign_rows, own_rows = set[int](), frozenset(titles)
    for row in range(len(page.blocks)):
        if row in foreign_rows or row in own_rows or page.boxes[page.blocks[row].box].tag not in ("h1", "h2"):
            continue
        story = next((box for box in around(page, row, _NEAR) if page.boxes[box].parent in siblings), 0)
        own = siblings.get(page.boxes[story].parent, 0)
        if story and own and story != own and _is_story(page, row, story, own):
            foreign_rows |= {*rows_in(page, row, story, len(page.blocks))}
    return frozenset(foreign_rows)


def _rows_of(page: Layout, title: str) -> list[int]:
    key = comparison_key(title[:_SAMPLE])
    headings = (row for row, block in enumerate(page.blocks) if page.boxes[block.box].tag in HEADINGS)
    return [row for row in headings if key and comparison_key(page.blocks[row].text[:_SAMPLE]) == key]


def _is_story(page: Layout, heading: int, story: int, own: int) -> bool:
    """Returns whether the box of a heading is another story, as its likeness to the title's own box says."""
    block = page.blocks[heading]
    if page.boxes[story].signature != page.boxes[own].signature:
        is_titled = page.boxes[block.box].tag == "h1" and _has_address(page, story)
        return is_titled and _size_around(page, heading, story) >= _LEAST
    is_article = _STORY_TAG in {page.boxes[box].tag for box in around(page, heading, _NEAR) if box >= story}
    is_declared = is_article or block.link_chars >= len(block.text) or _has_address(page, story)
    return is_declared and _size_around(page, heading, story) >= _LEAST


def _size_around(page: Layout, row: int, box: int) -> int:
    """Returns how many characters a box has, in which a row stands."""
    return size(page, rows_in(page, row, box, len(page.blocks)))


def _has_address(page: Layout, box: int) -> bool:
    node = page.boxes[box].node
    return any(attribute(node, f"data-{name}") for name in _ADDRESS_NAMES)
