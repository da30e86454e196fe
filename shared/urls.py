"""The canonical form of a URL: one rule everywhere, and the key of everything stored.

Follows RFC 3986 §6.2 (syntax-based normalisation) and the WHATWG URL standard's host rules, and drops what
names the reader's way to the page rather than the page (campaign and click identifiers, fragments).
"""

import re
from functools import lru_cache
from hashlib import sha256
from urllib.parse import SplitResult, parse_qsl, quote, unquote_to_bytes, urljoin, urlsplit, urlunsplit

import idna

from shared.errors import BadUrl

MAX_LENGTH = 2048
DEFAULT_PORTS = {"http": 80, "https": 443}

# Parameters that say how the reader came here. Names are whole, families are prefixes.
TRACKING = frozenset(
    "fbclid gclid gclsrc dclid gbraid wbraid msclkid yclid twclid ttclid igshid igsh mc_cid mc_eid mkt_tok "
    "_ga _gl _hsenc _hsmi __hssc __hstc __hsfp hsctatracking vero_id vero_conv oly_anon_id oly_enc_id wickedid "
    "s_cid ncid cmpid xtor ref_src ref_url spm at_medium at_campaign ocid soc_src soc_trk guccounter "
    "guce_referrer guce_referrer_sig phpsessid jsessionid aspsessionid sid_session".split()
)
TRACKING_PREFIXES = ("utm_", "mtm_", "pk_", "piwik_", "hsa_", "at_custom")

# Halves of surrogate pairs are no characters, and UTF-8 has none.
_CONTROL = re.compile(r"[\x00-\x20\x7f\ud800-\udfff]")
_WWW = re.compile(r"www\.[^\s:@]+\.[^\s:@.]+(?::\d+)?")
_AROUND_LINKS = frozenset({"<>", '""', "''"})
_IN_LINKS = str.maketrans({"\t": None, "\n": None, "\r": None, " ": "%20"})
# Most links are so: absolute, and written as they are requested.
_FETCHABLE = re.compile(r"https?://(?:[a-z0-9-]+\.)+[a-z]+(?:/[\w~%-][\w.~%-]*)+/?(?:\?[\w.~=&%-]+)?", re.ASCII)
# So are most links from the root of a site; two slashes begin a host.
_ROOTED = re.compile(r"(?:/[\w~%-][\w.~%-]*)+/?(?:\?[\w.~=&%-]+)?", re.ASCII)
# What is canonical as it is: most addresses without parameters. A segment of dots would go.
_CANONICAL = re.compile(r"https?://(?:[a-z0-9-]+\.)+[a-z]+(?:/(?!\.{1,2}(?:/|\Z))[\w.~-]*)+", re.ASCII)
_ABSOLUTE = re.compile(r"https?://[^/?#;][^;]*", re.IGNORECASE)
_PATH_SESSION = re.compile(r";(?:jsessionid|phpsessid)=[^/?#;]*", re.IGNORECASE)
_UNRESERVED = "-._~"
# Nearly every path and parameter is of these characters alone, which are bare in every part of a URL.
_PLAIN = re.compile(r"[A-Za-z0-9\-._~/]*")
_PATH_SAFE = _UNRESERVED + "!$&'()*+,;=:@/"
_QUERY_SAFE = _UNRESERVED + "!$'()*,;:@/?"


def check(url: str) -> SplitResult:
    """The parts of a URL that can be fetched.

    Raises:
        BadUrl: no http(s) URL, too long, with control characters, a user name, or a host that cannot be.
    """
    if _CONTROL.search(_short(url)):
        raise BadUrl(f"URL with a space or control character: {url!r}; percent-encode it")
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError as error:
        raise BadUrl(f"URL that cannot be read ({error}): {url!r}") from None
    if parts.scheme.lower() not in DEFAULT_PORTS:
        raise BadUrl(f"URL scheme {parts.scheme or 'none'!r} in {url!r}; http and https are fetched")
    if parts.username is not None or parts.password is not None:
        raise BadUrl("URL with a user name in it; give a login in the source's settings instead")
    if not parts.hostname or port == 0:
        raise BadUrl(f"URL without a host: {url!r}")
    if "%" in parts.hostname:
        raise BadUrl(f"URL whose host names an interface of this machine or is percent-encoded: {url!r}")
    return parts


@lru_cache(maxsize=4096)
def host_of(url: str) -> str:
    """The host of a URL in its canonical spelling: lower case, IDNA, no trailing dot.

    Raises:
        BadUrl: as check().
    """
    return _host(check(url).hostname or "")


def fetchable(url: str) -> str:
    """The URL to ask a server for: as given, with what HTTP cannot carry encoded and the fragment gone.

    Raises:
        BadUrl: as check().
    """
    parts = check(url.strip())
    path = quote(parts.path or "/", safe=_PATH_SAFE + "%|[]\"'")
    query = quote(parts.query, safe=_QUERY_SAFE + "%&=+|[]{}\"'^`\\")
    return _short(urlunsplit((parts.scheme.lower(), _netloc(parts), path, query, "")))


