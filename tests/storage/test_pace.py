"""The pace of channels: what is learned of arrivals, when a poll pays most, and within which bounds."""

from datetime import timedelta
from itertools import pairwise
from math import sqrt

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import text

from services.storage.migrate import migrate
from services.storage.pace import arrivals, budget, learning, polling, reason
from services.storage.pace.arrivals import DAY, HOUR, Arrivals, Forecast
from services.storage.settings import StorageSettings
from services.storage.store import Store
from services.storage.tables import ledger
from shared.contracts import Headline, HeadlinesParsed, Kind, Pace, PageDropped, Reason, SiteDeclared, SourceDeclared
from shared.database.engine import make_engine
from shared.database.models import Source
from shared.pace import Bounds
from shared.urls import fingerprint
from tests.storage.test_store import NOON, Bench, bench

__all__ = ["bench"]

# A Monday, 00:00 UTC.
MONDAY = 1_772_409_600.0
FEED = "https://news.example/feed"
FLAT = Forecast(MONDAY, 1.0, (1.0,) * 24, (1.0,) * 7, 0.0, 0.1)
BOUNDS = Bounds(60, DAY)

factors = st.lists(st.floats(0.05, 5), min_size=24, max_size=24).map(tuple)
forecasts = st.builds(
    Forecast, st.floats(MONDAY, MONDAY + 7 * DAY), st.floats(1e-4, 1e3), factors, st.just((1.0,) * 7), st.floats(0, 50),
    st.floats(0, 0.8),
)  # fmt: skip
worths = st.floats(1, 1e5)


def steady(items_a_day: float, days: int, polls_a_day: int = 24) -> Arrivals:
    """What is learned of a channel whose items come evenly."""
    learned = Arrivals(MONDAY)
    for poll in range(1, days * polls_a_day + 1):
        until = MONDAY + poll * DAY / polls_a_day
        count = int(items_a_day / polls_a_day * poll) - int(items_a_day / polls_a_day * (poll - 1))
        learned = learning.learn(
            learned, arrivals.forecast(learned), until, learning.spread(learned.until, until, count)
        )
    return learned


@pytest.mark.parametrize("items_a_day", [2, 24, 500])
def test_the_rate_of_a_steady_channel_is_learned(items_a_day: float) -> None:
    assert arrivals.forecast(steady(items_a_day, 14)).rate() * 24 == pytest.approx(items_a_day, rel=0.15)


def test_a_channel_that_has_died_is_expected_to_bring_less_with_every_silent_day() -> None:
    learned = steady(48, 7)
    rates = []
    for day in range(1, 15):
        learned = learning.learn(learned, arrivals.forecast(learned), MONDAY + (7 + day) * DAY, ())
        rates.append(arrivals.forecast(learned).rate())
    assert all(later < earlier for earlier, later in pairwise(rates))
    assert rates[-1] < 0.5


def test_the_hours_at_which_items_come_are_learned() -> None:
    learned = Arrivals(MONDAY)
    for day in range(21):
        for hour in range(24):
            until = MONDAY + day * DAY + (hour + 1) * HOUR
            items = learning.spread(learned.until, until, 3) if hour in {8, 9} else ()
            learned = learning.learn(learned, arrivals.forecast(learned), until, items)
    expected = arrivals.forecast(learned)
    assert expected.hour_factors[8] > 5 * expected.hour_factors[3]
    assert "more at 7-10 h UTC" in reason.learned(expected, 600, 0)


def test_items_that_come_close_together_make_others_likelier_for_a_while() -> None:
    learned = Arrivals(MONDAY)
    for hour in range(300):
        start, until = MONDAY + hour * HOUR, MONDAY + (hour + 1) * HOUR
        items = [start + 60 * minute for minute in range(1, 9)] if hour % 12 == 0 else []
        learned = learning.learn(learned, arrivals.forecast(learned), until, items)
    assert arrivals.forecast(learned).follow > 0.4
    quiet = arrivals.forecast(learned)
    burst = quiet._replace(burst=5.0)
    assert polling.wait(burst, 600, BOUNDS) < polling.wait(quiet, 600, BOUNDS)


def test_times_that_cannot_be_are_not_believed() -> None:
    learned = Arrivals(MONDAY)
    expected = arrivals.forecast(learned)
    for dates in ([MONDAY - DAY] * 3, [MONDAY + 2 * HOUR] * 3, [None] * 3, [MONDAY + 1800.0] * 3):
        spread = learning.look(learned, expected, MONDAY + HOUR, dates)
        assert spread == learning.look(learned, expected, MONDAY + HOUR, [None, None, None])


