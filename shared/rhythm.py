"""When the next digest is due."""

from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo

HOURLY, DAILY = "hourly", "daily"


def next_digest(rhythm: str, hour: int | None, zone: str | None, moment: datetime) -> datetime | None:
    """Returns the next full hour, or the next time that a day of the zone has come to the hour; None without a rhythm.

    An hour that a day does not have, since clocks are put forward, is the time at which it would have been; one that it has
    twice is the first.
    """
    if rhythm == HOURLY:
        return moment.replace(minute=0, second=0, microsecond=0) + timedelta(hours=1)
    if rhythm != DAILY:
        return None
    place = ZoneInfo(zone or "UTC")
    today = moment.astimezone(place).date()
    days = (
        datetime.combine(today + timedelta(days=number), time(hour or 0), place).astimezone(UTC) for number in range(3)
    )
    return next(day for day in days if day > moment)
