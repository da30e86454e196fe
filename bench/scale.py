"""What hot queries and the storing of a batch cost as articles grow in number: CPU milliseconds with 10,000, 100,000 and
1,000,000, and the query plans of what is not flat.

    python bench/scale.py [--sizes 10000,100000,1000000] [--rounds 20] [--keep FOLDER] [--postgres URL]

Makes a database a size (bench/scale_rows.py): of SQLite in a temporary folder or one that is kept and used again; of PostgreSQL,
which must run on this machine, beside the database at URL, with the names newsmill_scale_10000 and so on, and leaves them there. Sizes
are asked in turn, so that what else the machine does meets all of them. Of PostgreSQL the CPU of the connection's own server process
is counted, too. Prints medians; what takes more than 1.2 times as long with most articles as with fewest is followed by its statements,
with their CPU milliseconds and plans there.
"""

import argparse
import random
import sys
import tempfile
from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path
from statistics import median
from time import process_time
from typing import Any

import numpy as np
import psycopg
from sqlalchemy import event, func, make_url, select, text
from sqlmodel import Session, col

sys.path.insert(0, str(Path(__file__).parents[1]))

from bench.scale_rows import FRONT, KEPT, LANGUAGES, PAPERS, SIGNED, WORDS, WRITERS, fill, newest, paper_url, texts
from services.reader.queries import articles, changes, headlines, news, stories, trends
from services.reader.queries.history import _article
from services.storage.batch import sort
from services.storage.migrate import migrate
from services.storage.store import Rules, write
from services.storage.tables import image_reports, revisits, versions
from services.storage.tables.pacer import Pacer
from shared.contracts import Article as Parsed
from shared.contracts import ArticleParsed, HeadlinesParsed, Image, Kind, Message, now_utc
from shared.contracts import Headline as ParsedHeadline
from shared.contracts import Page as RawPage
from shared.database.engine import make_engine
from shared.database.models import Article, Headline, Page, Visit
from shared.pages import MemoryPages
from shared.urls import fingerprint

FLAT = 1.2
WARM = 3
# Milliseconds of a statement in five runs that are too few to speak of.
LEAST = 0.5
STORING = "storing, a page"
# Of a batch: new articles, those that retell a stored one, and pages of stored ones, every other one edited.
NEW, RETOLD, SEEN = 30, 10, 10
RULES = Rules(
    versions.Limits(3600, 100), image_reports.Rules(3, "none", b""), 60, [timedelta(hours=1)],
    Pacer(KEPT.pace(), timedelta(days=1)), revisits.Rules([timedelta(hours=1)], timedelta(minutes=5)),
)  # fmt: skip


