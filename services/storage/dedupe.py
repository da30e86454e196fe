"""Which article a page is: the first rungs of the identity ladder.

Canonical URL first; `rel=canonical` is believed where it stays on the page's own site and names a page, because
sites point it at their front page or at a partner by mistake. The body's hash tells an edit from a repeat.
"""

from hashlib import sha256
from urllib.parse import urlsplit

from shared.contracts import Article, Page
from shared.errors import BadUrl
from shared.urls import canonical, host_of


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
        if _site(declared) == _site(own) and urlsplit(declared).path not in ("", "/"):
            return declared
    return own


def body_hash(article: Article) -> str:
    """SHA-256 of what a reader reads: title, subtitle, text."""
    return sha256("\n".join((article.title, article.subtitle or "", article.text)).encode()).hexdigest()


def _site(url: str) -> str:
    host = host_of(url)
    for prefix in ("www.", "m.", "mobile.", "amp."):
        host = host.removeprefix(prefix)
    return host
