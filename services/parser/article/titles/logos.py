"""Headings that are a site's name or device, not an article's headline."""

import re
from urllib.parse import urlsplit

from selectolax.lexbor import LexborNode

from services.parser.page.elements import attribute

_CLASS = re.compile(r"(?:^|[\s_-])(?:logo|brand|site-?(?:title|name)|blog-?title)(?:$|[\s_-])", re.IGNORECASE)


def is_logo(node: LexborNode) -> bool:
    """Returns whether a heading is the site's name or device: by its class, or since it links to the site's first page."""
    return _CLASS.search(f"{attribute(node, 'class')} {attribute(node, 'id')}") is not None or is_home_link(node)


def is_home_link(node: LexborNode) -> bool:
    """Returns whether a heading links to the site's first page."""
    links = [link for link in (node.css_first("a[href]"), node.parent) if link is not None and link.tag == "a"]
    return any(_is_root(attribute(link, "href")) for link in links)


def _is_root(href: str) -> bool:
    try:
        url = urlsplit(href.strip())
    except ValueError:
        return False
    return bool(href) and url.path in ("", "/") and not url.query and not url.fragment
