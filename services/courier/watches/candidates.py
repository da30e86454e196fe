"""What events are about, as documents that are compared with watches: articles, and the alerts of sites."""

from collections.abc import Iterable, Sequence
from typing import Any, NamedTuple

from sqlalchemy import select
from sqlmodel import Session, col

from shared.database.event_log import LoggedEvent
from shared.database.models import Article, Site
from shared.query import stored
from shared.query.document import Document

# Of an article's text, for those who are told.
SUMMARY_LENGTH = 280
_FIELDS = ("id", "url", "title", "subtitle", "publisher", "site", "authors", "language", "story_id", "version")


class Candidate(NamedTuple):
    """Something that watches may match.

    `subject` names it for ever, `kind` is what happened to it, `record` is what is told of it as JSON values.
    """

    subject: str
    kind: str
    document: Document
    title: str
    url: str | None
    record: dict[str, Any]
    article_id: int | None = None
    story_id: int | None = None


def of_articles(session: Session, kinds: dict[int, str]) -> list[Candidate]:
    """Returns articles by id, oldest first, with what happened to each."""
    return [
        Candidate(
            f"article:{article.id}", kinds[article.id or 0], text, article.title, article.url, _record(article, text),
            article.id, article.story_id,
        )
        for article, text in stored.articles(session, kinds)
    ]  # fmt: skip


def ids_of_stories(session: Session, story_ids: Iterable[int], limit: int) -> Sequence[int]:
    """Returns the ids of the articles of stories, newest first."""
    query = select(col(Article.id)).where(col(Article.story_id).in_(list(story_ids))).order_by(col(Article.id).desc())
    return [article_id or 0 for article_id in session.scalars(query.limit(limit))]


def of_alerts(session: Session, events: Iterable[LoggedEvent]) -> list[Candidate]:
    """Returns alerts: that a site, a language, a tag or a watch is silent, fails, has changed or has recovered."""
    alerts = list(events)
    keys = {event.data.get("site_key") for event in alerts} - {None}
    sites = {site.key: site for site in session.scalars(select(Site).where(col(Site.key).in_(keys)))}
    return [_of_alert(event, sites.get(event.data.get("site_key") or "")) for event in alerts]


def _of_alert(event: LoggedEvent, site: Site | None) -> Candidate:
    data, kind = event.data, event.type.removeprefix("site.")
    return Candidate(
        f"event:{event.id}", kind, stored.of_alert(kind, data, event.subject, site), f"{data.get('name')}: {kind}",
        event.subject if "://" in event.subject else None, {"kind": kind, "time": event.time.isoformat()} | data,
    )  # fmt: skip


def _record(article: Article, text: Document) -> dict[str, Any]:
    return {name: getattr(article, name) for name in _FIELDS} | {
        "published_at": article.published, "stored_at": article.stored_at.isoformat(), "papers": text.papers,
        "summary": _summary(article.text),
    }  # fmt: skip


def _summary(text: str) -> str:
    """Returns the beginning of a text, up to the end of a word where there are spaces."""
    if len(text) <= SUMMARY_LENGTH:
        return text
    beginning = text[:SUMMARY_LENGTH]
    return f"{beginning.rpartition(' ')[0] or beginning} …"
