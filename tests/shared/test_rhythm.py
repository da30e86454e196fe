"""When the next digest is due."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.rhythm import next_digest

ZONES = ("UTC", "Europe/Paris", "America/New_York", "Asia/Kolkata", "Australia/Lord_Howe", "Pacific/Apia")
moments = st.datetimes(datetime(2000, 1, 1), datetime(2035, 1, 1), timezones=st.just(UTC))  # noqa: DTZ001 - hypothesis adds the zone


@given(moments, st.integers(0, 23), st.sampled_from(ZONES))
def test_a_daily_digest_comes_within_two_days_at_its_hour(moment, hour, zone):
    due = next_digest("daily", hour, zone, moment)
    assert timedelta(0) < due - moment <= timedelta(hours=49)
    local = due.astimezone(ZoneInfo(zone))
    # Where clocks are put forward over the hour, it is the time that it would have been.
    assert local.hour == hour or local.utcoffset() != (local - timedelta(hours=2)).utcoffset()


@given(moments)
def test_an_hourly_digest_comes_at_the_next_full_hour(moment):
    due = next_digest("hourly", None, None, moment)
    assert timedelta(0) < due - moment <= timedelta(hours=1)
    assert (due.minute, due.second, due.microsecond) == (0, 0, 0)


@pytest.mark.parametrize("day", ["2026-03-29", "2026-10-25"], ids=["put forward", "put back"])
def test_a_day_on_which_clocks_are_changed_has_one_digest(day):
    moment, due = datetime.fromisoformat(f"{day}T00:00:00+00:00") - timedelta(days=1), []
    while len(due) < 3:
        moment = next_digest("daily", 2, "Europe/Paris", moment)
        due.append(moment)
    assert len({each.astimezone(ZoneInfo("Europe/Paris")).date() for each in due}) == 3


def test_what_is_told_at_once_has_no_digest():
    assert next_digest("at-once", None, None, datetime.now(UTC)) is None