@lru_cache(maxsize=16_384)
def canonical(url: str) -> str:
    """The canonical form of a URL. Idempotent: canonical(canonical(u)) == canonical(u).

    Raises:
        BadUrl: as check().
    """
    if len(url) <= MAX_LENGTH and _CANONICAL.fullmatch(url):
        return url
    parts = check(url.strip())
    path = _PATH_SESSION.sub("", parts.path)
    path = _percent(_without_dots(_percent(path, _PATH_SAFE)) or "/", _PATH_SAFE)
    query = "&".join(_own_parameters(parts.query))
    return _short(urlunsplit((parts.scheme.lower(), _netloc(parts), path, query, "")))


def join(base: str, link: str) -> str | None:
    """Returns the absolute, fetchable URL of a link on a page, or None where it leads nowhere (mailto:, javascript:).

    Line breaks and tabs in a link are no part of it, and spaces are encoded, as in the WHATWG URL standard (§4.4).
    """
    # The length first: for each character of a link a pattern may keep some bytes of its own.
    if len(link) <= MAX_LENGTH and _FETCHABLE.fullmatch(link):
        return link
    if len(link) <= MAX_LENGTH and _ROOTED.fullmatch(link) and (origin := _origin(base)):
        return f"{origin}{link}" if len(origin) + len(link) <= MAX_LENGTH else None
    try:
        address = _short(link.strip().translate(_IN_LINKS))
        return fetchable(address if _ABSOLUTE.fullmatch(address) else urljoin(base, address))
    except ValueError:
        return None


@lru_cache(maxsize=256)
def _origin(base: str) -> str:
    """Returns what a link from the root of a site follows, `https://news.example`; empty if the base is no address of the web."""
    try:
        return fetchable(urljoin(base, "/"))[:-1]
    except ValueError:
        return ""


def join_listed(base: str, link: str) -> str | None:
    """Returns the absolute, fetchable URL of a link that a feed, sitemap or robots.txt lists; None if it leads nowhere.

    An empty link leads nowhere. Quotes and angle brackets around a link are no part of it, an ampersand may be escaped once
    too often, and a link may begin with a host, `www.news.example/a`: what begins with `www.`, or the host of `base`.
    """
    link = link.strip().replace("&amp;", "&")
    if link[:1] + link[-1:] in _AROUND_LINKS:
        link = link[1:-1].strip()
    return join(base, _with_scheme(link, base)) if link else None


def _with_scheme(link: str, base: str) -> str:
    if link.startswith(("http://", "https://")):
        return link
    parts = urlsplit(base)
    host = re.split("[/?#]", link, maxsplit=1)[0].lower()
    is_host = _WWW.fullmatch(host) or (host and host == parts.netloc.lower())
    return f"{parts.scheme}://{link}" if is_host and parts.scheme else link


def fingerprint(url: str) -> str:
    """The first 32 hexadecimal digits of the canonical URL's SHA-256: the key of a page wherever it is stored."""
    return sha256(canonical(url).encode()).hexdigest()[:32]


def _short(url: str) -> str:
    """The URL, as given and again once encoded: a letter may become nine characters."""
    if len(url) > MAX_LENGTH:
        raise BadUrl(f"URL of {len(url)} characters; at most {MAX_LENGTH} are taken: {url[:80]}…")
    return url


def _host(host: str) -> str:
    host = host.rstrip(".").lower()
    if not host:
        raise BadUrl("URL without a host")
    if host.isascii():
        return host
    try:
        # An ideographic full stop at the end becomes a dot only here.
        return idna.encode(host, uts46=True).decode().rstrip(".")
    except idna.IDNAError as error:
        raise BadUrl(f"host {host!r} is no domain name ({error})") from None


def _netloc(parts: SplitResult) -> str:
    host = _host(parts.hostname or "")
    host = f"[{host}]" if ":" in host else host
    default = DEFAULT_PORTS[parts.scheme.lower()]
    return host if parts.port in (None, default) else f"{host}:{parts.port}"


def _percent(text: str, safe: str) -> str:
    """Percent-encoding in one spelling: unreserved characters bare, everything else upper-case and encoded once."""
    if _PLAIN.fullmatch(text):
        return text
    pieces = re.split(r"(%[0-9A-Fa-f]{2})", text)
    return "".join(_triplet(piece) if index % 2 else quote(piece, safe=safe) for index, piece in enumerate(pieces))


def _triplet(triplet: str) -> str:
    byte = unquote_to_bytes(triplet)
    char = byte.decode("latin-1")
    return char if char.isascii() and (char.isalnum() or char in _UNRESERVED) else triplet.upper()


def _without_dots(path: str) -> str:
    """RFC 3986 §5.2.4, remove_dot_segments, for an absolute path."""
    kept: list[str] = []
    segments = path.split("/")
    for segment in segments:
        if segment == "..":
            kept = kept[:-1] or [""]
        elif segment != ".":
            kept.append(segment)
    tail = "/" if segments[-1] in (".", "..") and kept[-1:] != [""] else ""
    joined = "/".join(kept) + tail
    return joined if joined.startswith("/") or not joined else f"/{joined}"


def _own_parameters(query: str) -> list[str]:
    return [_percent(part, _QUERY_SAFE + "=+") for part in query.split("&") if part and not _tracks(part)]


def _tracks(parameter: str) -> bool:
    name = (parse_qsl(parameter, keep_blank_values=True) or [(parameter, "")])[0][0].lower()
    return name in TRACKING or name.startswith(TRACKING_PREFIXES)
