"""Coverage: each listed story is stored, dropped for a named reason or under way, and every figure is a number of rows."""

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from redis import Redis
from sqlalchemy import Engine, select, text, update
from sqlmodel import Session, SQLModel

from newsmill.commands.coverage import coverage_lines
from newsmill.sites.alerts import alert_lines
from services.reader.queries.coverage import find, report
from services.storage.health import state
from services.storage.health.observation import hour_of
from services.storage.health.watch import look
from services.storage.settings import StorageSettings
from services.storage.store import Store
from shared.contracts import (
    Article,
    ArticleParsed,
    Headline,
    HeadlinesParsed,
    Kind,
    Message,
    Page,
    PageDropped,
    Reason,
    SiteDeclared,
    SourceDeclared,
)  # fmt: skip
from shared.database.models import Health, Source, StoredEvent, Watch
from shared.later import Later
from shared.pages import MemoryPages
from shared.urls import fingerprint

NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)
DAY = NOON.date()
HOME = "https://gazette.example/"
CHANNELS = {Kind.FRONT: HOME, Kind.FEED: f"{HOME}feed", Kind.SITEMAP: f"{HOME}news.xml"}
DOCUMENTED = re.findall(r"```sql\n(.*?)```", Path("docs/coverage.md").read_text(), re.DOTALL)


class Gazette:
    """A site with a front page, a feed and a sitemap, and a store that takes what is read of them."""

    def __init__(self, engine: Engine, redis: "Redis") -> None:
        self.engine, self.redis = engine, redis
        self.store = Store(engine, redis, Later(redis), MemoryPages(), StorageSettings())
        declared = (
            SourceDeclared(name=kind.value, url=url, kind=kind, site_key=fingerprint(HOME))
            for kind, url in CHANNELS.items()
        )
        self.store.handle_batch([SiteDeclared(home_page=HOME, name="Gazette"), *declared])
        with Session(engine) as session:
            self.ids = {source.url: source.id for source in session.scalars(select(Source))}

    def list(self, kind: Kind, *names: str, minutes: int = 0) -> list[Any]:
        """Shows stories in a channel; returns the fetches that follow."""
        headlines = tuple(
            Headline(text=f"Story {name}", url=self.url(name), position=number) for number, name in enumerate(names)
        )
        page = self.page(CHANNELS[kind], minutes)
        return self.store.handle(
            HeadlinesParsed(page=page, kind=kind, headlines=headlines, source_id=self.ids[CHANNELS[kind]])
        )

    def page(self, url: str, minutes: int = 0) -> Page:
        return Page(url=url, final_url=url, key="", fetched_at=NOON + timedelta(minutes=minutes))

    def url(self, name: str) -> str:
        return f"{HOME}{name}"

    def end(self, name: str, reason: Reason | None = None) -> None:
        """Ends a story's page: dropped, or stored where there is no reason."""
        self.store.handle(self._end(self.url(name), name, reason))

    def _end(self, url: str, name: str, reason: Reason | None) -> Message:
        if reason:
            return PageDropped(url=url, stage="fetch", reason=reason)
        body = " ".join(f"{name}{number}" for number in range(60))
        return ArticleParsed(page=self.page(url, 1), article=Article(title=f"Story {name}", text=body))

    def report(self, day: date = DAY) -> dict[str, Any]:
        with Session(self.engine) as session:
            return report(session, self.redis, day, find(session, "gazette.example"), missing=True)


@pytest.fixture
def gazette(engine: Engine, redis: "Redis") -> Gazette:
    return Gazette(engine, redis)


def documented_rows(engine: Engine) -> Sequence[Any]:
    return _rows(engine, DOCUMENTED[0])


def _rows(engine: Engine, statement: str) -> Sequence[Any]:
    with engine.connect() as connection:
        return connection.execute(text(statement)).all()


