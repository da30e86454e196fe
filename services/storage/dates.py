"""Dates as pages give them, as instants for the database."""

from datetime import UTC, date, datetime


def instant(text: str | None) -> datetime | None:
    """Returns an ISO 8601 date or time as an instant in UTC, or None where it is neither.

    A day counts from its midnight, a time without a zone as UTC.
    """
    if text is None:
        return None
    try:
        moment = datetime.fromisoformat(text) if "T" in text else _midnight(date.fromisoformat(text))
        return (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).astimezone(UTC)
    except (ValueError, OverflowError):
        return None


def weekday(hour: int) -> int:
    """Returns the day of the week of an hour since the epoch, UTC; 0 is Monday."""
    # The epoch began on a Thursday.
    return (hour // 24 + 3) % 7


def _midnight(day: date) -> datetime:
    return datetime.combine(day, datetime.min.time())
