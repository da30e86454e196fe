"""What a user wants to add: addresses, files of addresses, and OPML, the format in which feed readers exchange subscriptions."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any
from urllib.parse import urljoin

from lxml import etree

from shared.errors import BadUrl, SettingsError
from shared.urls import fetchable, fingerprint, host_of

# OPML files of the largest feed readers have some megabytes.
_MOST_BYTES = 50_000_000


@dataclass(frozen=True)
class Entry:
    """A site that a user wants to add.

    Attributes:
        url: of its home page, or of a channel.
        name: None where the site is to say it.
        tags: of the site.
        feeds: addresses of feeds that the user knows.
    """

    url: str
    name: str | None = None
    tags: tuple[str, ...] = ()
    feeds: tuple[str, ...] = ()


def from_lines(lines: Iterable[str]) -> Iterator[Entry]:
    """Yields an entry a line; empty lines and those that begin with # are left out. `outlet.example` is https://outlet.example."""
    for line in map(str.strip, lines):
        if line and not line.startswith("#"):
            yield Entry(with_https(line))


def with_https(address: str) -> str:
    """Returns an address with a scheme."""
    return address if "://" in address else f"https://{address}"


def from_opml(document: bytes, name: str = "OPML") -> Iterator[Entry]:
    """Yields an entry for each outline with a feed, or with a page and no feed.

    The home page is `htmlUrl`, else that of the feed's host; the titles of the outlines around it become tags.

    Args:
        document: the bytes of an OPML file.
        name: of the file, for errors.

    Raises:
        SettingsError: the file is no OPML, or too large.
    """
    if len(document) > _MOST_BYTES:
        raise SettingsError(f"{name}: {len(document)} bytes; at most {_MOST_BYTES} are read")
    # Neither entities nor the network: the file may be foreign.
    parser = etree.XMLParser(resolve_entities=False, no_network=True, load_dtd=False, recover=True, huge_tree=False)
    try:
        root = etree.fromstring(document, parser)
    except (etree.XMLSyntaxError, ValueError) as error:
        raise SettingsError(f"{name}: no OPML that can be read: {error}") from None
    # Not etree.QName: a parser that recovers lets names pass which that refuses.
    if root is None or str(root.tag).rpartition("}")[2].lower() != "opml":
        raise SettingsError(f"{name}: no OPML: its root is no `opml` element")
    for outline in root.iter("outline"):
        if entry := _outline_entry(outline):
            yield entry


def merge(entries: Iterable[Entry]) -> list[Entry]:
    """Returns one entry a home page, with the feeds and the tags of all its entries, in the order of the first of each."""
    sites: dict[str, list[Entry]] = {}
    for entry in entries:
        sites.setdefault(_key(entry.url), []).append(entry)
    return [_merge(site_entries) for site_entries in sites.values()]


def _merge(entries: list[Entry]) -> Entry:
    name = next((entry.name for entry in entries if entry.name), None)
    tags = dict.fromkeys(tag for entry in entries for tag in entry.tags)
    feeds = dict.fromkeys(feed for entry in entries for feed in entry.feeds)
    return Entry(entries[0].url, name, tuple(tags), tuple(feeds))


def _outline_entry(outline: Any) -> Entry | None:
    values = {name.lower(): value.strip() for name, value in outline.attrib.items()}
    feed, page = values.get("xmlurl", ""), values.get("htmlurl", "")
    url = page or (_home(feed) if feed else "")
    if not url:
        return None
    folders = (parent.get("title") or parent.get("text") or "" for parent in outline.iterancestors("outline"))
    name = values.get("title") or values.get("text")
    tags = tuple(folder.strip()[:64] for folder in folders if folder.strip())
    return Entry(with_https(url), name[:200] if name else None, tags, (with_https(feed),) if feed else ())


def _home(feed: str) -> str:
    """Returns the home page of a feed's host; an address that cannot be read as it is, so that it is refused by name."""
    try:
        return urljoin(feed, "/")
    except ValueError:
        return feed


def _key(url: str) -> str:
    """Returns what two addresses of one home page have in common: the host, and the path beyond it."""
    try:
        path = fetchable(url).split("/", 3)[3].rstrip("/")
        return fingerprint(f"https://{host_of(url).removeprefix('www.')}/{path}")
    except BadUrl:
        return url
