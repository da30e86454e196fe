"""The body of an article, as paragraphs. What finds it stays behind `paragraphs`."""

import logging
from collections.abc import Iterable, Iterator

import trafilatura
from lxml.etree import LxmlError

from services.parser.markup import attribute, clean, lines, words
from services.parser.metadata import Document
from services.parser.rules import Rules, is_furniture, is_origin
from shared.contracts import Reason
from shared.errors import Drop

# What a library makes of HTML that nobody has seen before. Anything else is our own mistake.
FAILURES = (
    ValueError, TypeError, AttributeError, KeyError, IndexError, AssertionError, RecursionError, OverflowError, LxmlError,
)  # fmt: skip

# It reports every page without a body; that is for us to say.
logging.getLogger("trafilatura").setLevel(logging.CRITICAL)


def paragraphs(document: Document, rules: Rules, title: str) -> tuple[str, ...]:
    """The paragraphs of the article in order, without its title and the page's own functions.

    Raises:
        Drop: nothing can be made of the page.
    """
    selected = next((node for selector in rules.body for node in document.tree.css(selector)), None)
    found = list(lines(selected)) if selected is not None else _extracted(document)
    return tuple(_without_furniture(found, title))


def origin(document: Document) -> str | None:
    """Where the link to the article's original leads, on a page that republishes."""
    links = (node for node in document.tree.css("a[href]") if is_origin(words(node)))
    return next((url for node in links if (url := document.link(attribute(node, "href")))), None)


def _extracted(document: Document) -> list[str]:
    try:
        text = trafilatura.extract(document.html, url=document.url, include_comments=False, include_tables=False)
    except FAILURES as error:
        raise Drop(Reason.UNREADABLE, f"{type(error).__name__}: {error}") from None
    return [clean(line.removeprefix("- ")) for line in (text or "").splitlines()]


def _without_furniture(lines: Iterable[str], title: str) -> Iterator[str]:
    own = title.casefold()
    for line in lines:
        if line and line.casefold() != own and not is_furniture(line) and not is_origin(line):
            yield line
