"""What is stored as documents, for a query that is asked without the database (shared/query/document.py)."""

from collections.abc import Iterable, Sequence
from typing import Any

from sqlalchemy import select
from sqlmodel import Session, col

from shared.database.models import Article, Site, Source
from shared.database.papers import papers
from shared.errors import BadUrl
from shared.query.document import Document, document
from shared.urls import host_of


def articles(session: Session, ids: Iterable[int]) -> list[tuple[Article, Document]]:
    """Returns articles by id as documents, oldest first. Their tags are their own and those of their site."""
    query = (
        select(Article, papers(session, col(Article.story_id)), col(Site.tags))
        .outerjoin(Source, col(Source.id) == col(Article.source_id))
        .outerjoin(Site, col(Site.key) == col(Source.site_key))
        .where(col(Article.id).in_(list(ids)))
        .order_by(col(Article.id))
    )
    return [(row, _of_article(row, max(number, 1), tags or [])) for row, number, tags in session.execute(query)]


def of_alert(kind: str, data: dict[str, Any], url: str, site: Site | None) -> Document:
    """Returns an alert as a document.

    Args:
        kind: what is wrong, or `recovered`.
        data: its `subject`, `name` and `cause`.
        url: of the site.
        site: the site that it is about; None for a language, a tag or a channel by itself.
    """
    scope, _, value = str(data.get("subject", "")).partition(":")
    return document(
        str(data.get("name", "")), kind, str(data.get("cause", "")), hosts=_hosts(url),
        languages=[value] if scope == "language" else site.languages if site else (),
        tags=[value] if scope == "tag" else site.tags if site else (), publisher=site.name if site else None,
    )  # fmt: skip


def _of_article(article: Article, number: int, site_tags: Sequence[str]) -> Document:
    return document(
        article.title, article.text, hosts=_hosts(article.url, article.canonical_url),
        languages=filter(None, [article.language]), tags=(*article.tags, *site_tags),
        publisher=article.publisher or article.site, papers=number,
    )  # fmt: skip


def _hosts(*urls: str) -> set[str]:
    hosts = set()
    for url in urls:
        try:
            hosts.add(host_of(url))
        except BadUrl:
            continue
    return hosts