def test_a_site_that_hides_one_story_in_each_way_is_accounted_for(gazette: Gazette) -> None:
    gazette.list(Kind.SITEMAP, "seen-by-all", "only-sitemap", "walled", "forbidden")
    gazette.list(Kind.FRONT, "seen-by-all", "only-front", "late", "walled", "forbidden", "lost")
    gazette.list(Kind.FEED, "seen-by-all", "walled", "only-feed")
    for name in ("seen-by-all", "only-sitemap", "only-front", "only-feed"):
        gazette.end(name)
    gazette.end("late", Reason.HTTP_404)
    gazette.end("walled", Reason.CONSENT_WALL)
    gazette.end("forbidden", Reason.ROBOTS)
    document = gazette.report()
    [site] = document["sites"]
    assert (site["listed"], site["stored"], site["dropped"], site["under_way"], site["retries"]) == (8, 4, 2, 2, 1)
    assert site["reasons"] == {"consent-wall": 1, "robots": 1}
    assert site["only"] == {"feed": 1, "front": 3, "sitemap": 1}
    missing = {story["url"].removeprefix(HOME): story for story in document["missing"]}
    assert {name: (story["state"], story["reason"]) for name, story in missing.items()} == {
        "late": ("under-way", "http-404"), "walled": ("dropped", "consent-wall"), "forbidden": ("dropped", "robots"),
        "lost": ("under-way", None),
    }  # fmt: skip
    assert missing["late"]["tried_again_at"] is not None
    assert missing["walled"]["command"] == f"newsmill submit --fresh '{HOME}walled'"
    gazette.end("late")
    # Its request was lost with a killed worker, and custody has issued it again.
    gazette.end("lost")
    assert gazette.report()["sites"][0]["stored"] == 6
    lines = list(coverage_lines(document))
    assert lines[2].split() == ["Gazette", "8", "4", "2", "2", "1/3/1"]


def test_the_documented_query_gives_the_rows_of_each_figure(gazette: Gazette) -> None:
    gazette.list(Kind.FRONT, "a", "b", "c", "d")
    gazette.list(Kind.FEED, "a", "e")
    gazette.end("a")
    gazette.end("b", Reason.HTTP_410)
    gazette.end("c", Reason.HTTP_5XX)
    rows = documented_rows(gazette.engine)
    [site] = gazette.report()["sites"]
    states = Counter(row.state for row in rows)
    assert (states["stored"], states["dropped"], states["under-way"]) == (1, 1, 3)
    assert [site[name] for name in ("stored", "dropped", "under_way")] == [1, 1, 3]
    assert Counter(row.reason for row in rows if row.state == "dropped") == site["reasons"]
    assert sum(row.in_feed and not row.in_front and not row.in_sitemap for row in rows) == site["only"]["feed"] == 1


def test_each_documented_query_gives_the_figure_that_it_is_for(gazette: Gazette) -> None:
    gazette.list(Kind.SITEMAP, "a", "b", "c")
    gazette.list(Kind.FRONT, "a")
    gazette.end("a")
    gazette.end("b", Reason.HTTP_410)
    story, figures, alerts = DOCUMENTED
    [site] = gazette.report()["sites"]
    states, reasons, only = (
        _rows(gazette.engine, f"WITH story AS ({story}) {query}") for query in figures.strip().strip(";").split(";")
    )
    key = fingerprint(HOME)
    assert {row[1]: row[2] for row in states} == {"stored": 1, "dropped": 1, "under-way": 1}
    assert [tuple(row) for row in reasons] == [(key, reason, number) for reason, number in site["reasons"].items()]
    assert [tuple(row) for row in only] == [(key, site["only"]["sitemap"])]
    rows = [_rows(gazette.engine, query.replace("KEY", key)) for query in alerts.strip().strip(";").split(";")]
    assert [len(found) for found in rows] == [0, 3, 0, 0, 0], "what was asked for by nobody is no reading of the site"


def test_a_story_counts_on_the_day_of_its_first_listing_alone(gazette: Gazette) -> None:
    gazette.list(Kind.FRONT, "a")
    gazette.list(Kind.FEED, "a", "b", minutes=24 * 60)
    assert [gazette.report(day)["sites"][0]["listed"] for day in (DAY, date(2026, 3, 2), date(2026, 3, 3))] == [1, 1, 0]


def test_a_story_on_two_hosts_of_a_site_is_one_and_is_not_only_in_one_of_them(gazette: Gazette) -> None:
    gazette.list(Kind.FRONT, "a")
    elsewhere = gazette.page(CHANNELS[Kind.FEED], 1).model_copy(update={"final_url": "https://feeds.gazette.example/x"})
    headline = Headline(text="Story a", url=gazette.url("a"))
    source_id = gazette.ids[CHANNELS[Kind.FEED]]
    gazette.store.handle(HeadlinesParsed(page=elsewhere, kind=Kind.FEED, headlines=(headline,), source_id=source_id))
    [site] = gazette.report()["sites"]
    assert (site["listed"], site["only"]) == (1, {"feed": 0, "front": 0, "sitemap": 0})


