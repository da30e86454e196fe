"""How outlets do, in figures: articles a day, the newest, freshness, completeness, fields and answers.

Each query takes the rows of the outlets' channels by an index. Articles and visits get their numbers in the order in which
they are stored, so that the first number of a day divides an index by channel and number into days.
"""

from bisect import bisect_left
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from itertools import pairwise
from math import inf
from typing import Any

from pydantic import BaseModel
from sqlalchemy import String, cast, func, select
from sqlalchemy.orm import aliased
from sqlmodel import Session, col

from services.reader.queries.readings import Reading, freshness, presence
from shared.database import coverage
from shared.database.models import Article, Health, Source, Visit
from shared.database.outlets import newest_articles, source_keys

DAYS = 30
# Newest articles of a channel whose fields are counted: of an outlet among many, and of one by itself.
FEW, MANY = 10, 100
_DAY = timedelta(days=1)
ANSWERS = ("2xx", "3xx", "4xx", "5xx", "none")


class Completeness(BaseModel):
    """Stories that were listed first within a day, by what became of them: listed = stored + dropped + under_way."""

    listed: int = 0
    stored: int = 0
    dropped: int = 0
    under_way: int = 0


class Figures(BaseModel):
    """How an outlet does.

    Attributes:
        articles_a_day: stored on each of the last 30 UTC days, today last.
        last_article_at: when its newest article was stored.
        expected: stories that the last 24 hours should have brought, by what is learned of it; None while too little is.
        completeness: of the last 24 hours; `listed` is what they did bring.
        freshness_seconds: the median time from published to stored of its newest articles, at most 7 days old, that state
            a time of day; None where none does.
        sample: how many newest articles `fields` is about.
        fields: the share of them that have an author, a date, an image, a text.
        answers: to requests of its pages within 24 hours, by class of the HTTP status, `none` for no answer.
    """

    articles_a_day: list[int]
    last_article_at: datetime | None = None
    expected: float | None = None
    completeness: Completeness
    freshness_seconds: float | None = None
    sample: int = 0
    fields: dict[str, float]
    answers: dict[str, int]


def figures(session: Session, keys: Iterable[str], moment: datetime, sample: int = FEW) -> dict[str, Figures]:
    """Returns how outlets do, by their keys.

    Args:
        session: of the database, only read.
        keys: of sites, or of channels that stand by themselves.
        moment: now.
        sample: how many newest articles of each channel are looked at for fields and freshness.
    """
    outlet_keys = list(keys)
    sources = source_keys(session, outlet_keys)
    days, newest = _articles_a_day(session, sources, moment), newest_articles(session, sources)
    states, answers = _states(session, sources, moment), answers_since(session, sources, moment - _DAY)
    readings, expected = _readings(session, sources, sample), _expected(session, outlet_keys)
    return {
        key: Figures(
            articles_a_day=days.get(key, [0] * DAYS), last_article_at=newest.get(key), expected=expected.get(key),
            completeness=states.get(key, Completeness()),
            freshness_seconds=freshness(readings[key], moment), sample=len(readings[key]),
            fields=presence(readings[key]), answers={name: answers[key][name] for name in ANSWERS},
        )
        for key in outlet_keys
    }  # fmt: skip


def answers_since(session: Session, sources: Mapping[int, str], since: datetime) -> dict[str, Counter[str]]:
    """Returns the answers to the requests that ended since a time, by outlet and class of the status."""
    first = select(col(Visit.id)).where(col(Visit.ended_at) >= since).order_by(col(Visit.ended_at)).limit(1)
    numbers: dict[str, Counter[str]] = defaultdict(Counter)
    start = session.scalar(first)
    if start is None:
        return numbers
    query = select(col(Visit.source_id), col(Visit.status), func.count())
    query = query.where(col(Visit.source_id).in_(sources), col(Visit.id) >= start)
    for source_id, status, number in session.execute(query.group_by(col(Visit.source_id), col(Visit.status))):
        numbers[sources[source_id]][f"{status // 100}xx" if status else "none"] += number
    return numbers


def _articles_a_day(session: Session, sources: Mapping[int, str], moment: datetime) -> dict[str, list[int]]:
    today, _ = coverage.day_bounds(moment.date())
    starts = [today - (DAYS - 1 - number) * _DAY for number in range(DAYS)]
    row = session.execute(select(*(_first_article(start) for start in starts))).one()
    # No article was stored since: the days after the newest one.
    firsts = [inf if first is None else first for first in row]
    numbers: dict[str, list[int]] = defaultdict(lambda: [0] * DAYS)
    if firsts[0] == inf:
        return numbers
    # One text of numbers for each channel: five times cheaper than to sort each article into its day in SQL.
    ids = func.aggregate_strings(cast(col(Article.id), String), ",")
    query = select(col(Article.source_id), ids).group_by(col(Article.source_id))
    query = query.where(col(Article.source_id).in_(sources), col(Article.id) >= firsts[0])
    for source_id, text in session.execute(query):
        days = numbers[sources[source_id]]
        for number, articles in enumerate(_between(sorted(map(int, text.split(","))), firsts)):
            days[number] += articles
    return numbers


def _between(ids: Sequence[int], firsts: Sequence[float]) -> Iterator[int]:
    """Yields how many of some ids lie from each first one to the next."""
    edges = [*(bisect_left(ids, first) for first in firsts), len(ids)]
    return (end - start for start, end in pairwise(edges))


def _first_article(start: datetime) -> Any:
    query = select(col(Article.id)).where(col(Article.stored_at) >= start).order_by(col(Article.stored_at)).limit(1)
    return query.scalar_subquery()


def _states(session: Session, sources: Mapping[int, str], moment: datetime) -> dict[str, Completeness]:
    numbers: dict[str, Counter[str]] = defaultdict(Counter)
    for key, state, stories in session.execute(
        coverage.states(), {"sources": list(sources), "start": moment - _DAY, "end": moment}
    ):
        numbers[key][state] += stories
    return {
        key: Completeness(
            listed=sum(states.values()), stored=states[coverage.STORED], dropped=states[coverage.DROPPED],
            under_way=states[coverage.UNDER_WAY],
        )
        for key, states in numbers.items()
    }  # fmt: skip


def _readings(session: Session, sources: Mapping[int, str], sample: int) -> dict[str, list[Reading]]:
    """Returns what the newest articles of each channel have, by outlet."""
    later: Any = aliased(Article)
    oldest = select(later.id).where(later.source_id == col(Source.id)).order_by(later.id.desc()).offset(sample - 1)
    since = func.coalesce(oldest.limit(1).scalar_subquery(), 0)
    columns: list[Any] = [
        # As text: a list of authors need not be read to see that there is one.
        cast(col(Article.authors), String) != "[]", col(Article.published), col(Article.published_at), col(Article.lead_image),
        col(Article.word_count), col(Article.stored_at),
    ]  # fmt: skip
    query = select(col(Article.source_id), *columns).join(Source, col(Source.id) == col(Article.source_id))
    query = query.where(col(Source.id).in_(sources), col(Article.id) >= since)
    readings: dict[str, list[Reading]] = defaultdict(list)
    for source_id, *values in session.execute(query):
        readings[sources[source_id]].append(Reading(*values))
    return readings


def _expected(session: Session, keys: Sequence[str]) -> dict[str, float | None]:
    subjects = {f"site:{key}": key for key in keys}
    query = select(col(Health.subject), col(Health.outlook)).where(col(Health.subject).in_(subjects))
    return {subjects[subject]: (outlook or {}).get("stories_a_day") for subject, outlook in session.execute(query)}
