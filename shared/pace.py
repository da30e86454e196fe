"""The pace of channels, as far as more than one part needs it: limits, what is expected where nothing is learned, and words."""

from math import sqrt
from typing import NamedTuple

from shared.contracts import Kind

HOUR_SECONDS, DAY_SECONDS = 3600.0, 86_400.0
# Nothing learned: items an hour, by kind of page (shared.contracts.Kind).
PRIOR_RATES = {"feed": 0.5, "sitemap": 1.0, "front": 1.0}
USUAL_RATE = 0.5
_MINUTE, _HOURS_FROM, _DAYS_FROM = 60, 5400, 48 * 3600


class Bounds(NamedTuple):
    """The shortest and the longest time between two polls, in seconds. Where they contradict, the shortest holds."""

    least: float
    most: float


class Limits(NamedTuple):
    """What a user sets for the pace of all channels.

    Attributes:
        worth: seconds of waiting, summed over new items, that one more poll must save at least.
        polls_a_day: of all channels together, on average; 0 is no limit.
        polls_a_day_and_host: of all channels of a host together, on average; 0 is no limit.
        least: seconds between two polls of a channel, at least.
        most: seconds between two polls of a channel, at most.
        goal: seconds that an item should wait on average at most; 0 is no goal.
    """

    worth: float
    polls_a_day: float
    polls_a_day_and_host: float
    least: float
    most: float
    goal: float

    def bounds(self, least: float | None, most: float | None, wish: float = 0.0) -> Bounds:
        """Returns the bounds of a channel.

        Args:
            least: what is set for its site, in seconds; None if nothing is.
            most: what is set for its site, in seconds; None if nothing is.
            wish: for how many seconds its publisher wishes to be left alone.
        """
        shortest = max(self.least if least is None else least, wish)
        longest = self.most if most is None else most
        # An item waits half of an interval on average.
        return Bounds(shortest, max(shortest, min(longest, 2 * self.goal if self.goal else longest)))


def first_interval(kind: Kind, items_a_day: float | None, limits: Limits) -> float:
    """Returns the mean seconds between two polls of a channel of which only a look is known.

    By the rule of services/storage/pace/polling.py for a constant rate. A channel without dates has the usual rate of its kind.
    """
    kind_rate = 24 * PRIOR_RATES.get(kind.value, USUAL_RATE)
    rate = (kind_rate if items_a_day is None else items_a_day) / DAY_SECONDS
    bounds = limits.bounds(None, None)
    return min(max(sqrt(2 * limits.worth / rate), bounds.least), bounds.most) if rate else bounds.most


def duration(seconds: float) -> str:
    """Returns a time in the unit that people would use: 40 s, 11 min, 3.5 h, 2 days."""
    if seconds < _MINUTE:
        return f"{seconds:.0f} s"
    if seconds < _HOURS_FROM:
        return f"{seconds / _MINUTE:.0f} min"
    if seconds < _DAYS_FROM:
        return f"{seconds / HOUR_SECONDS:.3g} h"
    return f"{seconds / DAY_SECONDS:.3g} days"