def test_the_first_look_at_a_listing_teaches_its_past() -> None:
    at = MONDAY + 14 * DAY
    learned = learning.look(None, FLAT, at, [at - hour * HOUR for hour in range(1, 100)])
    assert arrivals.forecast(learned).rate() == pytest.approx(1, rel=0.2)
    assert learning.look(None, FLAT, at, [None, at + DAY, at - 365 * DAY]) == Arrivals(at)


def test_items_that_are_known_late_count_without_a_new_look() -> None:
    learned = steady(24, 7)
    late = learning.late(learned, [learned.until - HOUR, None])
    assert (late.until, late.observed) == (learned.until, learned.observed)
    assert late.items == pytest.approx(learned.items + 2)


def test_what_is_learned_survives_its_row() -> None:
    learned = steady(24, 7)
    loaded = arrivals.load(arrivals.dump(learned))
    assert loaded.until == learned.until
    assert loaded.hour_items == pytest.approx(learned.hour_items, rel=1e-6)
    assert arrivals.dump(loaded) == arrivals.dump(learned)


@given(st.lists(st.tuples(st.floats(1, 2 * DAY), st.integers(0, 60)), max_size=30))
def test_whatever_comes_the_forecast_is_positive_and_finite(polls: list[tuple[float, int]]) -> None:
    learned = Arrivals(MONDAY)
    for seconds, count in polls:
        until = learned.until + seconds
        learned = learning.look(learned, arrivals.forecast(learned), until, [None] * count)
    expected = arrivals.forecast(learned)
    assert 0 < expected.rate() < 1e6
    assert min(*expected.hour_factors, *expected.day_factors) > 0
    assert sum(expected.hour_factors) == pytest.approx(24)
    assert BOUNDS.least <= polling.wait(expected, 60, BOUNDS) <= BOUNDS.most


@pytest.mark.parametrize("worth", [60, 600, 6000])
def test_at_a_constant_rate_polls_go_with_nearly_its_square_root(worth: float) -> None:
    for rate in (1, 4, 16):
        wait = polling.wait(FLAT._replace(level=rate), worth, Bounds(1, 7 * DAY))
        assert wait == pytest.approx(sqrt(2 * worth * HOUR) / rate**0.45)


@given(forecasts, worths, st.floats(10, DAY), st.floats(0, DAY))
def test_a_poll_is_never_sooner_nor_later_than_the_bounds(
    expected: Forecast, worth: float, least: float, more: float
) -> None:
    assert least <= polling.wait(expected, worth, Bounds(least, least + more)) <= least + more


@given(st.floats(1e-3, 100), st.floats(1, 20), worths)
def test_the_more_comes_the_sooner_the_poll(level: float, times: float, worth: float) -> None:
    slow, fast = FLAT._replace(level=level), FLAT._replace(level=level * times)
    assert polling.wait(fast, worth, BOUNDS) <= polling.wait(slow, worth, BOUNDS) + 1e-6


@given(forecasts, worths, st.floats(1, 10))
def test_the_more_a_poll_must_be_worth_the_later_it_is(expected: Forecast, worth: float, times: float) -> None:
    assert polling.wait(expected, worth, BOUNDS) <= polling.wait(expected, worth * times, BOUNDS) + 1e-6


def test_before_a_quiet_night_the_poll_comes_early() -> None:
    night = FLAT._replace(at=MONDAY + 21.5 * HOUR, hour_factors=(*((1.1,) * 22), 0.001, 0.001))
    assert polling.wait(night, 3600, BOUNDS) == 1800
    assert polling.wait(FLAT._replace(at=MONDAY + 12 * HOUR), 3600, BOUNDS) > 1800


def test_a_short_listing_is_polled_before_half_of_it_is_new() -> None:
    busy = FLAT._replace(level=60.0)
    assert polling.wait(busy, 1e6, BOUNDS, listed=20) == pytest.approx(600)


@given(st.integers(0, 10_000), st.floats(1, 10 * DAY))
def test_patience_grows_with_failures_up_to_a_day_and_never_ends(failures: int, pause: float) -> None:
    assert pause <= polling.patience(pause, failures) <= max(pause, DAY)
    assert polling.patience(pause, failures) <= polling.patience(pause, failures + 1)


