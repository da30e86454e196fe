"""How outlets do, in figures: articles a day, the newest, freshness, completeness, fields and answers.

Each query takes the rows of the outlets' channels by an index. Articles and visits get their numbers in the order in which
they are stored, so that the first number of a day divides an index by channel and number into days.
"""

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from itertools import pairwise
from typing import Any

from pydantic import BaseModel
from sqlalchemy import BigInteger, Integer, Select, String, cast, column, func, select, true, values
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
# Larger than any number of a row.
_LAST_ID = 2**63 - 1
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
    numbers: dict[str, list[int]] = defaultdict(lambda: [0] * DAYS)
    bounds = _bounds(session, moment)
    if not bounds:
        return numbers
    names = (column("number", Integer), column("first", BigInteger), column("following", BigInteger))
    day = values(*names).data(bounds).cte("day")
    of_day = [
        col(Article.source_id) == col(Source.id),
        col(Article.id) >= day.c.first,
        col(Article.id) < day.c.following,
    ]
    # Each count is a look at one stretch of an index, five times cheaper than to sort each article into its day.
    count = select(func.count()).select_from(Article).where(*of_day).correlate(Source, day).scalar_subquery()
    query = select(col(Source.id), day.c.number, count).join(day, true()).where(col(Source.id).in_(sources))
    for source_id, number, articles in session.execute(query):
        numbers[sources[source_id]][number] += articles
    return numbers


def _bounds(session: Session, moment: datetime) -> list[tuple[int, int, int]]:
    """Returns the days on which articles were stored: the number of the day, the first article, and the first of the days after."""
    today, _ = coverage.day_bounds(moment.date())
    starts = [today - (DAYS - 1 - number) * _DAY for number in range(DAYS)]
    firsts = session.execute(select(*(_first_article(start) for start in starts))).one()
    # Since the last of these days no article was stored.
    edges = [first for first in firsts if first is not None] + [_LAST_ID]
    return [(number, first, following) for number, (first, following) in enumerate(pairwise(edges))]


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
    postgres = session.get_bind().dialect.name == "postgresql"
    query = (_newest_laterally if postgres else _newest_by_number)(sample).where(col(Source.id).in_(sources))
    readings: dict[str, list[Reading]] = defaultdict(list)
    for source_id, *fields in session.execute(query):
        readings[sources[source_id]].append(Reading(*fields))
    return readings


def _reading_columns(article: Any) -> list[Any]:
    # As text: a list of authors need not be read to see that there is one.
    has_author = (cast(article.authors, String) != "[]").label("has_author")
    return [
        has_author,
        article.published,
        article.published_at,
        article.lead_image,
        article.word_count,
        article.stored_at,
    ]


def _newest_laterally(sample: int) -> Select[Any]:
    """Returns a query for the newest articles of channels, for PostgreSQL: it would read all articles for the other one."""
    own = select(*_reading_columns(Article)).where(col(Article.source_id) == col(Source.id))
    newest = own.order_by(col(Article.id).desc()).limit(sample).lateral()
    return select(col(Source.id), newest).join(newest, true())


def _newest_by_number(sample: int) -> Select[Any]:
    """Returns the same query for SQLite, which has no LATERAL."""
    later: Any = aliased(Article)
    oldest = select(later.id).where(later.source_id == col(Source.id)).order_by(later.id.desc()).offset(sample - 1)
    since = func.coalesce(oldest.limit(1).scalar_subquery(), 0)
    query = select(col(Article.source_id), *_reading_columns(Article)).where(col(Article.id) >= since)
    return query.join(Source, col(Source.id) == col(Article.source_id))


def _expected(session: Session, keys: Sequence[str]) -> dict[str, float | None]:
    subjects = {f"site:{key}": key for key in keys}
    query = select(col(Health.subject), col(Health.outlook)).where(col(Health.subject).in_(subjects))
    return {subjects[subject]: (outlook or {}).get("stories_a_day") for subject, outlook in session.execute(query)}
