"""The health of channels: one that dies while its site lives opens an alert, which closes when it brings news again."""

import json
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import select
from sqlmodel import Session, col

from services.storage.health import changes, state
from services.storage.health.changes import Changes
from services.storage.health.channels import judge
from services.storage.health.observation import hour_of, sites
from services.storage.health.showings import Showing, showings
from services.storage.health.verdicts import Channel
from services.storage.health.watch import look
from shared.contracts import Headline, HeadlinesParsed, Kind, PageDropped, Reason, SiteDeclared, SourceDeclared
from shared.database.engine import transaction
from shared.database.models import Alert, Health, Source, StoredEvent
from shared.database.models import Headline as StoredHeadline
from shared.urls import fingerprint
from tests.storage.test_store import Bench, bench

__all__ = ["bench"]

HOME, FEED, SITEMAP = "https://gazette.example/", "https://gazette.example/feed", "https://gazette.example/news.xml"
START = datetime(2026, 3, 2, tzinfo=UTC)
HOUR = timedelta(hours=1)


@given(st.lists(st.sets(st.sampled_from("abc")), max_size=30))
def test_a_listing_changes_when_it_shows_something_else_and_is_empty_while_it_shows_nothing(
    shown: list[set[str]],
) -> None:
    known, previous = Changes(), set[str]()
    for hour, addresses in enumerate(shown, start=1):
        known = changes.look(known, hour * 3600, sorted(addresses, reverse=True))
        assert (hour in known.hours) == (bool(addresses) and addresses != previous)
        assert bool(known.empty_since) == (not addresses and any(shown[:hour]))
        assert changes.load(json.loads(json.dumps(changes.dump(known)))) == known
        previous = addresses or previous if not known.empty_since else set()
    assert len(known.hours) <= changes.REMEMBERED_HOURS


def test_how_long_a_listing_was_empty_before_is_remembered() -> None:
    known = Changes()
    for hour, shown in enumerate(["a", "", "", "", "b", "", "c"]):
        known = changes.look(known, hour * 3600, [shown] if shown else [])
    assert (known.longest_empty, known.empty_since) == (3 * 3600, 0.0)


def channel(url: str, **fields: object) -> Channel:
    values = {
        "url": url,
        "failures": 0,
        "last_disposition": "listed",
        "last_success_at": START,
        "created_at": START - 9 * HOUR,
    }
    return Channel(**values | fields | {"key": fingerprint(url)})  # type: ignore[arg-type] # checked by the tests


def learned(days: int, quiet_hours: int = 0) -> state.State:
    """What hours with a change each have taught, but for the last ones."""
    end = hour_of(START)
    first = end - 24 * days
    return state.advance(state.new(first), end, dict.fromkeys(range(first, end - quiet_hours), 1))


def empty(hours: float, longest: float = 0.0) -> Changes:
    return Changes("", (), (START - timedelta(hours=hours)).timestamp(), longest * 3600)


@pytest.mark.parametrize(
    ("broken", "quiet_hours", "kind"),
    [
        pytest.param(channel(FEED, failures=4, last_success_at=START - 7 * HOUR), 0, "channel-failing", id="errors"),
        pytest.param(channel(FEED, failures=3, last_success_at=START - 7 * HOUR), 0, None, id="few errors"),
        pytest.param(channel(FEED, failures=9, last_success_at=START - 2 * HOUR), 0, None, id="errors of late"),
        pytest.param(channel(FEED, changes=empty(25)), 0, "channel-empty", id="empty"),
        pytest.param(channel(FEED, changes=empty(20)), 0, None, id="empty of late"),
        pytest.param(channel(FEED, changes=empty(60, longest=40)), 0, None, id="empty at times"),
        pytest.param(channel(FEED), 24, "channel-stale", id="stale"),
        pytest.param(channel(FEED, last_disposition="not-modified"), 24, "channel-stale", id="not modified for long"),
        pytest.param(channel(FEED), 3, None, id="quiet of late"),
    ],
)  # fmt: skip
def test_what_is_wrong_with_a_channel(broken: Channel, quiet_hours: int, kind: str | None) -> None:
    others = [channel(SITEMAP)]
    verdicts = judge(broken, learned(30, quiet_hours), learned(30), others, START)
    assert [verdict.kind for verdict in verdicts] == ([kind] if kind else [])
    assert judge(broken, learned(30, quiet_hours), learned(30), [], START) == [], "a site's only channel is the site"


