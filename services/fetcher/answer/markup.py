"""Tags and text of foreign markup, in one pass.

This runs in the fetcher's own process, where a pattern that takes quadratic time on some input would stop every
download. Each search here begins where the one before it ended, so the cost is linear in the size of the markup.
"""

from collections.abc import Iterator
from typing import NamedTuple

# Elements whose content nobody sees where scripts run.
INVISIBLE = (b"<script", b"<style", b"<noscript")
# What may follow "<" besides a letter: end tags, declarations, processing instructions (HTML standard, §13.2.5.6).
TAG_OPENERS = b"/!?"
# A page of more bytes, or with as many paragraphs and links at its beginning, holds something to read. Its text need
# not be measured, which costs as much as its download.
LARGE_PAGE, BEGINNING, MANY_ELEMENTS = 100_000, 32_768, 60
# Visible text of an interstitial, in bytes.
SHORT_TEXT = 2_000


class Piece(NamedTuple):
    """A tag with its angle brackets, or a run of text."""

    content: bytes
    is_tag: bool


def pieces(markup: bytes) -> Iterator[Piece]:
    """Yields the tags and runs of text of markup in order, without comments and what stands in INVISIBLE elements.

    What is never closed reaches to the end.
    """
    lowered = markup.lower()
    text_start = search_start = 0
    while (start := markup.find(b"<", search_start)) >= 0:
        search_start = start + 1
        if not _opens_tag(markup, start):
            continue
        if start > text_start:
            yield Piece(markup[text_start:start], is_tag=False)
        if not markup.startswith(b"<!--", start):
            yield Piece(markup[start : _after(markup, b">", start)], is_tag=True)
        text_start = search_start = _end(lowered, start)
    if text_start < len(markup):
        yield Piece(markup[text_start:], is_tag=False)


def is_interstitial_sized(content: bytes) -> bool:
    """Whether a page is too small to hold an article: only then can it be a wall or a page that only leads on."""
    if len(content) > LARGE_PAGE:
        return False
    elements = content.count(b"<p", 0, BEGINNING) + content.count(b"<a ", 0, BEGINNING)
    return elements < MANY_ELEMENTS and _shows_little(content)


def _shows_little(markup: bytes) -> bool:
    """Whether a reader would see at most SHORT_TEXT bytes, a run of white space counted as one."""
    visible = 0
    for piece in pieces(markup):
        if not piece.is_tag:
            visible += len(b" ".join(piece.content.split())) + 1
        if visible > SHORT_TEXT:
            return False
    return True


def _opens_tag(markup: bytes, start: int) -> bool:
    following = markup[start + 1 : start + 2]
    return following.isalpha() or following in TAG_OPENERS


def _end(lowered: bytes, start: int) -> int:
    """Where the comment, tag or invisible element that starts at `start` ends."""
    if lowered.startswith(b"<!--", start):
        return _after(lowered, b"-->", start + 4)
    tag_end = _after(lowered, b">", start)
    for element in INVISIBLE:
        if (
            lowered.startswith(element, start)
            and not lowered[start + len(element) : start + len(element) + 1].isalnum()
        ):
            closing = lowered.find(b"</" + element[1:], tag_end)
            return len(lowered) if closing < 0 else closing
    return tag_end


def _after(markup: bytes, mark: bytes, start: int) -> int:
    """The position after the next `mark`, or the end of the markup where there is none."""
    position = markup.find(mark, start)
    return len(markup) if position < 0 else position + len(mark)
