"""The WebSub hub of a feed, as its answer's Link header or the feed itself names it (W3C WebSub, §4)."""

import json
import re
from collections.abc import Iterable

from services.parser.page.elements import clean
from shared.discovery.channels import Hub
from shared.urls import join

# The channel's own elements stand within so many characters before its items.
_EDGE = 50_000
_ITEM = re.compile(r"<(?:\w+:)?(?:item|entry)[\s>]", re.IGNORECASE)
_LINK = re.compile(r"<(?:[\w.-]+:)?link\s([^<>]{1,4000})>", re.IGNORECASE)
_ATTRIBUTE = re.compile(r"""\b(rel|href)\s*=\s*(?:"([^"]*)"|'([^']*)')""", re.IGNORECASE)
_HEADER_LINK = re.compile(r"<([^<>]{1,2048})>([^<>]{0,500})")
_HEADER_REL = re.compile(r";\s*rel\s*=\s*(?:\"([^\"]*)\"|([^\s;,]+))", re.IGNORECASE)


def read(text: str, url: str, headers: Iterable[tuple[str, str]] = ()) -> Hub | None:
    """Returns the hub of a feed; None if it names none. The Link header goes before the feed.

    Args:
        text: the feed, decoded.
        url: its address, which is the topic unless it names another.
        headers: of the answer.
    """
    header = ", ".join(value for name, value in headers if name.lower() == "link")
    links = [*_header_links(header), *(_json_links(text) if text.lstrip()[:1] == "{" else _xml_links(text))]
    hub = next((join(url, href) for relation, href in links if relation == "hub"), None)
    topic = next((join(url, href) for relation, href in links if relation == "self"), None)
    return Hub(hub, topic or url) if hub else None


def _header_links(header: str) -> Iterable[tuple[str, str]]:
    """Yields the relation and the target of each link of a Link header (RFC 8288)."""
    for match in _HEADER_LINK.finditer(header):
        if relations := _HEADER_REL.search(match[2]):
            yield from ((relation, match[1].strip()) for relation in (relations[1] or relations[2]).lower().split())


def _xml_links(text: str) -> Iterable[tuple[str, str]]:
    first_item = _ITEM.search(text, 0, _EDGE)
    for match in _LINK.finditer(text[: first_item.start() if first_item else _EDGE]):
        values = {name.lower(): double or single for name, double, single in _ATTRIBUTE.findall(match[1])}
        href = clean(values.get("href", "")).strip()
        yield from ((relation, href) for relation in values.get("rel", "").lower().split() if href)


def _json_links(text: str) -> Iterable[tuple[str, str]]:
    """Yields the hubs of a JSON Feed (jsonfeed.org, `hubs`) and its own address."""
    try:
        feed = json.loads(text)
    except (ValueError, RecursionError):
        return
    if isinstance(feed, dict):
        hubs = feed.get("hubs")
        for hub in hubs if isinstance(hubs, list) else ():
            if isinstance(hub, dict) and isinstance(hub.get("url"), str):
                yield "hub", hub["url"]
        if isinstance(feed.get("feed_url"), str):
            yield "self", feed["feed_url"]