def test_a_channel_that_lacks_the_stories_it_used_to_show_is_stale_however_few_they_are() -> None:
    def after_stories(missing: int) -> list[str]:
        weekly = state.advance(state.new(0), 24 * 7 * 40, dict.fromkeys(range(0, 24 * 7 * 40, 24 * 7), 1))
        channel_state = state.miss(weekly, [(False, "")] * 40 + [(True, "")] * missing)
        return [verdict.kind for verdict in judge(channel(FEED), channel_state, weekly, [channel(SITEMAP)], START)]

    assert after_stories(4) == []
    assert after_stories(12) == ["channel-stale"]


def test_a_channel_is_not_stale_while_its_site_is_slow() -> None:
    assert judge(channel(FEED), learned(30, 47), learned(30, 46), [channel(SITEMAP)], START) == []


class Gazette:
    """A site with a feed and a sitemap, both followed for a month, in a store whose clock is the test's."""

    def __init__(self, bench: Bench) -> None:
        self.bench = bench
        site = fingerprint(HOME)
        self.bench.store.handle_batch([
            SiteDeclared(home_page=HOME, name="Gazette"),
            SourceDeclared(name="Feed", url=FEED, kind=Kind.FEED, site_key=site),
            SourceDeclared(name="News", url=SITEMAP, kind=Kind.SITEMAP, site_key=site),
        ])  # fmt: skip
        self.ids = {source.url: source.id for source in bench.rows(Source)}
        with transaction(bench.engine) as session:
            session.add(Health(subject="watch", state=[hour_of(START), 0]))
            for subject in (f"site:{site}", f"channel:{fingerprint(FEED)}", f"channel:{fingerprint(SITEMAP)}"):
                session.add(Health(subject=subject, state=state.dump(learned(30))))

    def lists(self, url: str, moment: datetime, *names: str) -> None:
        """A channel is polled and shows stories of these names."""
        page = self.bench.page(url).model_copy(update={"fetched_at": moment})
        headlines = tuple(
            Headline(text=f"Story {name}", url=f"{HOME}{name}", position=place) for place, name in enumerate(names)
        )
        kind = Kind.FEED if url == FEED else Kind.SITEMAP
        self.bench.store.handle(HeadlinesParsed(page=page, kind=kind, headlines=headlines, source_id=self.ids[url]))
        self._polled(url, moment)

    def fails(self, url: str, moment: datetime) -> None:
        self.bench.store.handle(PageDropped(url=url, reason=Reason.HTTP_404, stage="fetch", source_id=self.ids[url]))
        self._polled(url, moment, success=False)

    def _polled(self, url: str, moment: datetime, *, success: bool = True) -> None:
        """The clock of what was just written is the test's."""
        with transaction(self.bench.engine) as session:
            source = session.scalars(select(Source).where(col(Source.url) == url)).one()
            source.created_at = START - 9 * HOUR
            source.last_success_at = moment if success else (source.last_success_at and START)

    def look(self, moment: datetime) -> list[tuple[str, str | None, bool]]:
        with transaction(self.bench.engine) as session:
            look(session, moment)
        return [(alert.kind, alert.url, alert.closed_at is None) for alert in self.bench.rows(Alert)]

    def events(self) -> list[str]:
        with Session(self.bench.engine) as session:
            names = session.scalars(select(col(StoredEvent.type)).order_by(col(StoredEvent.id)))
            return [name for name in names if name.startswith(("site.", "channel."))]


@pytest.fixture
def gazette(bench: Bench) -> Gazette:
    return Gazette(bench)


def after(hours: float) -> datetime:
    return START + timedelta(hours=hours, minutes=15)


def run(gazette: Gazette, hours: range, feed: str) -> list[tuple[str, str | None, bool]]:
    """The sitemap brings a story an hour; the feed is `well`, gives `errors`, is `empty` or `stale`."""
    alerts: list[tuple[str, str | None, bool]] = []
    for hour in hours:
        moment = START + timedelta(hours=hour, minutes=5)
        gazette.lists(SITEMAP, moment, f"s{hour}", f"s{hour - 1}")
        if feed == "errors":
            gazette.fails(FEED, moment)
        else:
            gazette.lists(FEED, moment, *{"well": (f"s{hour}",), "empty": (), "stale": ("old",)}[feed])
        alerts = gazette.look(after(hour))
    return alerts


