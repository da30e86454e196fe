"""The first of several dates, as exactly as the others show it."""

from datetime import datetime, timedelta, timezone, tzinfo

_SAME_MINUTE, _WIDEST_ZONE = timedelta(minutes=1), timedelta(hours=14)
_DAY_LENGTH, _MINUTE_LENGTH = len("2026-10-09"), len("2026-10-09T14:26")
# The zones that are not whole hours from UTC, in minutes: India, Nepal, Iran, Newfoundland …
_HALF_HOURS = frozenset({210, 270, 330, 345, 390, 525, 570, 630, 765, -210, -150, -570})


def most_exact(candidates: list[str], home: tzinfo | None = None) -> str:
    """Returns the first date as exactly as the other candidates show it.

    A candidate may have the time and zone of the same day; the same instant in the newspaper's zone; the time on the
    newspaper's clock without a zone, from which the zone follows; or the seconds of the same minute.

    Args:
        candidates: dates in ISO 8601, the likeliest first.
        home: the zone of the page's country, if that has one. An instant is given in it where only there its day is the
            one that the page shows, and no other zone follows from a clock.
    """
    first = candidates[0]
    exact_dates = [text for text in candidates[1:] if len(text) > _DAY_LENGTH]
    if not _has_zone(first):
        # A time without a zone may get one from the same time with a zone; another time of that day is another event's.
        length = _DAY_LENGTH if len(first) == _DAY_LENGTH else _MINUTE_LENGTH
        same_time = [text for text in exact_dates if text[:length] == first[:length]]
        if length == _MINUTE_LENGTH and home:
            same_time += [local for local in _in_zone(exact_dates, home) if local[:length] == first[:length]]
        exact = next(filter(_has_zone, same_time), same_time[0] if length == _DAY_LENGTH and same_time else first)
        return most_exact([exact, *exact_dates], home) if _has_zone(exact) else exact
    instant = _on_clock_with_zone(datetime.fromisoformat(first), exact_dates)
    for text in exact_dates:
        if local := _in_zone_of(instant, datetime.fromisoformat(text), home):
            return local.isoformat()
    return _on_day_shown(instant, candidates, home) or _with_seconds(instant, exact_dates).isoformat()


def _in_zone(exact_dates: list[str], home: tzinfo) -> list[str]:
    """Returns the instants among some dates, on the clocks of a zone."""
    return [datetime.fromisoformat(text).astimezone(home).isoformat() for text in filter(_has_zone, exact_dates)]


def _on_clock_with_zone(instant: datetime, exact_dates: list[str]) -> datetime:
    """Returns an instant; where it is declared in UTC, but another has the same time on a clock of a zone, that.

    Some sites write the time on their clock and "Z" behind it.
    """
    if instant.utcoffset():
        return instant
    clocks = (datetime.fromisoformat(text) for text in filter(_has_zone, exact_dates))
    zones = (clock.tzinfo for clock in clocks if clock.utcoffset() and _same_minute(clock, instant))
    return instant.replace(tzinfo=next(zones, instant.tzinfo))


def _with_seconds(instant: datetime, exact_dates: list[str]) -> datetime:
    """Returns an instant to the minute with the seconds that another has in the same minute."""
    if instant.second:
        return instant
    clocks = map(datetime.fromisoformat, exact_dates)
    seconds = (
        clock.second
        for clock in clocks
        if clock.second and (abs(clock - instant) < _SAME_MINUTE if clock.tzinfo else _same_minute(clock, instant))
    )
    return instant.replace(second=next(seconds, 0))


def _same_minute(clock: datetime, instant: datetime) -> bool:
    return clock.replace(tzinfo=None, second=0) == instant.replace(tzinfo=None, second=0)


def _on_day_shown(instant: datetime, candidates: list[str], home: tzinfo | None) -> str | None:
    """Returns a UTC instant in a zone of the candidates or of the page's country, in which its day is the one that the page
    shows; or None."""
    if instant.utcoffset():
        return None
    days = {text[:_DAY_LENGTH] for text in candidates[1:]}
    if instant.date().isoformat() in days:
        home = None
    zones = [*(datetime.fromisoformat(text).tzinfo for text in filter(_has_zone, candidates[1:])), home]
    for zone in filter(None, zones):
        local = instant.astimezone(zone)
        if local.utcoffset() and local.date() != instant.date() and local.date().isoformat() in days:
            return local.isoformat()
    return None


def _has_zone(text: str) -> bool:
    return len(text) > 10 and datetime.fromisoformat(text).tzinfo is not None


def _in_zone_of(instant: datetime, clock: datetime, home: tzinfo | None) -> datetime | None:
    """Returns a UTC instant in the zone of a clock that shows it; None if the clock shows another instant."""
    if instant.utcoffset():
        return None
    if clock.tzinfo:
        return instant.astimezone(clock.tzinfo) if abs(clock - instant) < _SAME_MINUTE and clock.utcoffset() else None
    offset = clock - instant.replace(tzinfo=None, second=0, microsecond=0)
    if not offset or abs(offset) > _WIDEST_ZONE or not _is_zone(offset):
        return None
    if home and offset != instant.astimezone(home).utcoffset():
        return None  # another event's time
    return instant.astimezone(timezone(offset))


def _is_zone(offset: timedelta) -> bool:
    minutes = offset // timedelta(minutes=1)
    return not offset % timedelta(hours=1) or minutes in _HALF_HOURS
