"""Why a channel is polled next when it is, in a line for people."""

from services.storage.pace.arrivals import BURST_SECONDS, HOUR, Forecast
from shared.pace import duration

_DAY_HOURS = 24
# An hour stands out when it brings so many times the average.
_BUSY = 1.5
# A burst is worth a word when it multiplies the rate by so much.
_BURST = 1.5


def learned(forecast: Forecast, seconds: float, wish_seconds: float) -> str:
    """Returns the reason of a learned pace: how much comes and when, and what the publisher wishes.

    Args:
        forecast: what the channel is expected to bring.
        seconds: from the last poll to the next one.
        wish_seconds: for how long its publisher wishes to be left alone.
    """
    parts = [f"about {_count(forecast.rate() * _DAY_HOURS)} items a day{_busy_hours(forecast)}"]
    drawn = forecast.follow * forecast.burst * HOUR / BURST_SECONDS
    if drawn > (_BURST - 1) * forecast.level:
        parts.append("several have just come")
    parts.append(f"polled after {duration(seconds)}")
    if wish_seconds:
        parts.append(f"its publisher asks for at least {duration(wish_seconds)}")
    return "; ".join(parts)


def fixed(interval_seconds: float, seconds: float, wish_seconds: float) -> str:
    """Returns the reason of an interval that a user set; arguments as learned()."""
    parts = [f"every {duration(interval_seconds)}, as set"]
    if seconds > interval_seconds and wish_seconds:
        parts.append(f"its publisher asks for at least {duration(wish_seconds)}")
    return "; ".join(parts)


def pushed(seconds: float) -> str:
    """Returns the reason of a channel whose hub sends what is new."""
    return f"its hub sends what is new; polled after {duration(seconds)} to see that it does"


def failed(failures: int, disposition: str, seconds: float) -> str:
    """Returns the reason of a channel whose last polls failed."""
    times = "once" if failures == 1 else f"{failures} times in a row"
    return f"failed {times}, last with {disposition}; tried again after {duration(seconds)}"


def _count(items: float) -> str:
    return f"{items:.0f}" if items >= 10 else f"{items:.1g}"


def _busy_hours(forecast: Forecast) -> str:
    """Returns the longest run of hours that bring clearly more than the average, midnight passed over; "" if there is none."""
    busy = [factor > _BUSY for factor in forecast.hour_factors]
    if not any(busy) or all(busy):
        return ""
    runs = [(_run(busy, start), start) for start in range(_DAY_HOURS) if busy[start] and not busy[start - 1]]
    length, start = max(runs)
    return f", more at {start}-{(start + length) % _DAY_HOURS} h UTC"


def _run(busy: list[bool], start: int) -> int:
    length = 0
    while busy[(start + length) % _DAY_HOURS]:
        length += 1
    return length
