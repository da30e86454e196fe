"""The text of a heading, whose parts are often set apart by style alone: `<h1><span>Elwick</span><span>Ferry returns`."""

import re
from collections.abc import Iterator
from html import unescape
from itertools import islice

from selectolax.lexbor import LexborNode

from services.parser.page.elements import BLOCKS, UNREAD, comparison_key, text_of
from services.parser.page.hidden import is_hidden
from services.parser.page.layout import Layout

_DEEPEST = 20
KICKER_CLASS = re.compile(
    r"kicker|eyebrow|overline|topline|roofline|dachzeile|oberzeile|spitzmarke|antetitulo|cintillo|volanta|chapeu|occhiello|surtitre|"
    r"pretitle|overtitle|catch-?(?:line|title)|(?:over|super|pre)-?head|(?:^|\s)(?:h\d-?|is-)?small(?:$|\s)|su[pr]title|supertitle|subtitle|subline|prefix|rubri[ck]|category|flag|label|topic",
    re.IGNORECASE,
)
_LEAST = 2
# Zero-width space, word joiner, byte order mark and soft hyphen, which only tell a browser where it may break a line.
_INVISIBLE = re.compile("[\u200b\u2060\ufeff\u00ad]")
# What was escaped twice.
_ENTITY = re.compile(r"&(?:#\d{2,6}|#x[0-9a-f]{2,6}|[a-z]{2,8});", re.IGNORECASE)
# Headings nest, and each is read: of each no more than this.
_MOST_PARTS, _LONGEST_PART = 1_000, 5_000


def heading_text(node: LexborNode) -> str:
    """Returns a heading's text on one line: without hidden words, and with spaces between parts that are set apart."""
    text = " ".join(_INVISIBLE.sub("", "".join(_pieces(node, 0))).split())
    return _ENTITY.sub(lambda entity: unescape(entity[0]), text) if "&" in text else text or text_of(node)


def spaced_text(page: Layout, row: int) -> str:
    """Returns a block's text, with spaces between all of its elements where the block is all of its box."""
    block = page.blocks[row]
    node = page.boxes[block.box].node
    if node is None or block.inline_elements < _LEAST:
        return block.text
    text = " ".join(node.text(separator=" ").split())
    return (
        text if len(text) <= 2 * len(block.text) and comparison_key(text) == comparison_key(block.text) else block.text
    )


def _pieces(node: LexborNode, depth: int) -> Iterator[str]:
    previous, text_before = None, ""
    for child in islice(node.iter(include_text=True), _MOST_PARTS):
        text = _text(child, depth)
        if text and text_before and _are_apart(previous, text_before, child, text):
            yield " "
        yield text
        if text:
            previous, text_before = child, text


def _text(node: LexborNode, depth: int) -> str:
    tag = node.tag or ""
    if tag == "-text":
        return node.text()[:_LONGEST_PART]
    if tag in UNREAD or depth > _DEEPEST:
        return ""
    text = "".join(_pieces(node, depth + 1))
    # A hidden colon divides a kicker from its headline for those who hear the page.
    if is_hidden(node.attributes) and any(map(str.isalnum, text)):
        return ""
    return f" {text} " if tag in BLOCKS else text


def _are_apart(first: LexborNode | None, first_text: str, second: LexborNode, second_text: str) -> bool:
    """Returns whether two parts of a heading that follow each other without a space are two texts.

    They are if both are elements of more than a letter (a letter is an initial), if one is small, marked or a time or has the class
    of a kicker, or if the first ends in a small letter and the second begins with a capital.
    """
    if first is None or min(len(first_text.strip()), len(second_text.strip())) < _LEAST:
        return False
    elements = [node for node in (first, second) if node.tag != "-text"]
    if not second_text[0].isalnum() or not (first_text[-1].isalnum() or (first_text[-1] == ":" and elements)):
        return False
    is_kicker = any(
        node.tag in ("small", "mark", "time") or KICKER_CLASS.search(node.attributes.get("class") or "")
        for node in elements
    )
    return len(elements) == 2 or is_kicker or (first_text[-1].islower() and second_text[0].isupper())
