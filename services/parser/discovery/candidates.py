"""Candidates: addresses of a site that may be its feeds, sitemaps and section pages, the likeliest first."""

import re
from collections.abc import Iterable, Iterator, Sequence
from itertools import chain
from urllib.parse import urljoin, urlsplit

from services.parser.discovery import menu
from services.parser.page.document import Document
from services.parser.page.elements import attribute, clean, text_of
from shared.contracts import Clue, Role
from shared.discovery.channels import Candidate, address_key
from shared.errors import BadUrl
from shared.urls import host_of, join_listed

_FEED_TYPES = re.compile(
    r"application/(?:rss|atom|rdf|feed)\+(?:xml|json)|(?:text|application)/(?:xml|rss)\b", re.IGNORECASE
)
# A feed of a page's comments is no news of the site.
_COMMENTS = re.compile(r"comment|kommentar|commentaire", re.IGNORECASE)
_FEED_PATH = re.compile(
    r"(?:^|/)(?:feeds?|rss|atom)(?:\.(?:xml|rss|atom|json|php))?/?$|\.(?:rss|atom|rdf)$|(?:^|/)(?:rss|feeds?)/[^?#]*\.xml$", re.IGNORECASE
)  # fmt: skip
_NEWS = re.compile(r"news|google|actu|nachricht|notici", re.IGNORECASE)
# Of the generators of most sites: WordPress, and what many others write.
USUAL_FEEDS = ("/feed", "/rss.xml")
USUAL_SITEMAP = "/sitemap.xml"
_MOST_LINKS = 5_000
_MOST = 200
# A service looks at so many candidates of a site, so that no host is asked more than ten times for it.
_MOST_FEEDS, _MOST_SITEMAPS, _MOST_SECTIONS = 3, 2, 3
_NAMED = frozenset({Clue.ALTERNATE, Clue.LINK, Clue.ROBOTS})


def read(document: Document, sitemaps: Iterable[str]) -> tuple[Candidate, ...]:
    """Returns the candidates of a site, the likeliest first, without the home page itself.

    An address counts once, with http or https. Usual addresses are tried only where the site names none.

    Args:
        document: its home page.
        sitemaps: the `Sitemap` lines of its robots.txt.
    """
    feeds = unique((*_alternates(document), *_links(document)))
    maps = unique(_robots_sitemaps(document.url, sitemaps))
    usual_feeds = [] if feeds else [_usual(document.url, path, Role.FEED) for path in USUAL_FEEDS]
    usual_maps = [] if maps else [_usual(document.url, USUAL_SITEMAP, Role.SITEMAP)]
    sections = [Candidate(url, Role.SECTION, Clue.MENU, name) for url, name in menu.sections(document)]
    # The first feed and the first sitemap have most of what a site publishes.
    first, later = (*feeds[:1], *maps[:1]), (*feeds[1:], *maps[1:])
    usual = (*usual_feeds[:1], *usual_maps, *sections[:1], *usual_feeds[1:])
    return unique((*first, *later, *usual, *sections[1:]))[:_MOST]


def unique(candidates: Iterable[Candidate]) -> tuple[Candidate, ...]:
    """Returns candidates in their order, each address once; https goes before http."""
    first: dict[str, Candidate] = {}
    for candidate in candidates:
        key = address_key(candidate.url)
        earlier = first.setdefault(key, candidate)
        if candidate.url.startswith("https:") and earlier.url.startswith("http:"):
            first[key] = earlier._replace(url=candidate.url)
    return tuple(first.values())


def _alternates(document: Document) -> Iterator[Candidate]:
    """Yields the feeds of `link rel=alternate`; the HTML Standard (§4.6.6.1) names them so."""
    for node in document.tree.css('link[rel~="alternate"][href]')[:_MOST_LINKS]:
        url, name = document.link(attribute(node, "href")), clean(attribute(node, "title"))
        if url and _FEED_TYPES.match(attribute(node, "type").strip()) and not _COMMENTS.search(url + name):
            yield Candidate(url, Role.FEED, Clue.ALTERNATE, name[:200])


def _links(document: Document) -> Iterator[Candidate]:
    """Yields the links of the page whose addresses are like those of feeds on its site."""
    for node in document.tree.css("a[href]")[:_MOST_LINKS]:
        url = document.link(attribute(node, "href"))
        if (
            url
            and _FEED_PATH.search(urlsplit(url).path[-500:])
            and not _COMMENTS.search(url)
            and same_site(url, document.url)
        ):
            yield Candidate(url, Role.FEED, Clue.LINK, text_of(node)[:200])


def _robots_sitemaps(home_page: str, lines: Iterable[str]) -> list[Candidate]:
    """Returns the sitemaps of robots.txt, those first that are called news."""
    base = urljoin(home_page, "/robots.txt")
    locations = [url for line in lines if (url := join_listed(base, line))]
    news_first = sorted(locations, key=lambda url: not _NEWS.search(urlsplit(url).path))
    return [Candidate(url, Role.SITEMAP, Clue.ROBOTS) for url in news_first]


def _usual(home_page: str, path: str, role: Role) -> Candidate:
    return Candidate(urljoin(home_page, path), role, Clue.USUAL_ADDRESS)


def same_site(url: str, home_page: str) -> bool:
    """Returns whether an address is on the host of a home page, or on a host beside or below it."""
    try:
        host, home = host_of(url).removeprefix("www."), host_of(home_page).removeprefix("www.")
    except BadUrl:
        return False
    return host == home or host.endswith(f".{home}") or home.endswith(f".{host}")


def probes(candidates: Sequence[Candidate]) -> tuple[Candidate, ...]:
    """Returns the candidates to look at where nothing is known of the others' ends: the first of those that a site names.

    Section pages and usual addresses are tried where it names neither a feed nor a sitemap.
    """
    named_candidates = [candidate for candidate in candidates if candidate.clue in _NAMED]
    feeds = [candidate for candidate in named_candidates or candidates if candidate.role is Role.FEED]
    maps = [candidate for candidate in named_candidates or candidates if candidate.role is Role.SITEMAP]
    sections = [candidate for candidate in candidates if candidate.role is Role.SECTION and not named_candidates]
    return (*feeds[:_MOST_FEEDS], *maps[:_MOST_SITEMAPS], *sections[:_MOST_SECTIONS])


def names(candidates: Iterable[Candidate], home_page: str) -> tuple[str, ...]:
    """Returns the addresses that a site itself names: its home page, and candidates but for usual addresses."""
    urls = (candidate.url for candidate in candidates if candidate.clue is not Clue.USUAL_ADDRESS)
    return tuple(dict.fromkeys(chain((home_page,), urls)))
