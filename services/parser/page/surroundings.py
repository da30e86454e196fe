"""The elements around an element."""

from selectolax.lexbor import LexborNode

from services.parser.page.class_words import in_names
from services.parser.page.elements import attribute

_END = frozenset({"body", "main"})


def is_within(node: LexborNode, bits: int, most_parents: int) -> bool:
    """Returns whether an element around an element has one of these words in its class or id.

    Args:
        node: the element.
        bits: the words, of `class_words.BIT`.
        most_parents: so many elements around it are looked at, up to `main`.
    """
    parent = node.parent
    for _ in range(most_parents):
        if parent is None or parent.tag in _END:
            break
        if in_names(f"{attribute(parent, 'class')} {attribute(parent, 'id')}") & bits:
            return True
        parent = parent.parent
    return False
