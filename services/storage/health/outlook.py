"""The outlook of a subject: what its learned state says of the last day, in figures that people read.

Pure functions: nothing is read or written here.
"""

from typing import Any

from services.storage.health import silence
from services.storage.health.state import FIELDS, WEEK_HOURS, State

DAY_HOURS = 24


def outlook(state: State) -> dict[str, Any]:
    """Returns what is expected of a subject, as JSON values.

    `stories_a_day` are those that the last 24 hours should have brought, None before a whole week is learned: the mean of
    the weeks before, times the share of a week's busy hours that falls into these hours. `busy_hours` and
    `busy_hours_expected` are of about the last day. `missing` has the share of articles that usually lack a field.
    """
    busy, expected = state.rhythm.recent
    return {
        "stories_a_day": _stories_a_day(state), "busy_hours": round(busy, 2), "busy_hours_expected": round(expected, 2),
        "missing": {
            name: round(share.rate, 3) for name, share in zip(FIELDS, state.fields, strict=True) if share.articles
        },
    }  # fmt: skip


def _stories_a_day(state: State) -> float | None:
    weeks, end = state.volume.weeks, state.rhythm.hour
    if not weeks:
        return None
    day = sum(silence.expected(state.rhythm, hour) for hour in range(end - DAY_HOURS, end))
    week = sum(silence.expected(state.rhythm, hour) for hour in range(end - WEEK_HOURS, end))
    return round(sum(weeks) / len(weeks) * day / week, 1)
