"""Addresses of one page: without what names the reader's device, and which of them an article shows as its own."""

import re
from urllib.parse import SplitResult, parse_qsl, urlencode, urlsplit, urlunsplit

from shared.urls import canonical, host_of

_DEVICE = re.compile(r"^(?:www|m|mobile|amp|touch|wap)\.(?=[^.]+\.)")
_DEVICE_NOT_WWW = re.compile(r"^(?:m|mobile|amp|touch|wap)\.(?=[^.]+\.)")
_CACHE = re.compile(r"^/(?:amp|c|v|a|wp)/s/(?P<url>[^/]+\.[^/]+/.*)$")
_AMP_HOSTS = ("google.com", "cdn.ampproject.org")
_AMP_TAIL = re.compile(r"(?:/amp/?|\.amp(?=\.html?$)|\.amp)$|\.amp(?=\.html?$)")
_AMP_HEAD = re.compile(r"^/amp(?=/.)")
_INDEX = re.compile(r"/index\.(?:html?|php|aspx?)$")
_AMP_PARAMETERS = frozenset(
    {("amp", "1"), ("amp", ""), ("amp", "true"), ("outputtype", "amp"), ("outputtype", "amp-type")}
)


def identity(url: str) -> str:
    """Returns a URL without what names the reader's way or device: equal for every address of one page. Idempotent.

    It tells articles apart and is never fetched.

    Raises:
        BadUrl: no page can have this address.
    """
    previous, current = "", canonical(url)
    while current != previous:
        previous, current = current, _simpler(urlsplit(current))
    return current


def site_of(url: str) -> str:
    """Returns the host of a URL without what names a device."""
    host = host_of(url)
    while (shorter := _DEVICE.sub("", host)) != host:
        host = shorter
    return host


def preferred(stored_url: str, url: str, article_url: str) -> str:
    """Returns which of two addresses an article shows: one that names no device, then its canonical one, then the first.

    Args:
        stored_url: as it shows now.
        url: of another page of the article.
        article_url: its canonical URL.
    """
    return max((stored_url, url), key=lambda address: (not names_device(address), canonical(address) == article_url))


def names_device(url: str) -> bool:
    """Whether an address is that of an AMP page or of a site for mobile devices."""
    parts = urlsplit(canonical(url))
    host = parts.hostname or ""
    amp_parameter = any(_amp(*pair) for pair in parse_qsl(parts.query, keep_blank_values=True))
    amp_path = _without_amp(parts.path) != parts.path
    return (
        bool(_DEVICE_NOT_WWW.match(host))
        or (_is_amp_host(host) and _CACHE.match(parts.path) is not None)
        or amp_parameter
        or amp_path
    )


def _simpler(parts: SplitResult) -> str:
    host = site_of(urlunsplit(parts))
    if _is_amp_host(host) and (cached := _CACHE.match(parts.path)):
        return canonical(f"https://{cached['url']}?{parts.query}")
    path = _path(parts.path)
    parameters = [pair for pair in parse_qsl(parts.query, keep_blank_values=True) if not _amp(*pair)]
    netloc = f"{host}:{parts.port}" if parts.port else host
    return canonical(urlunsplit(("https", netloc, path, urlencode(sorted(parameters)), "")))


def _is_amp_host(host: str) -> bool:
    return any(host == name or host.endswith("." + name) for name in _AMP_HOSTS)


def _path(path: str) -> str:
    return _without_amp(_INDEX.sub("/", path)).rstrip("/") or "/"


def _without_amp(path: str) -> str:
    path = _AMP_HEAD.sub("", path)
    plain = _AMP_TAIL.sub("", path)
    # The path must still name an article: /tech/amp may be an article about AMP in the section /tech.
    return plain if _names_an_article(plain) else path


def _names_an_article(path: str) -> bool:
    last = path.rstrip("/").rsplit("/", 1)[-1]
    return len(last) >= 12 or any(char.isdigit() for char in last)


def _amp(name: str, value: str) -> bool:
    return (name.lower(), value.lower()) in _AMP_PARAMETERS