@pytest.mark.parametrize(("feed", "kind", "hours"), [("errors", "failing", 9), ("empty", "empty", 28), ("stale", "stale", 28)])  # fmt: skip
def test_a_channel_that_dies_opens_one_alert_and_closes_it_when_it_comes_back(
    gazette: Gazette, feed: str, kind: str, hours: int
) -> None:
    assert run(gazette, range(1, 4), "well") == []
    assert run(gazette, range(4, 4 + hours), feed) == [(f"channel-{kind}", FEED, True)]
    [alert] = gazette.bench.rows(Alert)
    assert (alert.name, alert.subject, alert.site_key) == ("Gazette", f"channel:{fingerprint(FEED)}", fingerprint(HOME))
    assert alert.evidence
    assert run(gazette, range(4 + hours, 7 + hours), "well") == [(f"channel-{kind}", FEED, False)]
    assert gazette.events() == [f"channel.{kind}", "channel.recovered"]


def test_of_each_story_it_is_known_which_channels_have_shown_it(gazette: Gazette) -> None:
    names = [f"news/s{number}" for number in range(4)]
    gazette.lists(SITEMAP, after(40), *names)
    gazette.lists(FEED, after(41), *names[:2])
    with transaction(gazette.bench.engine) as session:
        showings_by_channel = showings(session, sites(session), after(39), after(42))
        assert showings(session, sites(session), after(42), after(80)) == {}
    assert showings_by_channel[f"channel:{fingerprint(SITEMAP)}"] == [Showing(is_missing=False, section="news")] * len(
        names
    )
    assert sorted(shown.is_missing for shown in showings_by_channel[f"channel:{fingerprint(FEED)}"]) == [
        False,
        False,
        True,
        True,
    ]


def test_a_channel_that_did_not_answer_since_lacks_nothing(gazette: Gazette) -> None:
    gazette.lists(SITEMAP, after(40), "a")
    with transaction(gazette.bench.engine) as session:
        showings_by_channel = showings(session, sites(session), after(39), after(42))
    assert showings_by_channel[f"channel:{fingerprint(FEED)}"] == []


def test_a_feed_that_is_frozen_while_the_front_page_of_a_blog_goes_on_is_found(gazette: Gazette) -> None:
    for subject in (f"channel:{fingerprint(FEED)}", f"channel:{fingerprint(SITEMAP)}", f"site:{fingerprint(HOME)}"):
        with transaction(gazette.bench.engine) as session:
            kept = session.get(Health, subject)
            assert kept is not None
            first = hour_of(START) - 24 * 200
            slow = state.advance(state.new(first), hour_of(START), dict.fromkeys(range(first, hour_of(START), 72), 1))
            kept.state = state.dump(state.miss(slow, [(False, "")] * 60))
    alerts: list[tuple[str, str | None, bool]] = []
    for day in range(3, 48, 3):
        gazette.lists(SITEMAP, after(24 * day), *(f"s{number}" for number in range(3, day + 1, 3)))
        gazette.lists(FEED, after(24 * day), "old")
        for hours in (1, 30, 60):
            alerts = gazette.look(after(24 * day + hours))
        if alerts:
            break
    assert alerts == [("channel-stale", FEED, True)]


def test_while_the_whole_site_fails_its_channels_are_not_named_besides(gazette: Gazette) -> None:
    run(gazette, range(1, 3), "well")
    for _ in range(5):
        gazette.fails(FEED, START)
        gazette.fails(SITEMAP, START)
    assert [kind for kind, _, _ in gazette.look(after(12))] == ["failing"]


@pytest.mark.parametrize("order", [(0, 1), (1, 0)], ids=["listing first", "channel first"])
def test_what_a_site_shows_before_its_channels_are_known_is_theirs(bench: Bench, order: tuple[int, int]) -> None:
    listing = HeadlinesParsed(
        page=bench.page(FEED), kind=Kind.FEED, headlines=(Headline(text="Quay", url=f"{HOME}quay"),), source_id=None
    )
    messages = (listing, SourceDeclared(name="Feed", url=FEED, kind=Kind.FEED, site_key=fingerprint(HOME)))
    for place in order:
        bench.store.handle(messages[place])
    [source], [headline] = bench.rows(Source), bench.rows(StoredHeadline)
    assert headline.source_id == source.id
