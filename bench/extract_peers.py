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
        fields = {
            "text": article.text,
            "title": article.title,
            "date": article.published_at,
            "language": article.language,
        }
        return fields | {"authors": list(article.authors), "image": article.lead_image}

    return extract


def trafilatura() -> Extractor:
    import trafilatura as peer

    def extract(html: str, url: str) -> dict[str, Any]:
        document = peer.bare_extraction(html, url=url, with_metadata=True, include_comments=False)
        if document is None:
            return {}
        fields = {"text": document.text, "title": document.title, "date": document.date, "image": document.image}
        return fields | {"authors": [name.strip() for name in (document.author or "").split(";") if name.strip()]}

    return extract


def newspaper4k() -> Extractor:
    import newspaper as peer

    def extract(html: str, url: str) -> dict[str, Any]:
        article = peer.Article(url, fetch_images=False)
        article.download(input_html=html)
        article.parse()
        when = article.publish_date.isoformat() if article.publish_date else None
        fields = {"text": article.text, "title": article.title, "date": when, "image": article.top_image}
        return fields | {"authors": list(article.authors), "language": article.meta_lang}

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
        metadata = peer.extract(url, html, include_other_metadata=True)
        further = metadata.get("other") or {}
        when = metadata["publication_date"].isoformat() if metadata.get("publication_date") else None
        fields = {"title": metadata.get("article_title"), "text": metadata.get("text_content"), "date": when}
        return fields | {
            "authors": further.get("authors") or [],
            "image": further.get("top_image_url"),
            "language": metadata.get("language"),
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
    extractors: dict[str, Extractor] = {}
    for name in names:
        try:
            extractors[name] = PEERS[name]()
        except ImportError as error:
            print(f"without {name}: {error}")
    return extractors
