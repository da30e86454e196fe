"""Which article a page is: the rungs of the identity ladder.

1. Its URLs: every address by which an article is known, with what names the reader's device and not the article taken
   off (AMP, mobile hosts, `index.html`). `rel=canonical` is believed where it stays on the page's own site and names a
   page, because sites point it at their front page or at a partner by mistake; and where what it names does not tell
   something quite different.
2. Title, site and day, if the texts are alike.
3. The same words on the same site.

What only tells the same elsewhere is another article of the same story (stories.py).
"""

import re
from hashlib import sha256
from urllib.parse import SplitResult, parse_qsl, urlencode, urlsplit, urlunsplit

from services.storage.identity.minhash import containment, signature
from shared.contracts import Article, Page
from shared.errors import BadUrl
from shared.urls import canonical, fingerprint, host_of

# Words of a text below which equal wording proves nothing, and of a title.
TELLING_WORDS = 50
TELLING_TITLE = (4, 20)
# Shares of the shorter text: of one article, and of two that have nothing to do with one another.
ALIKE, UNLIKE = 0.5, 0.1

_DEVICE = re.compile(r"^(?:www|m|mobile|amp|touch|wap)\.(?=[^.]+\.)")
_CACHE = re.compile(r"^/(?:amp|c|v|a|wp)/s/(?P<url>[^/]+\.[^/]+/.*)$")
_AMP_HOSTS = ("google.com", "cdn.ampproject.org")
_AMP_TAIL = re.compile(r"(?:/amp/?|\.amp(?=\.html?$)|\.amp)$|\.amp(?=\.html?$)")
_AMP_HEAD = re.compile(r"^/amp(?=/.)")
_INDEX = re.compile(r"/index\.(?:html?|php|aspx?)$")
_AMP_PARAMETERS = frozenset(
    {("amp", "1"), ("amp", ""), ("amp", "true"), ("outputtype", "amp"), ("outputtype", "amp-type")}
)


def identity(url: str) -> str:
    """A URL without what names the reader's way or device: equal for every address of one page. Idempotent.

    For telling articles apart, never for fetching.

    Raises:
        BadUrl: no page can have this address.
    """
    previous, found = "", canonical(url)
    while found != previous:
        previous, found = found, _simpler(urlsplit(found))
    return found


def site_of(url: str) -> str:
    """The host of a URL without what names a device."""
    host = host_of(url)
    while (shorter := _DEVICE.sub("", host)) != host:
        host = shorter
    return host


def article_url(page: Page, article: Article) -> str:
    """The canonical URL that identifies the article of a page.

    Raises:
        BadUrl: the page's own URL cannot be read.
    """
    own = canonical(page.final_url)
    if article.canonical_url:
        try:
            declared = canonical(article.canonical_url)
        except BadUrl:
            return own
        if site_of(declared) == site_of(own) and urlsplit(declared).path not in ("", "/"):
            return declared
    return own


def own_keys(page: Page) -> list[str]:
    """The keys of a page's own addresses: where it stands, and what has moved there for good.

    Where a temporary redirect began is none of them: it may lead to another article tomorrow.
    """
    urls = [page.final_url, *([page.url] if page.moved_to or not page.redirects else [])]
    return _keys(urls)


def declared_keys(page: Page, article: Article) -> list[str]:
    """The keys of the address that a page declares as its canonical one, if it can be believed."""
    url = article_url(page, article)
    return _keys([url]) if url != canonical(page.final_url) else []


def title_key(page: Page, article: Article) -> str | None:
    """The key of title, site and day; None where they do not tell enough."""
    title = " ".join(re.findall(r"\w+", article.title.casefold()))
    words, letters = TELLING_TITLE
    if not article.published_at or len(title.split()) < words or len(title) < letters:
        return None
    return sha256(f"{title}|{site_of(page.final_url)}|{article.published_at[:10]}".encode()).hexdigest()[:32]


def origin_key(article: Article) -> str | None:
    """The key of the address that an aggregator's page names as the original's."""
    if not article.origin_url:
        return None
    keys = _keys([article.origin_url])
    return keys[-1] if keys else None


def body_hash(article: Article) -> str:
    """SHA-256 of what a reader reads: title, subtitle, text."""
    return sha256("\n".join((article.title, article.subtitle or "", article.text)).encode()).hexdigest()


def alike(one: str, other: str) -> bool:
    """Whether two texts may be wordings of one article; texts too short to say must be equal, or one begin the other."""
    first, second = signature(one), signature(other)
    if first is None or second is None:
        return one.startswith(other) or other.startswith(one)
    return containment(first, second) >= ALIKE


def unlike(one: str, other: str) -> bool:
    """Whether two texts can have nothing to do with one another."""
    first, second = signature(one), signature(other)
    return first is not None and second is not None and containment(first, second) < UNLIKE


def telling(text: str) -> bool:
    """Whether a text is so long that another article cannot have it by chance."""
    return len(text.split()) >= TELLING_WORDS


def _keys(urls: list[str]) -> list[str]:
    """Of each URL the key as it is fetched and the key of its identity."""
    found: dict[str, None] = {}
    for url in urls:
        try:
            found |= dict.fromkeys((fingerprint(url), fingerprint(identity(url))))
        except BadUrl:
            continue
    return list(found)


def _simpler(parts: SplitResult) -> str:
    host = site_of(urlunsplit(parts))
    if any(host == name or host.endswith("." + name) for name in _AMP_HOSTS) and (cached := _CACHE.match(parts.path)):
        return canonical(f"https://{cached['url']}?{parts.query}")
    path = _path(parts.path)
    kept = [pair for pair in parse_qsl(parts.query, keep_blank_values=True) if not _amp(*pair)]
    netloc = f"{host}:{parts.port}" if parts.port else host
    return canonical(urlunsplit(("https", netloc, path, urlencode(sorted(kept)), "")))


def _path(path: str) -> str:
    path = _INDEX.sub("/", _AMP_HEAD.sub("", path))
    plain = _AMP_TAIL.sub("", path)
    # What is left must still name an article: /tech/amp may be an article on AMP in the section /tech.
    if plain != path and _names_an_article(plain):
        path = plain
    return path.rstrip("/") or "/"


def _names_an_article(path: str) -> bool:
    last = path.rstrip("/").rsplit("/", 1)[-1]
    return len(last) >= 12 or any(char.isdigit() for char in last)


def _amp(name: str, value: str) -> bool:
    return (name.lower(), value.lower()) in _AMP_PARAMETERS
