"""Character references of XML that name no character, such as `&#xD800;`: a reader stops at them, or fails later."""

import re

_REFERENCE = re.compile(r"&#(?:[xX]([0-9a-fA-F]+)|([0-9]+));?")
# What HTML puts in their place (HTML Living Standard §13.2.5.84).
_REPLACEMENT = "\ufffd"
_MOST_DIGITS = 12


def replace_impossible(xml: str) -> str:
    """Returns XML in which each reference to what is no character (XML 1.0 §2.2) stands as U+FFFD."""
    return _REFERENCE.sub(_possible, xml)


def _possible(match: re.Match[str]) -> str:
    digits, base = (match[1], 16) if match[1] else (match[2], 10)
    if len(digits) > _MOST_DIGITS:
        return _REPLACEMENT
    code = int(digits, base)
    is_character = (
        code in (0x9, 0xA, 0xD) or 0x20 <= code < 0xD800 or 0xE000 <= code < 0xFFFE or 0x10000 <= code < 0x110000
    )
    return match[0] if is_character else _REPLACEMENT