def test_a_channel_that_is_not_followed_says_so_of_its_stories(gazette: Gazette) -> None:
    page = gazette.page(CHANNELS[Kind.FEED])
    headline = Headline(text="Story a", url=gazette.url("a"))
    source_id = gazette.ids[page.url]
    gazette.store.handle(
        HeadlinesParsed(page=page, kind=Kind.FEED, headlines=(headline,), source_id=source_id, follow=False)
    )
    assert gazette.report()["sites"][0]["reasons"] == {"not-fetched": 1}


def test_the_api_gives_the_same_and_names_a_site_that_is_not_there(gazette: Gazette, client: Any) -> None:
    gazette.list(Kind.FRONT, "a", "b")
    gazette.end("a", Reason.HTTP_403)
    parameters = {"site": "Gazette", "day": DAY.isoformat(), "missing": "true"}
    assert client.get("/v1/coverage", params=parameters).json() == gazette.report()
    assert client.get("/v1/coverage", params={"site": "nowhere.example"}).status_code == 404
    assert client.get("/v1/coverage", params={"day": "9999-12-31"}).status_code == 422


def test_a_watch_that_yields_nothing_any_more_is_shown_though_every_source_is_fine(
    gazette: Gazette, client: Any
) -> None:
    until = hour_of(NOON)
    hourly = state.advance(state.new(until - 720), until, dict.fromkeys(range(until - 720, until), 1))
    with Session(gazette.engine) as session:
        session.add(Watch(name="Harbour", query="harbour", feed_secret="s", created_at=NOON, changed_at=NOON))
        session.add(Health(subject="watch", state=[until, 0]))
        session.add(Health(subject="watch:1:1", state=state.dump(hourly)))
        for hour in range(1, 9):
            gazette.list(Kind.FEED, f"s{hour}", minutes=60 * hour)
            session.execute(update(Source).values(last_success_at=NOON + timedelta(hours=hour)))
            look(session, NOON + timedelta(hours=hour, minutes=15))
            session.commit()
    [shown] = client.get("/v1/alerts").json()["items"]
    assert (shown["name"], shown["kind"], shown["subject"]) == ("Harbour", "silent", "watch:1:1")
    [line, cause, *_] = alert_lines({"alerts": [shown]})
    assert line.startswith("silent ")
    assert "Harbour" in line
    assert "out of use" in cause
    with Session(gazette.engine) as session:
        assert "site.silent" in session.scalars(select(StoredEvent.type)).all()


ENDS = st.sampled_from([None, Reason.HTTP_404, Reason.HTTP_403, Reason.ROBOTS, Reason.TIMEOUT, Reason.NO_CONTENT])
EVENTS = st.one_of(
    st.tuples(st.sampled_from(list(CHANNELS)), st.lists(st.sampled_from("abcdef"), max_size=5, unique=True)),
    st.tuples(st.sampled_from("abcdef"), ENDS),
)


@pytest.fixture
def clean(gazette: Gazette) -> Iterator[Any]:
    def empty() -> None:
        with gazette.engine.begin() as connection:
            for table in ("placement", "headline", "article_alias", "visit", "page", "article_version", "article"):
                connection.execute(SQLModel.metadata.tables[table].delete())

    return empty


@settings(max_examples=10, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(events=st.lists(EVENTS, max_size=12))
def test_listed_is_stored_and_dropped_and_under_way_whatever_happens(
    gazette: Gazette, clean: Any, events: list[Any]
) -> None:
    clean()
    listed: set[str] = set()
    for minutes, (subject, value) in enumerate(events):
        if isinstance(subject, Kind):
            gazette.list(subject, *value, minutes=minutes)
            listed |= set(value)
        else:
            gazette.end(subject, value)
    [site] = gazette.report()["sites"]
    assert site["listed"] == len(listed) == site["stored"] + site["dropped"] + site["under_way"]
    assert sum(site["reasons"].values()) == site["dropped"]
    assert Counter(row.state for row in documented_rows(gazette.engine))["stored"] == site["stored"]
