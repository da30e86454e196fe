"""The list of headlines as people scan it: each with its outlet, its story and its place on a front page."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any, NamedTuple

from sqlalchemy import ColumnElement, false, func, select, union_all
from sqlmodel import Session, col

from services.reader.queries import stories
from services.reader.queries.outlets import Outlet, channels_of, outlets
from services.reader.queries.search import DISORDER, newest_first, newest_rows
from shared.contracts import Kind, now_utc
from shared.database.models import Article, Headline, Placement

# Of so many channels each is asked for its newest headlines.
FEW_CHANNELS = 100


class Conditions(NamedTuple):
    """The conditions on a list of headlines. `site`, `tag` and `country` are of the site that shows them, `hours` is how
    long ago they were seen first at most; only ids below `before` are listed."""

    q: str | None = None
    site: str | None = None
    tag: str | None = None
    country: str | None = None
    language: str | None = None
    block: str | None = None
    hours: int | None = None
    before: int | None = None
    limit: int = 100


class Standing(NamedTuple):
    """Where a front page shows a headline now, counted from 1, and since when it stands there."""

    position: int
    page_url: str
    block: str | None
    since: datetime | None


class Entry(NamedTuple):
    """A headline with what is known of it. `also` are headlines of the same list that tell the same story, folded into it;
    `papers` is the number of newspapers that tell it."""

    headline: Headline
    outlet: Outlet
    story_id: int | None
    papers: int
    standing: Standing | None
    also: Sequence["Entry"] = ()


def entries(
    session: Session, conditions: Conditions, further: Sequence[ColumnElement[bool]] = ()
) -> tuple[list[Entry], int | None]:
    """Returns headlines, newest first, of each story the newest with the others folded into it, and where the next page
    begins: the value of its `before`; None at the end. They meet `further` conditions on the table, too."""
    rows = _rows(session, conditions, further)
    page = rows[: conditions.limit]
    following = page[-1].id if len(rows) > conditions.limit else None
    return _folded(_entries(session, page)), following


def newest_id(session: Session) -> int:
    """Returns the id of the newest headline; 0 if there is none."""
    return session.scalar(select(func.max(Headline.id))) or 0


def _rows(session: Session, conditions: Conditions, further: Sequence[ColumnElement[bool]]) -> Sequence[Headline]:
    channels = channels_of(session, conditions.site, conditions.tag, conditions.country)
    clauses: list[Any] = [*_clauses(session, conditions), *further]
    if conditions.before is not None:
        clauses.append(col(Headline.id) < conditions.before)
    if channels and len(channels) <= FEW_CHANNELS and not conditions.q:
        clauses = [col(Headline.id).in_(_newest_of_each(channels, clauses, conditions.limit + 1))]
    elif channels is not None:
        clauses.append(_of_channels(conditions, channels))
    query = newest_first(session, Headline, conditions.q, conditions.before).where(*clauses)
    if conditions.q and clauses:
        return newest_rows(session, query, Headline, conditions.before, conditions.limit + 1)
    return session.scalars(query.limit(conditions.limit + 1)).all()


def _of_channels(conditions: Conditions, channels: Sequence[int]) -> ColumnElement[bool]:
    """Returns the condition that a headline is of these channels, or of the host that was named and is no site's."""
    if not channels and conditions.site and not (conditions.tag or conditions.country):
        return col(Headline.site) == conditions.site.lower()
    return col(Headline.source_id).in_(channels)


def _newest_of_each(channels: Iterable[int], clauses: Sequence[ColumnElement[bool]], number: int) -> Any:
    """Returns a query for so many ids of each channel. SQLite would sort all headlines of the channels to take their newest."""
    newest = select(col(Headline.id)).where(*clauses).order_by(col(Headline.id).desc()).limit(number)
    return union_all(*(select(newest.where(col(Headline.source_id) == key).subquery().c.id) for key in channels))


def _clauses(session: Session, conditions: Conditions) -> list[ColumnElement[bool]]:
    clauses: list[Any] = [
        column == value
        for column, value in ((col(Headline.language), conditions.language), (col(Headline.block), conditions.block))
        if value is not None
    ]
    if conditions.hours is not None:
        clauses += _since(session, now_utc() - timedelta(hours=conditions.hours))
    return clauses


def _since(session: Session, moment: datetime) -> list[Any]:
    """Returns the conditions that a headline was seen first at a time or later. Its number is bounded as well, so that a list
    that is not full ends there, and not with the oldest headline of all."""
    seen_at = col(Headline.first_seen_at)
    first = session.scalar(select(col(Headline.id)).where(seen_at >= moment).order_by(seen_at).limit(1))
    return [seen_at >= moment, col(Headline.id) >= first - DISORDER] if first is not None else [false()]


def _entries(session: Session, headlines: Sequence[Headline]) -> list[Entry]:
    names = outlets(session, (headline.source_id for headline in headlines))
    story_ids = _story_ids(session, headlines)
    papers = stories.papers(session, story_ids.values())
    standings = _standings(session, headlines)
    return [
        Entry(
            headline,
            names.get(headline.source_id or 0, Outlet(None, headline.site)),
            story_ids.get(headline.article_id or 0),
            papers.get(story_ids.get(headline.article_id or 0, 0), 1),
            standings.get(headline.id or 0),
        )
        for headline in headlines
    ]


def _story_ids(session: Session, headlines: Iterable[Headline]) -> dict[int, int]:
    """Returns the stories of headlines by the ids of their articles."""
    article_ids = {headline.article_id for headline in headlines if headline.article_id}
    query = select(col(Article.id), col(Article.story_id)).where(
        col(Article.id).in_(article_ids), col(Article.story_id).is_not(None)
    )
    return dict(tuple(row) for row in session.execute(query))


def _standings(session: Session, headlines: Iterable[Headline]) -> Mapping[int, Standing]:
    """Returns the places of headlines on the front pages that show them now, by the headlines' ids."""
    front_headlines = {headline.id: headline for headline in headlines if headline.in_front}
    query = select(Placement).where(
        col(Placement.headline_id).in_(list(front_headlines)), col(Placement.kind) == Kind.FRONT.value
    )
    highest = sorted(session.scalars(query), key=lambda placement: placement.position, reverse=True)
    return {row.headline_id: _standing(row, front_headlines[row.headline_id].places) for row in highest}


def _standing(placement: Placement, places: Sequence[Mapping[str, Any]]) -> Standing:
    moves = [place["since"] for place in places if place["page"] == placement.page_url]
    since = datetime.fromisoformat(moves[-1]) if moves else None
    return Standing(placement.position + 1, placement.page_url, placement.block, since)


def _folded(rows: Sequence[Entry]) -> list[Entry]:
    heads: dict[tuple[str, int | None], list[Entry]] = {}
    for row in rows:
        key = ("story", row.story_id) if row.story_id else ("headline", row.headline.id)
        heads.setdefault(key, []).append(row)
    return [head._replace(also=tuple(others)) for head, *others in heads.values()]
