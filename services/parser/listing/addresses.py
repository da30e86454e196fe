"""Addresses that are no article's, whatever the text of the link: files, redirects, advertisements, sections."""

import re
from collections import Counter
from collections.abc import Iterable
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
    try:
        parts = urlsplit(url)
        host = parts.hostname
    except ValueError:
        return False
    is_page = host and parts.scheme in ("http", "https") and not _FILE.search(parts.path)
    if not is_page or url.split("#", maxsplit=1)[0] == page.split("#", maxsplit=1)[0]:
        return False
    return not (_AD_HOST.search(host or "") or _REDIRECT.search(url[len(parts.scheme) + 3 :][:_LONGEST]))


def sections(urls: Iterable[str]) -> frozenset[str]:
    """Returns the addresses that several other addresses continue, as those of a section's articles do, without a final slash."""
    bare = {url.split("#", maxsplit=1)[0].split("?", maxsplit=1)[0].rstrip("/") for url in urls}
    folders = Counter(url.rsplit("/", maxsplit=1)[0] for url in bare)
    return frozenset(url for url in bare if folders[url] >= _LEAST_IN_SECTION)
