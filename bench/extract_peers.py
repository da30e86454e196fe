"""The extractors that are measured: each takes HTML and a URL and gives {text, title, date, authors, image, language}."""

import logging
import warnings
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

Extractor = Callable[[str, str], dict[str, Any]]


def newsmill() -> Extractor:
    from services.parser.parse import read
    from shared.contracts import Kind
    from shared.errors import Reject

    now = datetime.now(UTC)

    def extract(html: str, url: str) -> dict[str, Any]:
        try:
            article = read(html.encode(), url, Kind.ARTICLE, None, now).article
        except Reject:
            article = None
        if article is None:
            return {}
        told = {
            "text": article.text,
            "title": article.title,
            "date": article.published_at,
            "language": article.language,
        }
        return told | {"authors": list(article.authors), "image": article.lead_image}

    return extract


def trafilatura() -> Extractor:
    import trafilatura as peer

    def extract(html: str, url: str) -> dict[str, Any]:
        found = peer.bare_extraction(html, url=url, with_metadata=True, include_comments=False)
        if found is None:
            return {}
        told = {"text": found.text, "title": found.title, "date": found.date, "image": found.image}
        return told | {"authors": [name.strip() for name in (found.author or "").split(";") if name.strip()]}

    return extract


def newspaper4k() -> Extractor:
    import newspaper as peer

    def extract(html: str, url: str) -> dict[str, Any]:
        article = peer.Article(url, fetch_images=False)
        article.download(input_html=html)
        article.parse()
        when = article.publish_date.isoformat() if article.publish_date else None
        told = {"text": article.text, "title": article.title, "date": when, "image": article.top_image}
        return told | {"authors": list(article.authors), "language": article.meta_lang}

    return extract


def readability() -> Extractor:
    from lxml.html import fromstring
    from readability import Document as Peer

    def extract(html: str, url: str) -> dict[str, Any]:
        # Its title is not told: mcmetadata, loaded beside it, replaces the function that finds it.
        return {"text": fromstring(Peer(html, url=url).summary()).text_content()}

    return extract


def resiliparse() -> Extractor:
    from resiliparse.extract.html2text import extract_plain_text
    from resiliparse.parse.html import HTMLTree

    def extract(html: str, _url: str) -> dict[str, Any]:
        tree = HTMLTree.parse(html)
        return {"title": tree.title, "text": extract_plain_text(tree, main_content=True, alt_texts=False)}

    return extract


def mcmetadata() -> Extractor:
    import mcmetadata as peer

    def extract(html: str, url: str) -> dict[str, Any]:
        found = peer.extract(url, html, include_other_metadata=True)
        other = found.get("other") or {}
        when = found["publication_date"].isoformat() if found.get("publication_date") else None
        told = {"title": found.get("article_title"), "text": found.get("text_content"), "date": when}
        return told | {
            "authors": other.get("authors") or [],
            "image": other.get("top_image_url"),
            "language": found.get("language"),
        }

    return extract


PEERS: dict[str, Callable[[], Extractor]] = {
    "newsmill": newsmill,
    "trafilatura": trafilatura,
    "newspaper4k": newspaper4k,
    "readability": readability,
    "resiliparse": resiliparse,
    "mcmetadata": mcmetadata,
}


def installed(names: list[str]) -> dict[str, Extractor]:
    """The extractors of these names; one that is not installed here is said and left out."""
    logging.disable(logging.CRITICAL)
    warnings.simplefilter("ignore")
    found: dict[str, Extractor] = {}
    for name in names:
        try:
            found[name] = PEERS[name]()
        except ImportError as error:
            print(f"without {name}: {error}")
    return found
