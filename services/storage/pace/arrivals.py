"""Arrivals: what the polls of a channel teach of when its items come.

The model is a self-exciting point process (Hawkes 1971): at each moment items come at a background rate, which is a level
times a factor of the hour of the day times a factor of the day of the week, and each item draws others after it for a
while. All of it is counted with exponential decay (learning.py), so that a channel which changes is learned anew, and
starts from a prior, so that a channel of which little is known is taken for an ordinary one.

Pure functions: nothing is read or written here. Times are POSIX seconds, UTC; rates are items an hour.
"""

from collections.abc import Iterator
from math import exp
from typing import Any, NamedTuple

from services.storage.dates import weekday
from shared.pace import USUAL_RATE

HOUR = 3600.0
DAY = 24 * HOUR
# How long after an item others follow, on average.
BURST_SECONDS = 1800.0
# How many items the prior counts for: in the level, each hour of the day, each day of the week, and the share of followers.
PRIOR_ITEMS = 0.5
PRIOR_HOUR = 2.0
PRIOR_DAY = 6.0
PRIOR_FOLLOWERS = 2.0, 20.0
# Items an hour draw at most so many others each: above 1 a burst would never end.
MOST_FOLLOWERS = 0.8

Hours = tuple[float, ...]


class Arrivals(NamedTuple):
    """What is learned of a channel.

    Attributes:
        until: the end of the time that was observed.
        items: background items, decayed.
        observed: hours observed, decayed, each as long as its factors are large.
        hour_items: background items by hour of the day, decayed.
        hour_observed: hours observed by hour of the day, decayed, each as long as the factor of its day is large.
        day_items: background items by day of the week, Monday first, decayed.
        day_observed: hours observed by day of the week, decayed, each as long as the factor of its hour is large.
        burst: how many of the last items may still draw others, each counting exp(-age / BURST_SECONDS).
        followers: items that followed others, decayed.
        all_items: all items, decayed as the followers are.
        listed: items that its listing showed last; 0 where that is not known.
    """

    until: float
    items: float = 0.0
    observed: float = 0.0
    hour_items: Hours = (0.0,) * 24
    hour_observed: Hours = (0.0,) * 24
    day_items: Hours = (0.0,) * 7
    day_observed: Hours = (0.0,) * 7
    burst: float = 0.0
    followers: float = 0.0
    all_items: float = 0.0
    listed: int = 0


class Stretch(NamedTuple):
    """A stretch of time within one hour of the day: its start, its length in seconds, the hour and the day of the week."""

    start: float
    seconds: float
    hour: int
    day: int


class Forecast(NamedTuple):
    """What a channel is expected to bring.

    Attributes:
        at: from when on.
        level: background items an hour, on the average of a week.
        hour_factors: the hours of the day, 1 on average.
        day_factors: the days of the week, 1 on average.
        burst: as in Arrivals, at that time.
        follow: how many items an item draws after it.
    """

    at: float
    level: float
    hour_factors: Hours
    day_factors: Hours
    burst: float
    follow: float

    def background(self, stretch: Stretch) -> float:
        """Returns the background rate in a stretch of time."""
        return self.level * self.hour_factors[stretch.hour] * self.day_factors[stretch.day]

    def after(self, moment: float) -> "Forecast":
        """Returns what is expected from a later moment on, if nothing comes until then."""
        later = max(moment, self.at)
        return self._replace(at=later, burst=self.burst * exp(-(later - self.at) / BURST_SECONDS))

    def rate(self) -> float:
        """Returns the items an hour on the average of a week, those that follow others included."""
        return self.level / (1 - self.follow)


def forecast(arrivals: Arrivals, prior_rate: float = USUAL_RATE) -> Forecast:
    """Returns what a channel is expected to bring from the end of what was observed on.

    Args:
        arrivals: what is learned of it.
        prior_rate: items an hour of a channel of which nothing is known.
    """
    prior_followers, prior_all = PRIOR_FOLLOWERS
    return Forecast(
        at=arrivals.until,
        level=(PRIOR_ITEMS + arrivals.items) / (PRIOR_ITEMS / prior_rate + arrivals.observed),
        hour_factors=_factors(arrivals.hour_items, arrivals.hour_observed, PRIOR_HOUR),
        day_factors=_factors(arrivals.day_items, arrivals.day_observed, PRIOR_DAY),
        burst=arrivals.burst,
        follow=min((prior_followers + arrivals.followers) / (prior_all + arrivals.all_items), MOST_FOLLOWERS),
    )


def stretches(start: float, end: float) -> Iterator[Stretch]:
    """Yields the time from start to end, cut at full hours."""
    while start < end:
        hour = int(start // HOUR)
        until = min((hour + 1) * HOUR, end)
        yield Stretch(start, until - start, hour % 24, weekday(hour))
        start = until


def dump(arrivals: Arrivals) -> dict[str, Any]:
    """Returns what is learned as JSON, with seven significant digits but for the time."""
    return {
        name: value if name == "until" else [_short(part) for part in value] if isinstance(value, tuple) else _short(value)
        for name, value in arrivals._asdict().items()
    }  # fmt: skip


def load(data: dict[str, Any]) -> Arrivals:
    """Returns what dump() kept."""
    values: dict[str, Any] = {name: tuple(value) if isinstance(value, list) else value for name, value in data.items()}
    return Arrivals(**values)


def _short(value: float) -> float:
    return float(f"{value:.7g}")


def _factors(items: Hours, observed: Hours, prior: float) -> Hours:
    """Returns how much more than on average comes in each part of a cycle, 1 where nothing is known."""
    usual = sum(items) / (sum(observed) or 1.0)
    factors = [(count + prior) / (usual * hours + prior) for count, hours in zip(items, observed, strict=True)]
    mean = sum(factors) / len(factors)
    return tuple([factor / mean for factor in factors])
