"""The first of several dates, as exactly as the others show it."""

from datetime import datetime, timedelta, timezone

_SAME_MINUTE, _ZONE_STEP, _WIDEST_ZONE = timedelta(minutes=1), timedelta(minutes=30), timedelta(hours=14)
_DAY_LENGTH, _MINUTE_LENGTH = len("2026-10-09"), len("2026-10-09T14:26")


def most_exact(candidates: list[str]) -> str:
    """Returns the first date as exactly as the other candidates show it.

    A candidate may have the time and zone of the same day; the same instant in the newspaper's zone; or the time on the
    newspaper's clock without a zone, from which the zone follows.
    """
    first = candidates[0]
    if not _has_zone(first):
        # A time without a zone may get one from the same time with a zone; another time of that day is another event's.
        length = _DAY_LENGTH if len(first) == _DAY_LENGTH else _MINUTE_LENGTH
        same_time = [text for text in candidates[1:] if len(text) > length and text[:length] == first[:length]]
        return next(filter(_has_zone, same_time), same_time[0] if length == _DAY_LENGTH and same_time else first)
    instant = datetime.fromisoformat(first)
    for text in candidates[1:]:
        if len(text) > 10 and (local := _in_zone_of(instant, datetime.fromisoformat(text))):
            return local.isoformat()
    return _on_day_shown(instant, candidates) or first


def _on_day_shown(instant: datetime, candidates: list[str]) -> str | None:
    """Returns a UTC instant in a zone of the candidates, in which its day is the one that the page shows; or None."""
    if instant.utcoffset():
        return None
    days = {text[:_DAY_LENGTH] for text in candidates[1:]}
    for text in filter(_has_zone, candidates[1:]):
        local = instant.astimezone(datetime.fromisoformat(text).tzinfo)
        if local.utcoffset() and local.date() != instant.date() and local.date().isoformat() in days:
            return local.isoformat()
    return None


def _has_zone(text: str) -> bool:
    return len(text) > 10 and datetime.fromisoformat(text).tzinfo is not None


def _in_zone_of(instant: datetime, clock: datetime) -> datetime | None:
    """Returns a UTC instant in the zone of a clock that shows it; None if the clock shows another instant."""
    if instant.utcoffset():
        return None
    if clock.tzinfo:
        return instant.astimezone(clock.tzinfo) if abs(clock - instant) < _SAME_MINUTE and clock.utcoffset() else None
    offset = clock - instant.replace(tzinfo=None, second=0, microsecond=0)
    if not offset or abs(offset) > _WIDEST_ZONE or offset % _ZONE_STEP:
        return None
    return instant.astimezone(timezone(offset))
