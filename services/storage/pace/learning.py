"""Learning: what a look at a listing adds to what is known of its arrivals.

Pure functions: nothing is read or written here. Times are POSIX seconds, UTC.
"""

from collections.abc import Sequence
from math import exp
from typing import NamedTuple

from services.storage.dates import weekday
from services.storage.pace.arrivals import BURST_SECONDS, DAY, HOUR, Arrivals, Forecast, stretches

# Mean lifetimes of what is learned: a site changes how much it publishes sooner than when.
LEVEL_MEMORY = 14 * DAY
RHYTHM_MEMORY = 42 * DAY
# How far back the times of a listing's items are believed at the first look.
HISTORY = 14 * DAY


def learn(arrivals: Arrivals, expected: Forecast, until: float, items: Sequence[float]) -> Arrivals:
    """Returns what is learned when a poll has shown the items that arrived since the last one.

    A poll that brings nothing teaches as much: unchanged pages and 304s are evidence of silence.

    Args:
        arrivals: what was learned before.
        expected: the forecast that was made of it.
        until: when the poll was.
        items: when its new items came, in order; later than `arrivals.until`, not later than `until`.
    """
    elapsed = max(0.0, until - arrivals.until)
    keep, keep_rhythm = exp(-elapsed / LEVEL_MEMORY), exp(-elapsed / RHYTHM_MEMORY)
    counts = _Counts.of(arrivals, keep_rhythm)
    observed = counts.observe(expected, arrivals.until, until)
    burst, background, moment = arrivals.burst, 0.0, arrivals.until
    for item in items:
        burst *= exp(-(item - moment) / BURST_SECONDS)
        share = _background_share(expected, item, burst)
        counts.add(item, share)
        background += share
        burst, moment = burst + 1, item
    return counts.write(arrivals)._replace(
        until=until if elapsed else arrivals.until,
        items=keep * arrivals.items + background,
        observed=keep * arrivals.observed + observed,
        burst=burst * exp(-max(0.0, until - moment) / BURST_SECONDS),
        followers=keep_rhythm * arrivals.followers + len(items) - background,
        all_items=keep_rhythm * arrivals.all_items + len(items),
    )


def look(arrivals: Arrivals | None, expected: Forecast, at: float, dates: Sequence[float | None]) -> Arrivals:
    """Returns what is learned when a listing was looked at and showed these new items.

    The first look at a listing shows its past: items that bear times are learned as if it had been followed since the oldest.

    Args:
        arrivals: what was learned before; None at the first look.
        expected: the forecast that was made of it.
        at: when it was looked at.
        dates: when each new item says that it came, None where it does not say.
    """
    if arrivals is None:
        history = sorted(date for date in dates if date is not None and at - HISTORY < date <= at)
        return learn(Arrivals(history[0] if history else at), expected, at, history[1:])
    return learn(arrivals, expected, at, _times(arrivals.until, at, dates))


def late(arrivals: Arrivals, dates: Sequence[float | None]) -> Arrivals:
    """Returns what is learned of items that were there at the last look, but are only known now.

    Args:
        arrivals: what was learned before.
        dates: when each item says that it came, None where it does not say.
    """
    end = arrivals.until
    items = [date if date is not None and end - HISTORY < date <= end else end for date in dates]
    counts = _Counts.of(arrivals, 1.0)
    for item in items:
        counts.add(item, 1.0)
    return counts.write(arrivals)._replace(
        items=arrivals.items + len(items),
        burst=arrivals.burst + sum(exp(-(end - item) / BURST_SECONDS) for item in items),
        all_items=arrivals.all_items + len(items),
    )


def _times(since: float, until: float, dates: Sequence[float | None]) -> list[float]:
    """Returns when items came: as they say, unless that is impossible or the same for several, else spread evenly."""
    possible = sorted({date for date in dates if date is not None and since < date <= until})
    return possible if len(possible) == len(dates) else spread(since, until, len(dates))


class _Counts(NamedTuple):
    """Counts by hour of the day and day of the week while they are added up."""

    hour_items: list[float]
    hour_observed: list[float]
    day_items: list[float]
    day_observed: list[float]

    @classmethod
    def of(cls, arrivals: Arrivals, keep: float) -> "_Counts":
        """Returns the counts of what was learned, decayed to a share."""
        return cls(
            [keep * count for count in arrivals.hour_items], [keep * hours for hours in arrivals.hour_observed],
            [keep * count for count in arrivals.day_items], [keep * hours for hours in arrivals.day_observed],
        )  # fmt: skip

    def write(self, arrivals: Arrivals) -> Arrivals:
        """Returns what is learned with these counts."""
        return arrivals._replace(
            hour_items=tuple(self.hour_items), hour_observed=tuple(self.hour_observed),
            day_items=tuple(self.day_items), day_observed=tuple(self.day_observed),
        )  # fmt: skip

    def observe(self, expected: Forecast, since: float, until: float) -> float:
        """Adds a stretch of time; returns it in hours, each as long as its factors are large."""
        observed = 0.0
        for stretch in stretches(since, until):
            hours = stretch.seconds / HOUR
            hour_factor, day_factor = expected.hour_factors[stretch.hour], expected.day_factors[stretch.day]
            self.hour_observed[stretch.hour] += hours * day_factor
            self.day_observed[stretch.day] += hours * hour_factor
            observed += hours * hour_factor * day_factor
        return observed

    def add(self, moment: float, share: float) -> None:
        """Counts an item, spread over its hour and the nearer neighbour, as far as it lies towards it."""
        position = moment / HOUR - 0.5
        earlier = int(position // 1)
        nearness = position - earlier
        self.hour_items[earlier % 24] += share * (1 - nearness)
        self.hour_items[(earlier + 1) % 24] += share * nearness
        self.day_items[weekday(int(moment // HOUR))] += share


def spread(since: float, until: float, count: int) -> list[float]:
    """Returns times for items of which only is known that they came in this time: evenly over it."""
    return [since + (until - since) * (index + 0.5) / count for index in range(count)]


def _background_share(expected: Forecast, moment: float, burst: float) -> float:
    """Returns the probability that an item is of the background, rather than drawn by an earlier one (Hawkes, by EM)."""
    hour = int(moment // HOUR)
    background = expected.level * expected.hour_factors[hour % 24] * expected.day_factors[weekday(hour)]
    drawn = expected.follow * burst * HOUR / BURST_SECONDS
    return background / (background + drawn)
