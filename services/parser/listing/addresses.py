"""Addresses that are no article's, whatever the text of the link: files, redirects, advertisements, sections."""

import re
from collections import Counter
from collections.abc import Iterable
from functools import lru_cache
from urllib.parse import urlsplit

_FILE = re.compile(
    r"\.(?:pdf|jpe?g|png|gif|svg|webp|avif|ico|zip|gz|mp3|m4a|mp4|m3u8?|mov|avi|wav|ogg|xml|rss|json|js|css|apk|dmg|exe|ics|vcf)$",
    re.IGNORECASE,
)
# A redirect has another address in its own; the server of an advertisement counts the click first.
_REDIRECT = re.compile(
    r".(?:https?(?::|%3a)(?:/|%2f){2}|//www\.)|[/.=](?:ad)?(?:click|clk|redir|redirect)s?(?:[/.?;&=]|$)", re.IGNORECASE
)
_AD_HOST = re.compile(
    r"^(?:ads?|[a-z]{0,2}ads?\d+|adserv\w*|adclick|banners?|click|clk)\.|(?:^|\.)doubleclick\.", re.IGNORECASE
)
_LONGEST = 1_000
_LEAST_IN_SECTION = 3


def may_be_story(url: str, page: str) -> bool:
    """Returns whether an address is that of another page: no file, no redirect, no advertisement.

    Args:
        url: absolute.
        page: the URL of the page that links to it.
    """
    return _is_page(url) and url.split("#", maxsplit=1)[0] != page.split("#", maxsplit=1)[0]


# The image, the title and the "read more" of a teaser lead to one address, and pages of a site to the same ones.
@lru_cache(maxsize=4_096)
def _is_page(url: str) -> bool:
    try:
        parts = urlsplit(url)
        host = parts.hostname
    except ValueError:
        return False
    if not host or parts.scheme not in ("http", "https") or _FILE.search(parts.path):
        return False
    return not (_is_ad_host(host) or _REDIRECT.search(url[len(parts.scheme) + 3 :][:_LONGEST]))


@lru_cache(maxsize=1_024)
def _is_ad_host(host: str) -> bool:
    return _AD_HOST.search(host) is not None


def sections(urls: Iterable[str]) -> frozenset[str]:
    """Returns the addresses that several other addresses continue, as those of a section's articles do, without a final slash."""
    bare = {url.split("#", maxsplit=1)[0].split("?", maxsplit=1)[0].rstrip("/") for url in urls}
    folders = Counter(url.rsplit("/", maxsplit=1)[0] for url in bare)
    return frozenset(url for url in bare if folders[url] >= _LEAST_IN_SECTION)
