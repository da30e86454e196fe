"""Section pages: links in the navigation of a home page that lead to lists of stories, the busiest first."""

from collections import Counter
from collections.abc import Iterable, Iterator
from urllib.parse import urlsplit

from services.parser.listing import candidates, story_links
from services.parser.listing.addresses import may_be_story
from services.parser.listing.page_parts import PageParts
from services.parser.page.document import Document

_MOST_LINKS = 5_000
_MOST_SECTIONS = 100
_MOST_WORDS = 4
_MOST_FOLDERS = 3


def sections(document: Document) -> list[tuple[str, str]]:
    """Returns the address and the name of each link that may lead to a section page.

    Those come first whose addresses begin the addresses of most stories on the page; then in the order of the page.
    """
    links = candidates.read(document, _MOST_LINKS)
    parts = PageParts(document.layout, ((link.element.box, link.url, link.is_story) for link in links if link.text))
    menu = {
        link.url.rstrip("/"): link.text
        for link in links
        if parts.part(link.element.box) is None and _may_be_section(link, document.url)
    }
    stories = Counter(_folders(link.url for link in links if link.is_story))
    busiest = sorted(menu, key=lambda url: stories[url], reverse=True)
    urls = {link.url.rstrip("/"): link.url for link in links}
    return [(urls[url], menu[url]) for url in busiest[:_MOST_SECTIONS]]


def _may_be_section(link: candidates.Candidate, home_page: str) -> bool:
    """Returns whether a link has a short text and leads to a folder of the same host."""
    parts = urlsplit(link.url)
    return (
        bool(link.text)
        and not link.is_story
        and story_links.word_count(link.text) <= _MOST_WORDS
        and not story_links.is_menu_text(link.text)
        and parts.netloc == urlsplit(home_page).netloc
        and 0 < len([folder for folder in parts.path.split("/") if folder]) <= _MOST_FOLDERS
        and may_be_story(link.url, home_page)
    )


def _folders(urls: Iterable[str]) -> Iterator[str]:
    """Yields the addresses of the folders that a story is in."""
    for url in set(urls):
        address = url.split("#", maxsplit=1)[0].split("?", maxsplit=1)[0].rstrip("/")
        while address.count("/") > 3:
            address = address.rsplit("/", maxsplit=1)[0]
            yield address
