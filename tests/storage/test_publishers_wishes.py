"""A source is asked for no sooner than its publisher wishes, within the bounds of the schedule."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.storage.settings import StorageSettings
from services.storage.store import Store
from services.storage.tables.pauses import publisher_allows
from shared.contracts import Headline, HeadlinesParsed, Kind, Pace, PageDropped, Reason, SourceDeclared
from shared.database.models import Source
from tests.storage.test_store import Bench, bench

__all__ = ["bench"]

FEED = "https://news.example/feed"
DAY = 86_400


def declare(bench: Bench, seconds: int = 900) -> None:
    bench.store.handle(SourceDeclared(name="News", url=FEED, interval_seconds=seconds))


def poll(bench: Bench, fresh_seconds: int | None = None, pace: Pace | None = None) -> None:
    page = bench.page(FEED).model_copy(update={"fresh_seconds": fresh_seconds})
    bench.store.handle(HeadlinesParsed(page=page, kind=Kind.FEED, headlines=(Headline(text="Ferry"),), pace=pace))


def wait_seconds(bench: Bench) -> float:
    [source] = bench.rows(Source)
    return float((source.next_poll_at - source.last_polled_at).total_seconds())


@pytest.mark.parametrize(
    ("wish", "seconds"),
    [
        ({}, 900),
        ({"fresh_seconds": 60}, 900),
        ({"fresh_seconds": 3600}, 3600),
        ({"pace": Pace(seconds=7200)}, 7200),
        ({"fresh_seconds": 3600, "pace": Pace(seconds=7200)}, 7200),
        ({"fresh_seconds": 10 * 365 * DAY}, DAY),
        ({"pace": Pace(seconds=365 * DAY)}, DAY),
    ],
)
def test_a_source_is_due_when_its_publisher_wishes_but_within_its_interval_and_a_day(
    bench: Bench, wish: dict[str, Any], seconds: int
) -> None:
    declare(bench)
    poll(bench, **wish)
    assert wait_seconds(bench) == seconds


def test_an_interval_of_more_than_a_day_stays(bench: Bench) -> None:
    declare(bench, seconds=3 * DAY)
    poll(bench, fresh_seconds=10 * 365 * DAY)
    assert wait_seconds(bench) == 3 * DAY


def test_without_a_time_for_publishers_their_wishes_count_for_nothing(bench: Bench) -> None:
    settings = StorageSettings(publisher_pause_seconds=0)
    bench.store = Store(bench.engine, bench.later._redis, bench.later, bench.pages, settings)
    declare(bench)
    poll(bench, fresh_seconds=3600, pace=Pace(skip_hours=tuple(range(23))))
    assert wait_seconds(bench) == 900


def test_a_feed_that_has_not_changed_wishes_what_it_did(bench: Bench) -> None:
    declare(bench)
    poll(bench, fresh_seconds=1800, pace=Pace(seconds=1000))
    unchanged = PageDropped(url=FEED, stage="fetch", reason=Reason.NOT_MODIFIED)
    bench.store.handle(unchanged)
    assert wait_seconds(bench) == 1800
    bench.store.handle(unchanged.model_copy(update={"trace_id": "later", "fresh_seconds": 10}))
    assert wait_seconds(bench) == 1000


def test_a_feed_that_wishes_nothing_any_more_is_due_as_declared(bench: Bench) -> None:
    declare(bench)
    poll(bench, fresh_seconds=1800, pace=Pace(seconds=3600))
    poll(bench)
    assert wait_seconds(bench) == 900


def test_a_source_that_is_declared_again_is_due_no_sooner_than_its_publisher_wishes(bench: Bench) -> None:
    declare(bench, seconds=7200)
    poll(bench, fresh_seconds=3600)
    declare(bench, seconds=900)
    assert wait_seconds(bench) == 3600


SATURDAY = datetime(2026, 2, 28, 22, 30, tzinfo=UTC)


@pytest.mark.parametrize(
    ("pace", "allowed_at"),
    [
        (Pace(), SATURDAY + timedelta(minutes=15)),
        (Pace(skip_hours=(22, 23, 0)), datetime(2026, 3, 1, 1, tzinfo=UTC)),
        (Pace(skip_hours=(3,)), SATURDAY + timedelta(minutes=15)),
        (Pace(skip_days=(5, 6)), datetime(2026, 3, 2, tzinfo=UTC)),
        (Pace(skip_days=(5, 6), skip_hours=(0, 1)), datetime(2026, 3, 2, 2, tzinfo=UTC)),
        (Pace(seconds=7200, skip_hours=(0,)), datetime(2026, 3, 1, 1, tzinfo=UTC)),
    ],
)
def test_hours_and_days_that_a_feed_rules_out_are_passed_over(pace: Pace, allowed_at: datetime) -> None:
    assert publisher_allows(SATURDAY, timedelta(minutes=15), 0, pace) == allowed_at


@given(
    st.integers(0, 31_536_000).map(lambda seconds: SATURDAY + timedelta(seconds=seconds)),
    st.sets(st.integers(0, 23), max_size=23), st.sets(st.integers(0, 6), max_size=6),
)  # fmt: skip
def test_there_is_an_allowed_hour_within_a_week_and_it_is_never_sooner_than_the_interval(
    polled_at: datetime, hours: set[int], days: set[int]
) -> None:
    pause = timedelta(minutes=15)
    allowed_at = publisher_allows(polled_at, pause, 0, Pace(skip_hours=tuple(hours), skip_days=tuple(days)))
    assert polled_at + pause <= allowed_at <= polled_at + pause + timedelta(days=7)
    assert allowed_at.hour not in hours
    assert allowed_at.weekday() not in days