@given(st.lists(st.floats(1e-4, 1), min_size=1, max_size=50), st.floats(10, 1e4))
def test_polls_add_up_to_the_budget(demands: list[float], polls_a_day: float) -> None:
    worth = polling.worth_for([(demand, BOUNDS) for demand in demands], polls_a_day)
    polls = sum(DAY / min(max(sqrt(2 * worth) / demand, BOUNDS.least), BOUNDS.most) for demand in demands)
    within_bounds = len(demands) < polls_a_day < len(demands) * DAY / BOUNDS.least
    assert not within_bounds or polls == pytest.approx(polls_a_day, rel=0.01)


def test_the_budget_of_a_host_slows_its_own_channels_only() -> None:
    limits = budget.Limits(60, 0, 100, 60, DAY, 0)
    channels = [budget.Channel("busy.example", 0.05, BOUNDS)] * 5 + [budget.Channel("calm.example", 0.001, BOUNDS)]
    worths = budget.fit(channels, limits)
    assert worths.of("calm.example") == 60
    assert 5 * DAY * 0.05 / sqrt(2 * worths.of("busy.example")) == pytest.approx(100, rel=0.01)


def test_a_goal_of_freshness_is_half_of_the_longest_interval_but_the_publisher_goes_first() -> None:
    limits = budget.Limits(60, 0, 0, 60, DAY, 300)
    assert limits.bounds(None, None) == Bounds(60, 600)
    assert limits.bounds(None, None, wish=3600) == Bounds(3600, 3600)
    assert limits.bounds(120, 7200) == Bounds(120, 600)


@pytest.mark.parametrize(
    ("seconds", "words"), [(40, "40 s"), (660, "11 min"), (7200, "2 h"), (12_600, "3.5 h"), (3 * DAY, "3 days")]
)
def test_durations_are_in_the_unit_that_people_use(seconds: float, words: str) -> None:
    assert reason.duration(seconds) == words


# The storage worker.


def listing(bench: Bench, numbers: range, minutes: int, pace: Pace | None = None) -> HeadlinesParsed:
    headlines = tuple(Headline(text=f"Ferry {number}", url=f"https://news.example/{number}") for number in numbers)
    [source] = bench.rows(Source)
    page = bench.page(FEED, minutes)
    return HeadlinesParsed(page=page, kind=Kind.FEED, source_id=source.id, follow=False, headlines=headlines, pace=pace)


