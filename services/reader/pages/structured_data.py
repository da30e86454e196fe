"""An article as schema.org describes one, for programs that read pages (JSON-LD)."""

from collections.abc import Iterable
from typing import Any

from shared.database.models import Article


def news_article(article: Article, images: Iterable[str]) -> dict[str, Any]:
    """Returns an article as a schema.org NewsArticle, without the fields that it lacks.

    Args:
        article: a stored article.
        images: the URLs of its images that may be shown.
    """
    fields: dict[str, Any] = {
        "headline": article.title, "alternativeHeadline": article.subtitle, "articleBody": article.text,
        "author": [{"@type": "Person", "name": name} for name in article.authors],
        "datePublished": article.published, "dateModified": article.modified, "inLanguage": article.language,
        "articleSection": article.section, "keywords": article.tags, "wordCount": article.word_count,
        "url": article.canonical_url, "isBasedOn": article.origin_url, "image": list(images),
        "publisher": {"@type": "NewsMediaOrganization", "name": article.publisher} if article.publisher else None,
        "isAccessibleForFree": None if article.paywalled is None else not article.paywalled,
    }  # fmt: skip
    values = {name: value for name, value in fields.items() if value not in (None, "", [], 0)}
    return {
        "@context": "https://schema.org",
        "@type": "LiveBlogPosting" if article.live_blog else "NewsArticle",
        **values,
    }
