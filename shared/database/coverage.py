"""Coverage: what became of each story that the channels of a site have listed.

A story is a page of the ledger that a listing leads to. It belongs to the UTC day on which a channel of the site first
listed it, and is in exactly one state: `stored`, `dropped` for a named reason, or `under-way`, which includes pages that
are retried. So listed = stored + dropped + under-way, for each site and day. docs/coverage.md has the same in plain SQL.
"""

from datetime import UTC, date, datetime, timedelta
from functools import cache
from typing import Any

from sqlalchemy import BigInteger, ColumnElement, Select, and_, bindparam, case, exists, func, or_, select
from sqlalchemy.orm import aliased
from sqlmodel import col

from shared.database.engine import Instant
from shared.database.models import Headline, Page, Source

STORED, DROPPED, UNDER_WAY = "stored", "dropped", "under-way"
STATES = (STORED, DROPPED, UNDER_WAY)
# The reason of a story whose link is not fetched: its channel is not followed, or the address cannot be fetched.
NOT_FETCHED = "not-fetched"
# The reason of a story whose page is requested again later.
RETRY = "retry"
KINDS = ("feed", "front", "sitemap")

_READ = ("stored", "updated", "unchanged")


def day_bounds(day: date) -> tuple[datetime, datetime]:
    """Returns the first instant of a UTC day, and that of the next one."""
    start = datetime(day.year, day.month, day.day, tzinfo=UTC)
    return start, start + timedelta(days=1)


def counts(day: date) -> Select[Any]:
    """Returns a query for the number of stories listed first on a day, by site_key, state, reason, in_feed, in_front, in_sitemap."""
    story = stories(day).subquery().c
    columns: list[Any] = [
        story.site_key, story.state, story.reason, story.in_feed, story.in_front, story.in_sitemap,
    ]  # fmt: skip
    return select(*columns, func.count().label("stories")).group_by(*columns)


@cache
def states() -> Select[Any]:
    """Returns a query for the number of stories of some channels listed first in a time, by site_key and state.

    Its parameters are `sources`, the ids of the channels, `start` and `end`. It is made once, since that takes as long as to run it.
    """
    start, end = (bindparam(name, type_=Instant()) for name in ("start", "end"))
    sources = bindparam("sources", expanding=True, type_=BigInteger())
    # What has an article is stored, whatever its page says: it need not be looked up.
    query = stories_between(start, end, page=col(Headline.article_id).is_(None))
    story = query.where(col(Headline.source_id).in_(sources)).subquery().c
    return select(story.site_key, story.state, func.count().label("stories")).group_by(story.site_key, story.state)


def stories(day: date) -> Select[Any]:
    """Returns a query for the stories listed first on a day, as stories_between()."""
    return stories_between(*day_bounds(day))


def stories_between(start: Any, end: Any, page: ColumnElement[bool] | None = None) -> Select[Any]:
    """Returns a query for the stories listed first in a time, one row each.

    `site_key` is the key of the site, or of the channel where that stands by itself; `key` the story's key in the ledger;
    `in_feed`, `in_front` and `in_sitemap` the kinds of channels that have shown it. Where the condition `page` does not hold, the
    columns of its page are null.
    """
    own_page = col(Page.key) == col(Headline.link_key)
    columns: list[Any] = [
        _site_key(Source).label("site_key"), col(Headline.link_key).label("key"), col(Headline.url),
        col(Headline.text), col(Headline.first_seen_at).label("first_listed_at"),
        *(_shown_in(kind).label(f"in_{kind}") for kind in KINDS),
        _state().label("state"), _reason().label("reason"), col(Page.status), col(Page.detail), col(Page.retry_at),
        col(Page.trace_id), func.coalesce(col(Headline.article_id), col(Page.article_id)).label("article_id"),
    ]  # fmt: skip
    return (
        select(*columns)
        .join(Source, col(Source.id) == col(Headline.source_id))
        .outerjoin(Page, own_page if page is None else and_(own_page, page))
        .where(col(Headline.first_seen_at) >= start, col(Headline.first_seen_at) < end)
        .where(col(Headline.link_key).is_not(None), _is_listed(Headline), ~_listed_before())
    )  # fmt: skip


def _site_key(source: Any) -> ColumnElement[str]:
    return func.coalesce(source.site_key, source.key)


def _is_listed(headline: Any) -> ColumnElement[bool]:
    return or_(headline.in_feed, headline.in_front, headline.in_sitemap)


def _state() -> ColumnElement[str]:
    stored = or_(
        col(Headline.article_id).is_not(None), col(Page.article_id).is_not(None), col(Page.disposition).in_(_READ)
    )
    moving = and_(col(Page.id).is_not(None), or_(col(Page.disposition).is_(None), col(Page.retry_at).is_not(None)))
    return case((stored, STORED), (moving, UNDER_WAY), else_=DROPPED)


def _reason() -> ColumnElement[str | None]:
    """Returns why a story is not stored: how its page ended. None for one that is under way for the first time."""
    return case((col(Page.id).is_(None), NOT_FETCHED), else_=col(Page.disposition))


def _twin() -> tuple[Any, ColumnElement[bool]]:
    """Returns another row for headlines, and the condition that it leads to the same story on the same site.

    A site may show a story on several hosts.
    """
    headline: Any = aliased(Headline)
    source: Any = aliased(Source)
    same_story = headline.link_key == col(Headline.link_key)
    same_site = and_(headline.source_id == source.id, _site_key(source) == _site_key(Source))
    return headline, and_(same_story, same_site, _is_listed(headline))


def _listed_before() -> ColumnElement[bool]:
    headline, condition = _twin()
    earlier = or_(
        headline.first_seen_at < col(Headline.first_seen_at),
        and_(headline.first_seen_at == col(Headline.first_seen_at), headline.id < col(Headline.id)),
    )
    # That it is another row follows; said, it spares SQLite the reading of the same one.
    return exists().where(condition, headline.id != col(Headline.id), earlier)


def _shown_in(kind: str) -> ColumnElement[bool]:
    headline, condition = _twin()
    return or_(getattr(Headline, f"in_{kind}"), exists().where(condition, getattr(headline, f"in_{kind}")))