def test_a_channel_without_an_interval_is_polled_the_more_the_more_it_brings(
    bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    bench.store.handle(SourceDeclared(name="News", url=FEED, kind=Kind.FEED))
    bench.store.handle(listing(bench, range(1), 0))
    waits = []
    for poll in range(1, 5):
        # What is expected goes with the hour of the day, so the polls end in the hours in which their pages came.
        monkeypatch.setattr(ledger, "now_utc", lambda poll=poll: NOON + timedelta(hours=poll))
        bench.store.handle(listing(bench, range(poll * 20), 60 * poll))
        [source] = bench.rows(Source)
        waits.append(source.next_poll_at - source.last_polled_at)
    assert waits == sorted(waits, reverse=True)
    assert "items a day" in source.reason
    assert source.demand > 0


def test_what_is_unchanged_teaches_silence(bench: Bench) -> None:
    bench.store.handle(SourceDeclared(name="News", url=FEED, kind=Kind.FEED))
    bench.store.handle(listing(bench, range(3), 0))
    [before] = bench.rows(Source)
    bench.store.handle(PageDropped(url=FEED, stage="fetch", reason=Reason.NOT_MODIFIED))
    [after] = bench.rows(Source)
    assert after.demand < before.demand
    assert after.arrivals["until"] > before.arrivals["until"]


def test_a_failure_teaches_nothing_and_is_tried_again_later(bench: Bench) -> None:
    bench.store.handle(SourceDeclared(name="News", url=FEED, kind=Kind.FEED))
    bench.store.handle(listing(bench, range(3), 0))
    [before] = bench.rows(Source)
    bench.store.handle(PageDropped(url=FEED, stage="fetch", reason=Reason.HTTP_5XX))
    [after] = bench.rows(Source)
    assert after.arrivals == before.arrivals
    assert after.reason.startswith("failed once, last with http-5xx; tried again after ")


def test_a_learned_pace_heeds_the_publisher_and_says_so(bench: Bench) -> None:
    bench.store.handle(SourceDeclared(name="News", url=FEED, kind=Kind.FEED))
    bench.store.handle(listing(bench, range(30), 0, Pace(seconds=36_000)))
    [source] = bench.rows(Source)
    assert source.next_poll_at - source.last_polled_at >= timedelta(hours=10)
    assert source.reason.endswith("its publisher asks for at least 10 h")


def test_a_site_bounds_the_pace_of_its_channels(bench: Bench) -> None:
    home = "https://news.example/"
    bench.store.handle(SiteDeclared(home_page=home, most_seconds=120))
    bench.store.handle(SourceDeclared(name="News", url=FEED, kind=Kind.FEED, site_key=fingerprint(home)))
    bench.store.handle(listing(bench, range(1), 0))
    [source] = bench.rows(Source)
    assert source.next_poll_at - source.last_polled_at <= timedelta(seconds=120)


def test_an_interval_that_is_set_stays_whatever_comes(bench: Bench) -> None:
    bench.store.handle(SourceDeclared(name="News", url=FEED, kind=Kind.FEED, interval_seconds=700))
    for poll in range(3):
        bench.store.handle(listing(bench, range(poll * 50), 60 * poll))
    [source] = bench.rows(Source)
    assert source.next_poll_at - source.last_polled_at == timedelta(seconds=700)
    assert source.reason == "every 12 min, as set"


def test_a_budget_in_all_makes_polls_rarer(bench: Bench) -> None:
    bench.store = Store(
        bench.engine, bench.later._redis, bench.later, bench.pages, StorageSettings(polls_a_day=2, poll_least_seconds=10)
    )  # fmt: skip
    bench.store.handle(SourceDeclared(name="News", url=FEED, kind=Kind.FEED))
    for poll in range(3):
        bench.store.handle(listing(bench, range(poll * 50), 60 * poll))
        bench.store._rules.pacer._fitted_at = None
    bench.store.handle(listing(bench, range(200), 300))
    [source] = bench.rows(Source)
    assert source.next_poll_at - source.last_polled_at > timedelta(hours=4)


def test_links_of_articles_are_no_news_of_their_channel(bench: Bench) -> None:
    bench.store.handle(SourceDeclared(name="News", url=FEED, kind=Kind.FEED))
    bench.store.handle(listing(bench, range(1), 0))
    [before] = bench.rows(Source)
    article = bench.page("https://news.example/0", 1)
    related = (Headline(text="Bridge", url="https://news.example/bridge"),)
    bench.store.handle(HeadlinesParsed(page=article, kind=Kind.ARTICLE, source_id=before.id, headlines=related))
    [after] = bench.rows(Source)
    assert after.arrivals == before.arrivals


def test_news_of_a_sitemap_that_an_index_lists_are_the_channels(bench: Bench) -> None:
    bench.store.handle(SourceDeclared(name="News", url=FEED, kind=Kind.SITEMAP))
    bench.store.handle(listing(bench, range(0), 0))
    [before] = bench.rows(Source)
    part = listing(bench, range(5), 1)
    bench.store.handle(part.model_copy(update={"page": bench.page("https://news.example/sitemap-1", 1)}))
    [after] = bench.rows(Source)
    assert after.arrivals["items"] == before.arrivals["items"] + 5
    assert after.next_poll_at == before.next_poll_at


def test_an_older_database_keeps_the_intervals_of_its_sources_and_their_pages(empty_database_url: str) -> None:
    migrate(empty_database_url, "0009")
    engine = make_engine(empty_database_url)
    with engine.begin() as connection:
        at = {"at": "2026-03-01 10:00:00"}
        connection.execute(text(
            "INSERT INTO source (key, name, url, follow, interval_seconds, priority, state, declared_by, created_at, "
            "next_poll_at, failures) VALUES ('k', 'News', 'https://u.example/', true, 700, 5, 'active', 'file', :at, :at, 0)"
        ), at)  # fmt: skip
        connection.execute(text(
            "INSERT INTO page (key, url, source_id, trace_id, origin, triggered_at, first_seen_at) "
            "SELECT 'k', url, id, 't', 'live', :at, :at FROM source"
        ), at)  # fmt: skip
    rows = "SELECT interval_seconds, page.source_id = source.id FROM source JOIN page ON page.key = source.key"
    migrate(empty_database_url)
    with engine.begin() as connection:
        assert connection.execute(text(rows)).one() == (700, True)
        connection.execute(text("UPDATE source SET interval_seconds = NULL"))
    migrate(empty_database_url, "0009", back=True)
    with engine.connect() as connection:
        assert connection.execute(text(rows)).one() == (900, True)
    migrate(empty_database_url)
    engine.dispose()
