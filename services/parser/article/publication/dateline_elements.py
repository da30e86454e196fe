"""The date of the publication where a line has it and that of a change in elements named after either."""

from services.parser.article import dates
from services.parser.page.elements import text_of
from services.parser.page.layout import Layout

_CHANGE, _PUBLICATION = '[class*="updat" i], [class*="modif" i]', '[class*="publi" i], [class*="created" i]'
_LEAST_ELEMENTS = 2


def published_element(page: Layout, row: int) -> str:
    """Returns the text of the element of a block that is named after the publication and holds a date.

    Args:
        page: its layout.
        row: the index of the block. It has an element named after a change too, or nothing is returned.
    """
    block = page.blocks[row]
    node = page.boxes[block.box].node
    if block.inline_elements < _LEAST_ELEMENTS or node is None:
        return ""
    if (change := node.css_first(_CHANGE)) is None or text_of(change) not in block.text:
        return ""
    published = text_of(node.css_first(_PUBLICATION))
    return published if published in block.text and dates.looks_dated(published) else ""
