"""Stories: groups of articles of several newspapers that tell the same in nearly the same words."""

from bisect import bisect_right
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any, NamedTuple

from sqlalchemy import func, select
from sqlmodel import Session, col

from shared.contracts import now_utc
from shared.database.models import Article
from shared.database.papers import paper

# Stories in a list, and stories with most articles of which the newspapers are counted.
MOST_STORIES, CANDIDATES = 60, 300
# Articles of a story, the first of them.
MOST_TELLINGS = 200
# Points of a story's curve.
STEPS = 24
# The columns of an article in a list of stories.
_COLUMNS = (
    col(Article.id), col(Article.story_id), col(Article.title), col(Article.language), col(Article.direction),
    col(Article.publisher), col(Article.site), col(Article.url), col(Article.source_id), col(Article.published_at),
    col(Article.stored_at),
)  # fmt: skip


class StoryRow(NamedTuple):
    """A story of a time: `first` is the article that was stored first, `curve` how many articles it had at each step of
    the time, `an_hour` how many came in an hour between the first and the last."""

    id: int
    papers: int
    articles: int
    first: Any
    newest_at: datetime
    an_hour: float
    curve: Sequence[int]


def papers(session: Session, story_ids: Iterable[int]) -> Mapping[int, int]:
    """Returns in how many newspapers stories are, by their ids."""
    ids = sorted(set(story_ids))
    if not ids:
        return {}
    query = select(col(Article.story_id), func.count(func.distinct(paper(session, Article)))).where(
        col(Article.story_id).in_(ids)
    )
    return dict(tuple(row) for row in session.execute(query.group_by(col(Article.story_id))))


def largest(session: Session, hours: int, language: str | None = None) -> list[StoryRow]:
    """Returns the stories of the last hours, those in most newspapers first, of as many the fastest; at most MOST_STORIES.

    They are the ones with most newspapers of those with most articles in this time.
    """
    end = now_utc()
    begin = end - timedelta(hours=hours)
    counts = papers(session, _most_reported(session, begin, language))
    largest = sorted((story for story in counts if counts[story] > 1), key=lambda story: (-counts[story], -story))
    rows = _articles(session, largest[:MOST_STORIES])
    stories = [_row(articles, counts[story], begin, end) for story, articles in rows.items()]
    return sorted(stories, key=lambda story: (-story.papers, -story.an_hour))


def _most_reported(session: Session, begin: datetime, language: str | None) -> Sequence[int]:
    """Returns the stories with most articles since a time, which an index alone answers."""
    story_id, number = col(Article.story_id), func.count()
    query = select(story_id).where(col(Article.stored_at) >= begin, story_id.is_not(None))
    if language:
        query = query.where(col(Article.language) == language)
    most = query.group_by(story_id).order_by(number.desc(), story_id.desc())
    return list(session.scalars(most.limit(CANDIDATES)))


def tellings(session: Session, story_id: int) -> Sequence[Any]:
    """Returns the articles of a story without their texts, the first to be stored first; at most MOST_TELLINGS."""
    query = select(*_COLUMNS).where(col(Article.story_id) == story_id)
    return session.execute(query.order_by(col(Article.stored_at), col(Article.id)).limit(MOST_TELLINGS)).all()


def _articles(session: Session, story_ids: Iterable[int]) -> Mapping[int, list[Any]]:
    query = select(*_COLUMNS).where(col(Article.story_id).in_(list(story_ids)))
    rows: dict[int, list[Any]] = defaultdict(list)
    for row in session.execute(query.order_by(col(Article.stored_at), col(Article.id))):
        rows[row.story_id].append(row)
    return rows


def _row(articles: Sequence[Any], count: int, begin: datetime, end: datetime) -> StoryRow:
    first, last = articles[0], articles[-1]
    seconds = max((last.stored_at - first.stored_at).total_seconds(), 3600.0)
    times = [article.stored_at for article in articles]
    an_hour = round(len(articles) / (seconds / 3600), 1)
    return StoryRow(first.story_id, count, len(articles), first, last.stored_at, an_hour, curve(times, begin, end))


def curve(times: Sequence[datetime], begin: datetime, end: datetime, steps: int = STEPS) -> list[int]:
    """Returns how many of some times had passed at the end of each step between two times."""
    step, ordered = (end - begin) / steps, sorted(times)
    return [bisect_right(ordered, begin + step * (number + 1)) for number in range(steps)]
