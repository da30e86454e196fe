"""Stories: groups of articles of several newspapers that tell the same in nearly the same words."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any, NamedTuple

from sqlalchemy import func, select
from sqlmodel import Session, col

from shared.contracts import now_utc
from shared.database.models import Article
from shared.database.papers import paper

# Stories in a list.
MOST_STORIES = 60
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
    """Returns the stories of the last hours, those in most newspapers first, of as many the fastest; at most MOST_STORIES."""
    end = now_utc()
    begin = end - timedelta(hours=hours)
    stored_at, story_id = col(Article.stored_at), col(Article.story_id)
    number = func.count(func.distinct(paper(session, Article))).label("papers")
    query = select(story_id, number).where(stored_at >= begin, story_id.is_not(None))
    if language:
        query = query.where(col(Article.language) == language)
    query = query.group_by(story_id).having(number > 1).order_by(number.desc(), story_id.desc()).limit(MOST_STORIES)
    counts = dict(tuple(row) for row in session.execute(query))
    rows = _articles(session, counts)
    found = [_row(rows[story], count, begin, end) for story, count in counts.items()]
    return sorted(found, key=lambda story: (-story.papers, -story.an_hour))


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
    step = (end - begin) / steps
    return [sum(time <= begin + step * (number + 1) for time in times) for number in range(steps)]
