"""Pages that only lead on: a meta refresh (HTML standard, §4.2.5.3) and hardly any text."""

import re
from html import unescape

from services.fetcher.answer.markup import is_interstitial_sized, pieces
from shared.urls import MAX_LENGTH, join

# News pages refresh themselves every few minutes; those are pages.
LONGEST_REFRESH_SECONDS = 5
# A meta refresh stands in the head, which is looked for in so many bytes.
HEAD_BYTES = 8_192
HTML_TYPES = (None, "text/html", "application/xhtml+xml")

_META_TAG = re.compile(rb"<meta\b", re.IGNORECASE)
_REFRESH_ATTRIBUTE = re.compile(rb"""http-equiv\s*=\s*(?:["']\s*)?refresh\b""", re.IGNORECASE)
_CONTENT_ATTRIBUTE = re.compile(rb"""\bcontent\s*=\s*(?:"([^"]*)"|'([^']*)'|([^\s>]+))""", re.IGNORECASE)
_REFRESH_VALUE = re.compile(
    r"""(\d{1,3})(?:\.\d*)?\s*[;,]\s*(?:url\s*=\s*)?(?:["']\s*)?([^"'\s][^"']*)""", re.IGNORECASE
)


def refresh_target(content: bytes, media_type: str | None, url: str) -> str | None:
    """Returns where an HTML page leads that only leads on, within LONGEST_REFRESH_SECONDS; None for any other page.

    Args:
        content: the page.
        media_type: as its server declared it, without parameters.
        url: the page's own; a target is resolved against it.
    """
    head = content[:HEAD_BYTES]
    if media_type not in HTML_TYPES or b"refresh" not in head.lower():
        return None
    for tag in (piece.content for piece in pieces(head) if piece.is_tag and _META_TAG.match(piece.content)):
        link = _refresh_link(tag)
        if link is not None and is_interstitial_sized(content):
            target = join(url, link)
            return target if target != url else None
    return None


def _refresh_link(tag: bytes) -> str | None:
    """The link of a <meta> tag that refreshes soon."""
    attribute = _CONTENT_ATTRIBUTE.search(tag) if _REFRESH_ATTRIBUTE.search(tag) else None
    if attribute is None:
        return None
    raw = next(group for group in attribute.groups() if group is not None)
    # Longer than a URL can be it is none, and a character reference of thousands of digits makes unescape() raise.
    refresh = _REFRESH_VALUE.match(unescape(raw[:MAX_LENGTH].decode("utf-8", "replace")).strip())
    return refresh[2].strip() if refresh and int(refresh[1]) <= LONGEST_REFRESH_SECONDS else None
