"""Arrivals: what the polls of a channel teach of when its items come.

The model is a self-exciting point process (Hawkes 1971): at each moment items come at a background rate, which is a level
times a factor of the hour of the day times a factor of the day of the week, and each item draws others after it for a
while. All of it is counted with exponential decay, so that a channel which changes is learned anew, and starts from a
prior, so that a channel of which little is known is taken for an ordinary one.

Pure functions: nothing is read or written here. Times are POSIX seconds, UTC; rates are items an hour.
"""

from collections.abc import Iterator, Sequence
from math import exp
from typing import Any, NamedTuple

HOUR = 3600.0
DAY = 24 * HOUR
# Mean lifetimes of what is learned: a site changes how much it publishes sooner than when.
LEVEL_MEMORY = 14 * DAY
RHYTHM_MEMORY = 42 * DAY
# How long after an item others follow, on average.
BURST_SECONDS = 1800.0
# How many items the prior counts for: in the level, each hour of the day, each day of the week, and the share of followers.
PRIOR_ITEMS = 0.5
PRIOR_HOUR = 2.0
PRIOR_DAY = 6.0
PRIOR_FOLLOWERS = 2.0, 20.0
# How far back the times of a listing's items are believed at the first look.
HISTORY = 14 * DAY
# Items an hour draw at most so many others each: above 1 a burst would never end.
MOST_FOLLOWERS = 0.8
# Nothing learned: items an hour, by kind of page (shared.contracts.Kind).
PRIOR_RATES = {"feed": 0.5, "sitemap": 1.0, "front": 1.0}
USUAL_RATE = 0.5

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
        self.day_items[_day(moment)] += share


def stretches(start: float, end: float) -> Iterator[Stretch]:
    """Yields the time from start to end, cut at full hours."""
    while start < end:
        hour = int(start // HOUR)
        until = min((hour + 1) * HOUR, end)
        yield Stretch(start, until - start, hour % 24, _day(start))
        start = until


def spread(since: float, until: float, count: int) -> list[float]:
    """Returns times for items of which only is known that they came in this time: evenly over it."""
    return [since + (until - since) * (index + 0.5) / count for index in range(count)]


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


def _day(moment: float) -> int:
    # POSIX time began on a Thursday.
    return int(moment // DAY + 3) % 7


def _factors(items: Hours, observed: Hours, prior: float) -> Hours:
    """Returns how much more than on average comes in each part of a cycle, 1 where nothing is known."""
    usual = sum(items) / (sum(observed) or 1.0)
    factors = [(count + prior) / (usual * hours + prior) for count, hours in zip(items, observed, strict=True)]
    mean = sum(factors) / len(factors)
    return tuple([factor / mean for factor in factors])


def _background_share(expected: Forecast, moment: float, burst: float) -> float:
    """Returns the probability that an item is of the background, rather than drawn by an earlier one (Hawkes, by EM)."""
    background = expected.level * expected.hour_factors[int(moment // HOUR) % 24] * expected.day_factors[_day(moment)]
    drawn = expected.follow * burst * HOUR / BURST_SECONDS
    return background / (background + drawn)
