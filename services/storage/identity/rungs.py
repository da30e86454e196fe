"""Which article a page is: the rungs of the identity ladder.

1. Its URLs: every address by which an article is known, without what names the reader's device rather than the article
   (AMP, mobile hosts, `index.html`). `rel=canonical` is believed where it stays on the page's own site and names a page,
   because sites point it at their front page or at a partner by mistake, and where the article at that address does not
   tell something quite different.
2. Title, site and day, if the texts are alike.
3. The same words on the same site.

An article that tells the same on another site is another article of the same story (near_duplicates.py).
"""

import re
from hashlib import sha256
from urllib.parse import urlsplit

from services.storage.identity.addresses import identity, site_of
from services.storage.identity.minhash import containment, signature
from shared.contracts import Article, Page
from shared.errors import BadUrl
from shared.urls import canonical, fingerprint

# Equal wording proves nothing for a text of fewer words, nor an equal title of fewer words or letters.
TELLING_WORDS = 50
TELLING_TITLE_WORDS, TELLING_TITLE_LETTERS = 4, 20
# Shares of the shorter text that two wordings of one article have in common at least, and two unrelated texts at most.
ALIKE, UNLIKE = 0.5, 0.1


def article_url(page: Page, article: Article) -> str:
    """Returns the canonical URL that identifies the article of a page.

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
    """Returns the keys of a page's own addresses: where it stands, and where it has moved from for good.

    The address where a temporary redirect began is none of them: it may lead to another article tomorrow.
    """
    urls = [page.final_url, *([page.url] if page.moved_to or not page.redirects else [])]
    return _keys(urls)


def declared_keys(page: Page, article_url: str) -> list[str]:
    """Returns the keys of the article's URL where a page declares another one than its own."""
    return _keys([article_url]) if article_url != canonical(page.final_url) else []


def title_key(page: Page, article: Article) -> str | None:
    """Returns the key of title, site and day, or None where they do not tell enough."""
    title = " ".join(re.findall(r"\w+", article.title.casefold()))
    telling_title = len(title.split()) >= TELLING_TITLE_WORDS and len(title) >= TELLING_TITLE_LETTERS
    if not article.published_at or not telling_title:
        return None
    return sha256(f"{title}|{site_of(page.final_url)}|{article.published_at[:10]}".encode()).hexdigest()[:32]


def origin_key(article: Article) -> str | None:
    """Returns the key of the address that an aggregator's page names as the original's, if it names one."""
    if not article.origin_url:
        return None
    keys = _keys([article.origin_url])
    return keys[-1] if keys else None


def body_hash(article: Article) -> str:
    """Returns the SHA-256 of title, subtitle and text, in hexadecimal."""
    return sha256("\n".join((article.title, article.subtitle or "", article.text)).encode()).hexdigest()


def alike(text: str, stored_text: str) -> bool:
    """Whether two texts may be wordings of one article. Of texts too short to compare, one must begin with the other."""
    first, second = signature(text), signature(stored_text)
    if first is None or second is None:
        return text.startswith(stored_text) or stored_text.startswith(text)
    return containment(first, second) >= ALIKE


def unlike(text: str, stored_text: str) -> bool:
    """Whether two texts have nothing to do with one another; False where one is too short to compare."""
    first, second = signature(text), signature(stored_text)
    return first is not None and second is not None and containment(first, second) < UNLIKE


def telling(text: str) -> bool:
    """Whether a text is so long that another article cannot have it by chance."""
    return len(text.split()) >= TELLING_WORDS


def _keys(urls: list[str]) -> list[str]:
    """Returns for each URL its key as it is fetched and the key of its identity, each once."""
    keys: dict[str, None] = {}
    for url in urls:
        try:
            keys |= dict.fromkeys((fingerprint(url), fingerprint(identity(url))))
        except BadUrl:
            continue
    return list(keys)