class World:
    """What is asked for: things by chance of a database with so many articles."""

    def __init__(self, size: int) -> None:
        self._size = size
        # Not seeded: in a database that is used again other pages are stored.
        self._chance = random.Random()
        self._texts = np.random.default_rng()

    def queries(self) -> dict[str, Callable[[Session], Any]]:
        """Returns the reader's hot queries."""
        chance, size, filters, conditions = self._chance, self._size, news.Filter, headlines.Conditions
        common, rare = WORDS[100], WORDS[15_000]
        return {
            "newest articles": lambda at: news.newest(at, Article, filters()),
            "newest of a source": lambda at: news.newest(at, Article, filters(source=chance.randint(1, PAPERS))),
            "newest of a language": lambda at: news.newest(at, Article, filters(language=f"l{chance.randrange(LANGUAGES)}")),
            "deep in the list": lambda at: news.newest(at, Article, filters(before=size // 2)),
            "search, a common word": lambda at: news.newest(at, Article, filters(q=common)),
            "search, a rare word": lambda at: news.newest(at, Article, filters(q=rare)),
            "search, two words": lambda at: news.newest(at, Article, filters(q=f"{WORDS[3]} {WORDS[chance.randrange(2000)]}")),
            "search in headlines, common": lambda at: news.newest(at, Headline, filters(q=WORDS[chance.randrange(20)])),
            "search in headlines, rare": lambda at: news.newest(at, Headline, filters(q=WORDS[chance.randrange(1000, 2000)])),
            "the page of headlines": lambda at: headlines.entries(at, conditions()),
            "headlines of an hour": lambda at: headlines.entries(at, conditions(hours=1)),
            "stories of a day": lambda at: stories.largest(at, 24),
            "a trend of a day": lambda at: trends.trend(at, common, 1),
            "an article, all of it": lambda at: articles.reading(at, chance.randint(1, size)),
            "an article by address": lambda at: _article(at, self._key(), None),
            "a story": lambda at: news.articles_of_story(at, chance.randrange(size // 15) + 1),
            "a page of the ledger": lambda at: at.scalars(select(Page).where(col(Page.key) == self._key())).all(),
            "visits of a page": lambda at: at.scalars(select(Visit).where(col(Visit.page_key) == self._key())).all(),
            "what has changed": lambda at: changes.changed(at, changes.newest_place(at) - 50, filters()),
        }  # fmt: skip

    def batch(self, session: Session) -> list[Message]:
        """Returns a batch of pages: articles that are new, retold or seen before, each with six images, and two front pages."""
        bodies = iter(texts(self._texts, NEW + 1, 120))
        # Among those whose signatures are kept.
        oldest = max(0, self._size - newest(KEPT.story_days)) // SIGNED + 1
        signed = [SIGNED * self._chance.randint(oldest, self._size // SIGNED) for _ in range(RETOLD + SEEN)]
        rows = session.scalars(select(Article).where(col(Article.id).in_(signed))).all()
        more = next(bodies)[:80]
        new = [self._page(self._address(), self._title(), body) for body in bodies]
        retellings = [self._page(self._address(), row.title, f"{row.text} {more}") for row in rows[:RETOLD]]
        revisits = [
            self._page(row.url, row.title, f"{row.text} {more}" if number % 2 else row.text)
            for number, row in enumerate(rows[RETOLD:])
        ]
        return [
            *new,
            *retellings,
            *revisits,
            *(self._front(number, session) for number in self._chance.sample(range(PAPERS), 2)),
        ]

    def _front(self, paper: int, session: Session) -> HeadlinesParsed:
        """Returns a front page with two headlines that are new."""
        query = select(col(Headline.text), col(Headline.url)).where(col(Headline.source_id) == paper + 1)
        rows = [tuple(row) for row in session.execute(query.order_by(col(Headline.id).desc()).limit(FRONT - 2))]
        shown = [(self._title(), self._address(paper)) for _ in range(2)] + rows
        page = _raw(paper_url(paper))
        items = tuple(ParsedHeadline(text=title, url=url, position=place) for place, (title, url) in enumerate(shown))
        return HeadlinesParsed(page=page, kind=Kind.FRONT, headlines=items, source_id=paper + 1)

    def _page(self, url: str, title: str, body: str) -> ArticleParsed:
        writer = self._chance.randint(1, WRITERS)
        images = (*(Image(url=f"{url}/{place}.jpg") for place in range(5)), Image(url=f"{paper_url(writer)}{writer}"))
        article = Parsed(title=title, text=body, images=images, published_at=now_utc().isoformat())
        return ArticleParsed(page=_raw(url), article=article, source_id=self._chance.randint(1, PAPERS))

    def _title(self) -> str:
        return texts(self._texts, 1, 8)[0]

    def _address(self, paper: int | None = None) -> str:
        return (
            f"{paper_url(self._chance.randrange(PAPERS) if paper is None else paper)}new/{self._chance.getrandbits(60)}"
        )

    def _key(self) -> str:
        number = self._chance.randint(1, self._size)
        return fingerprint(f"{paper_url(number)}{number}")


def _raw(url: str) -> RawPage:
    return RawPage(url=url, final_url=url, key="", fetched_at=now_utc())


class Database:
    """A database of a size, asked by one connection, with a clock of the CPU that this process and the connection's server process take."""

    def __init__(self, address: str, size: int) -> None:
        migrate(address)
        self.engine, self.size, self.world = make_engine(address, connections=1), size, World(size)
        with Session(self.engine) as session:
            newest = session.scalar(select(func.max(Article.id)))
        if not newest:
            fill(self.engine, size)
        self._server: Path | None = None
        if self.engine.dialect.name == "postgresql":
            with self.engine.connect() as connection:
                self._server = Path(f"/proc/{connection.scalar(text('SELECT pg_backend_pid()'))}/schedstat")

    def clock(self) -> float:
        """Returns CPU milliseconds."""
        return process_time() * 1000 + (int(self._server.read_text().split()[0]) / 1e6 if self._server else 0)

    def spent(self, name: str) -> float:
        """Returns the milliseconds that a query takes, or the storing of a page."""
        with Session(self.engine) as session:
            if query := self.world.queries().get(name):
                begun = self.clock()
                query(session)
                return self.clock() - begun
            batch = self.world.batch(session)
            session.rollback()
            begun = self.clock()
            write(session, sort(batch), RULES, MemoryPages())
            session.commit()
            return (self.clock() - begun) / len(batch)

    @contextmanager
    def recorded(self) -> Iterator[dict[str, tuple[float, Any]]]:
        """Yields the statements of what is done meanwhile, with their milliseconds and parameters."""
        statements: dict[str, tuple[float, Any]] = {}

        def begin(*execution: Any) -> None:
            execution[4].begun = self.clock()

        def end(_connection: Any, _cursor: Any, sql: str, parameters: Any, context: Any, _many: bool) -> None:
            spent = statements.get(sql, (0.0, None))[0] + self.clock() - context.begun
            statements[sql] = spent, parameters

        event.listen(self.engine, "before_cursor_execute", begin)
        event.listen(self.engine, "after_cursor_execute", end)
        yield statements
        event.remove(self.engine, "before_cursor_execute", begin)
        event.remove(self.engine, "after_cursor_execute", end)

    def plan(self, sql: str, parameters: Any) -> str:
        """Returns how a statement is carried out."""
        explain = "EXPLAIN " if self._server else "EXPLAIN QUERY PLAN "
        with self.engine.connect() as connection:
            rows = connection.exec_driver_sql(
                explain + sql, parameters[0] if isinstance(parameters, list) else parameters
            )
            return "\n".join(f"        {row[-1]}" for row in rows)


def table(databases: Sequence[Database], rounds: int) -> dict[str, float]:
    """Prints the medians; returns how many times as much each query takes of the largest database as of the smallest."""
    names = [*databases[0].world.queries(), STORING]
    times: dict[tuple[str, int], list[float]] = defaultdict(list)
    for _ in range(rounds + WARM):
        for name in names:
            for database in databases:
                times[name, database.size].append(database.spent(name))
    print(
        f"| CPU ms, {databases[0].engine.dialect.name} |"
        + "".join(f" {database.size:,} |" for database in databases)
        + " × |"
    )
    growths = {}
    for name in names:
        medians = [median(times[name, database.size][WARM:]) for database in databases]
        growths[name] = medians[-1] / medians[0]
        print(f"| {name} |" + "".join(f" {value:.2f} |" for value in medians) + f" {growths[name]:.2f} |", flush=True)
    return growths


def explain(smallest: Database, largest: Database, name: str) -> None:
    """Prints the statements of a query that take longer in the largest database."""
    with smallest.recorded() as before, largest.recorded() as after:
        for _ in range(5):
            smallest.spent(name)
            largest.spent(name)
    print(f"\n{name}: milliseconds of its statements in five runs, and their plans")
    for sql, (spent, parameters) in sorted(after.items(), key=lambda item: -item[1][0]):
        earlier = before.get(sql, (0.0, None))[0]
        if spent > FLAT * earlier and spent > LEAST:
            print(f"    {earlier:.2f} → {spent:.2f}  {' '.join(sql.split())[:400]}")
            print(largest.plan(sql, parameters), flush=True)


def addresses(options: argparse.Namespace, folder: str, sizes: Sequence[int]) -> Iterator[str]:
    """Yields the addresses of a database for each size."""
    for size in sizes:
        if not options.postgres:
            yield f"sqlite:///{options.keep or folder}/{size}.db"
            continue
        name = f"newsmill_scale_{size}"
        with psycopg.connect(options.postgres, autocommit=True) as connection:
            if not connection.execute("SELECT 1 FROM pg_database WHERE datname = %s", [name]).fetchone():
                connection.execute(f"CREATE DATABASE {name}")
        url = make_url(options.postgres).set(drivername="postgresql+psycopg", database=name)
        yield url.render_as_string(hide_password=False)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--sizes", default="10000,100000,1000000")
    parser.add_argument("--rounds", type=int, default=20)
    parser.add_argument("--keep")
    parser.add_argument("--postgres")
    options = parser.parse_args()
    sizes = [int(size) for size in options.sizes.split(",")]
    with tempfile.TemporaryDirectory() as folder:
        databases = [Database(*pair) for pair in zip(addresses(options, folder, sizes), sizes, strict=True)]
        for name, growth in table(databases, options.rounds).items():
            if growth > FLAT:
                explain(databases[0], databases[-1], name)
        for database in databases:
            database.engine.dispose()


if __name__ == "__main__":
    main()
