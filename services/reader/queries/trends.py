"""How often what a search asks for was published, over time: the curve, what it is made of, and the words that go with it."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from math import log
from typing import Any, Literal, NamedTuple

from sqlalchemy import ColumnElement, Row, func, literal, null, select, union_all
from sqlmodel import Session, col

from services.reader.queries.search import stored_since
from services.reader.queries.tokens import tokens
from shared.contracts import now_utc
from shared.database.models import Article
from shared.database.papers import paper
from shared.database.search import query_words
from shared.query.parse import parse

By = Literal["site", "language", "tag"]
# Names of which the counts are given; the rest are counted in the total alone.
MOST_NAMES = 50
# Up to so many days the steps are hours.
HOURLY_DAYS = 3
# Titles of matches, and of other articles of a language, in which words are counted, and words that are given.
MATCHES, OTHERS, MOST_WORDS = 300, 500, 30
# Languages of which other titles are looked at, and how many times as frequent a word that is given is at least.
MOST_LANGUAGES, LEAST_TIMES = 3, 1.5
_DAY, _HOUR = "%Y-%m-%d", "%Y-%m-%d %H"
_MOMENT = func.coalesce(col(Article.published_at), col(Article.stored_at))


class Series(NamedTuple):
    """How many articles of a name (a newspaper, a language, a tag) there were at each step."""

    name: str
    total: int
    counts: Sequence[int]


class Word(NamedTuple):
    """A word in the titles of `matches` matching articles, `times` as frequent there as in other titles."""

    word: str
    matches: int
    times: float


class Trend(NamedTuple):
    """The counts of what a search asks for. `steps` are the beginnings of the steps; `whole` is the series of all articles,
    `series` those of the names, the largest first."""

    steps: Sequence[datetime]
    hourly: bool
    whole: Series
    series: Sequence[Series]
    words: Sequence[Word]


def trend(session: Session, q: str, days: int, by: By | None = None) -> Trend:
    """Returns how often what a search asks for was published in the last days.

    Args:
        session: of the database, only read.
        q: the search; one that asks for nothing has no articles.
        days: how many, today included.
        by: what the articles are counted by besides.
    """
    hourly = days <= HOURLY_DAYS
    steps = _steps(days, hourly=hourly)
    postgres = session.get_bind().dialect.name == "postgresql"
    keys = _keys(steps, hourly=hourly, postgres=postgres)
    matches = _matches(session, q, steps[0])
    rows = _rows(session, matches, by, _bucket(hourly=hourly, postgres=postgres))
    named, totals = _counts(rows, by)
    series = _largest(named, keys) if by else ()
    return Trend(
        steps, hourly, _series("", totals, keys), series, _words(session, q, [row.id for row in rows if row.id])
    )


def _steps(days: int, *, hourly: bool) -> list[datetime]:
    hour = now_utc().replace(minute=0, second=0, microsecond=0)
    last, step = (hour, timedelta(hours=1)) if hourly else (hour.replace(hour=0), timedelta(days=1))
    number = days * 24 if hourly else days
    return [last - step * (number - 1 - place) for place in range(number)]


def _matches(session: Session, q: str, begin: datetime) -> list[ColumnElement[bool]]:
    """Returns the conditions on articles. An article was stored after it was published."""
    return [*stored_since(session, parse(q), begin), begin <= _MOMENT, now_utc() >= _MOMENT]


def _rows(
    session: Session, matches: Sequence[ColumnElement[bool]], by: By | None, step: ColumnElement[Any]
) -> Sequence[Row[Any]]:
    """Returns rows with the number of matches of a name and a step, and rows with the ids of the newest matches: what matches
    is looked for once, and that costs most."""
    names = {
        "site": paper(session, Article),
        "language": col(Article.language),
        "tag": col(Article.tags),
        None: literal(""),
    }
    table = select(col(Article.id).label("id"), names[by].label("name"), step.label("step")).where(*matches).cte()
    # Lists of tags are grouped as they are: a row for each article and tag would be several times as many.
    counts = select(table.c.name, table.c.step, func.count().label("articles"), null().label("id"))
    newest = select(table.c.id).order_by(table.c.id.desc()).limit(MATCHES).subquery()
    ids = select(null(), null(), null(), newest.c.id)
    return session.execute(union_all(counts.group_by(table.c.name, table.c.step), ids)).all()


def _counts(rows: Iterable[Row[Any]], by: By | None) -> tuple[Mapping[str, Counter[Any]], Counter[Any]]:
    """Returns how many matches there are by name and step, and by step alone: an article has many tags, or none."""
    named: Mapping[str, Counter[Any]] = defaultdict(Counter)
    totals: Counter[Any] = Counter()
    for row in rows:
        if row.id is None:
            totals[row.step] += row.articles
            for name in set(row.name) if by == "tag" else [row.name or "unknown"]:
                named[name][row.step] += row.articles
    return named, totals


def _bucket(*, hourly: bool, postgres: bool) -> ColumnElement[Any]:
    """Returns the day or hour of an article, UTC: on PostgreSQL as its beginning, on SQLite as the beginning of its text.

    Either costs less than to write the text anew for each article.
    """
    if postgres:
        return func.date_trunc("hour" if hourly else "day", func.timezone("UTC", _MOMENT))
    return func.substr(_MOMENT, 1, 13 if hourly else 10)


def _keys(steps: Sequence[datetime], *, hourly: bool, postgres: bool) -> list[Any]:
    """Returns the values of _bucket() for the beginnings of steps."""
    if postgres:
        return [step.replace(tzinfo=None) for step in steps]
    return [step.strftime(_HOUR if hourly else _DAY) for step in steps]


def _series(name: str, counts: Mapping[Any, int], keys: Sequence[Any]) -> Series:
    steps = [counts.get(key, 0) for key in keys]
    return Series(name, sum(steps), steps)


def _largest(named: Mapping[str, Mapping[Any, int]], keys: Sequence[Any]) -> list[Series]:
    rows = [_series(name, counts, keys) for name, counts in named.items()]
    return sorted(rows, key=lambda row: (-row.total, row.name))[:MOST_NAMES]


def _words(session: Session, q: str, ids: Sequence[int]) -> list[Word]:
    """Returns the words that are more frequent in the titles of matches than in the newest of the same language."""
    titles = select(col(Article.title), col(Article.language)).where(col(Article.id).in_(ids))
    newest = session.execute(titles.order_by(col(Article.id).desc())).all()
    languages = [language for language, _ in Counter(row.language for row in newest).most_common(MOST_LANGUAGES)]
    usual_titles = [title for language in languages for title in _titles_in(session, language)]
    forms: dict[str, str] = {}
    frequent = Counter(word for row in newest for word in _title_words(row.title, forms))
    usual = Counter(word for title in usual_titles for word in _title_words(title, forms))
    searched_words = set(query_words(q))
    words = [
        Word(forms[word], count, round((count / len(newest)) / ((usual[word] + 1) / (len(usual_titles) + 1)), 1))
        for word, count in frequent.items()
        if count > 1 and word not in searched_words
    ]
    telling = [word for word in words if word.times >= LEAST_TIMES]
    return sorted(telling, key=lambda word: -word.matches * log(word.times))[:MOST_WORDS]


def _titles_in(session: Session, language: str | None) -> Sequence[str]:
    query = select(col(Article.title)).where(col(Article.language) == language)
    return session.scalars(query.order_by(col(Article.id).desc()).limit(OTHERS)).all()


def _title_words(title: str, forms: dict[str, str]) -> set[str]:
    """Returns the words of a title once each; enters into `forms` how they are written."""
    words = {token.word: title[token.start : token.end] for token in tokens(title)}
    long_words = {word: form for word, form in words.items() if len(word) > 1 and not word.isdecimal()}
    for word, form in long_words.items():
        forms.setdefault(word, form)
    return set(long_words)
