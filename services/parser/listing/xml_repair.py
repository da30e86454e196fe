"""XML as people's programs write it, made well-formed: raw `&` and `<`, entities of HTML, elements that are not closed."""

import re
from collections import Counter
from collections.abc import Iterator
from html import escape, unescape
from html.entities import html5
from typing import NamedTuple

_REFERENCE = re.compile(r"&#(?:[xX]([0-9a-fA-F]+)|([0-9]+));?")
# What HTML puts in their place (HTML Living Standard §13.2.5.80).
_REPLACEMENT = "\ufffd"
_MOST_DIGITS = 12
# Unicode has control characters there, which no text holds.
_WINDOWS_1252 = range(0x80, 0xA0)

# A reference of XML, or of HTML with its semicolon: in an address, "&copy=2" is a parameter.
_AMPERSAND = re.compile(r"&(?:(amp|lt|gt|quot|apos|#[0-9]+|#x[0-9a-fA-F]+);|([A-Za-z][A-Za-z0-9]{1,31};))?")
# Neither a tag nor one of its values holds a "<", so a search ends at the next one. Quantifiers never give back.
_ATTRIBUTE = r"""\s++[\w:.-]++\s*+=\s*+(?:"[^"<]*+"|'[^'<]*+')"""
_MARKUP = re.compile(
    rf"<!\[CDATA\[|<!--|<(?P<end>/)?(?P<name>[^\W\d][\w:.-]*+)(?P<attributes>(?:{_ATTRIBUTE})*+)\s*+(?P<empty>/)?>|<"
)
# A tag ends before the next one begins, since no value of an attribute holds a "<".
_NO_TAG = re.compile(r"<(?!/?[^\W\d][^<>]*>)")
_CLOSINGS = {"<![CDATA[": "]]>", "<!--": "-->"}


class _Piece(NamedTuple):
    """A piece of markup or text; `name` is that of a start or end tag."""

    text: str
    name: str = ""
    is_end: bool = False


def replace_impossible(xml: str) -> str:
    """Returns XML in which each reference to what is no character (XML 1.0 §2.2), such as `&#xD800;`, stands as U+FFFD.

    A number of windows-1252, such as that of the apostrophe `&#146;`, stands as the character that is meant, as in HTML.
    """
    return _REFERENCE.sub(_possible, xml)


def repaired(xml: str) -> str:
    """Returns one element as well-formed XML, as far as that can be: what is no markup becomes text.

    An element that is not closed becomes text too, but for the first one, which is closed. Text and markup that are
    right stay as they are.
    """
    pieces = list(_pieces(xml))
    partners = _partners(pieces)
    first = next((place for place, piece in enumerate(pieces) if piece.name), None)
    repaired_pieces = []
    for place, piece in enumerate(pieces):
        is_stray = piece.name and place not in partners and place != first
        repaired_pieces.append(("" if piece.is_end else escape(piece.text, quote=False)) if is_stray else piece.text)
    if first is not None and first not in partners:
        repaired_pieces.append(f"</{pieces[first].name}>")
    return "".join(repaired_pieces)


def escaped(xml: str) -> str:
    """Returns an element with what begins no reference and no tag escaped, and the entities of HTML.

    One with a section, a comment or an instruction stays as it is, because in these nothing is to be escaped.
    """
    return xml if "<!" in xml or "<?" in xml else _NO_TAG.sub("&lt;", _escaped_text(xml))


def _possible(match: re.Match[str]) -> str:
    digits, base = (match[1], 16) if match[1] else (match[2], 10)
    if len(digits) > _MOST_DIGITS:
        return _REPLACEMENT
    code = int(digits, base)
    if code in _WINDOWS_1252:
        return unescape(f"&#{code};")
    is_character = (
        code in (0x9, 0xA, 0xD) or 0x20 <= code < 0xD800 or 0xE000 <= code < 0xFFFE or 0x10000 <= code < 0x110000
    )
    return match[0] if is_character else _REPLACEMENT


def _pieces(xml: str) -> Iterator[_Piece]:
    """Yields text with its ampersands escaped, CDATA sections, and tags; comments are left out."""
    place = 0
    while match := _MARKUP.search(xml, place):
        if match.start() > place:
            yield _Piece(_escaped_text(xml[place : match.start()]))
        place = match.end()
        if closing := _CLOSINGS.get(match[0]):
            end = xml.find(closing, place)
            if end < 0 and closing == "]]>":
                # A section that is never closed would hide all elements after it.
                continue
            section_end = end if end >= 0 else len(xml)
            if closing == "]]>":
                yield _Piece(escape(xml[place:section_end], quote=False))
            place = min(section_end + len(closing), len(xml))
        elif match["name"]:
            yield _tag(match)
        else:
            yield _Piece("&lt;")
    if place < len(xml):
        yield _Piece(_escaped_text(xml[place:]))


def _tag(match: re.Match[str]) -> _Piece:
    if match["empty"] or not match["name"]:
        return _Piece(_escaped_text(match[0]))
    return _Piece(_escaped_text(match[0]), match["name"], bool(match["end"]))


def _partners(pieces: list[_Piece]) -> set[int]:
    """Returns the places of the start and end tags that belong to each other."""
    open_places: list[int] = []
    open_names: Counter[str] = Counter()
    partners: set[int] = set()
    for place, piece in enumerate(pieces):
        if not piece.name:
            continue
        if not piece.is_end:
            open_places.append(place)
            open_names[piece.name] += 1
        elif open_names[piece.name]:
            while pieces[start := open_places.pop()].name != piece.name:
                open_names[pieces[start].name] -= 1
            open_names[piece.name] -= 1
            partners |= {start, place}
    return partners


def _reference(match: re.Match[str]) -> str:
    if match[1]:
        return match[0]
    if character := html5.get(match[2] or ""):
        return escape(character)
    return "&amp;" + match[0][1:]


def _escaped_text(text: str) -> str:
    # XML 1.0 §2.4 allows the end of a section nowhere else.
    return _AMPERSAND.sub(_reference, text.replace("]]>", "]]&gt;"))
