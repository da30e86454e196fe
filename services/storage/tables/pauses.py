"""How long a source is left alone because its publisher wishes so."""

from datetime import UTC, datetime, timedelta

from shared.contracts import Pace
from shared.database.models import Source

_HOUR = timedelta(hours=1)
# After so many hours every combination of hour and day has passed.
_HOURS_OF_A_WEEK = 7 * 24


def publisher_allows(polled_at: datetime, pause: timedelta, fresh_seconds: int, pace: Pace) -> datetime:
    """Returns the first time at which a publisher allows the next poll of a source.

    Args:
        polled_at: when it was polled last, UTC.
        pause: until the next poll if the publisher had no wish.
        fresh_seconds: for how long the last answer said that it stays fresh.
        pace: the wish of the feed itself.
    """
    due_at = polled_at + max(pause, timedelta(seconds=max(fresh_seconds, pace.seconds)))
    for _ in range(_HOURS_OF_A_WEEK):
        moment = due_at.astimezone(UTC)
        if moment.hour not in pace.skip_hours and moment.weekday() not in pace.skip_days:
            break
        due_at = moment.replace(minute=0, second=0, microsecond=0) + _HOUR
    return due_at


def wish_seconds(source: Source) -> float:
    """Returns for how many seconds after a poll a publisher wishes its page to be left alone."""
    return max(source.fresh_seconds or 0, Pace.model_validate(source.pace).seconds if source.pace else 0)
