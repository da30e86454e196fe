"""What a charset label means, as browsers read it, and encodings that show in the bytes whatever the label says.

Labels are those of the WHATWG encoding standard (https://encoding.spec.whatwg.org/#names-and-labels), which names the
Windows superset of an encoding where pages are written in that. Labels outside the standard are looked up in Python.
"""

import codecs
import re

import webencodings

# What decodes everything that its key does, and what pages labelled so really hold besides.
_SUPERSETS = {
    "gbk": "gb18030",
    "iso8859-8": "cp1255",
    "ascii": "cp1252",
    "iso8859-1": "cp1252",
}
# Of the standard: decodes to nothing, and to private characters.
_UNREADABLE = frozenset({"replacement", "x-user-defined"})
_NO_CHARSETS = frozenset({"idna", "punycode", "undefined", "unicode-escape", "raw-unicode-escape", "utf-7"})
# Labels of a page's own making name a code page all the same: `windows-cp1251`, `ms1250`.
_CODE_PAGE = re.compile(r"\D(125[0-8]|86[26]|874|932|936|949|950)$")
_HEAD = 1_024
# In UTF-16 the other byte of each character of markup is zero; text between it may be of any script.
_ZEROS, _STRAY_ZEROS = 0.25, 0.02


def codec_of(label: str | None) -> str | None:
    """Returns the Python codec for a label; None if the label is unknown."""
    name = (label or "").strip().strip("\"'").strip()
    encoding = webencodings.lookup(name)
    codec = encoding.codec_info.name if encoding else _python_codec(name) or _code_page(name)
    return None if codec is None or codec in _UNREADABLE else _SUPERSETS.get(codec, codec)


def escaped_japanese(body: bytes) -> str | None:
    """Returns the codec of ISO-2022-JP, which is written in the bytes of ASCII and switches by escape sequences."""
    # One byte is sought many times faster than three.
    is_escaped = b"\x1b" in body and (b"\x1b$B" in body or b"\x1b$@" in body)
    return "iso2022_jp" if is_escaped else None


def unmarked_utf16(body: bytes) -> str | None:
    """Returns the codec of UTF-16 without a byte order mark; None for anything else."""
    head = body[:_HEAD]
    even, odd = _zeros(head[::2]), _zeros(head[1::2])
    codec = "utf-16-le" if odd > even else "utf-16-be"
    if max(even, odd) < _ZEROS or min(even, odd) > _STRAY_ZEROS:
        return None
    text = head.decode(codec, errors="replace")
    return codec if all(char.isprintable() or char.isspace() for char in text) else None


def _python_codec(name: str) -> str | None:
    try:
        codec = codecs.lookup(name)
    except (LookupError, ValueError):
        return None
    is_text = getattr(codec, "_is_text_encoding", True)
    return codec.name if is_text and codec.name not in _NO_CHARSETS else None


def _code_page(name: str) -> str | None:
    number = _CODE_PAGE.search(name)
    return f"cp{number[1]}" if number else None


def _zeros(column: bytes) -> float:
    return column.count(0) / max(len(column), 1)
