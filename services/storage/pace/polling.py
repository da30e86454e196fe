"""When the next poll of a channel pays most.

What counts is the time that new items wait until they are seen, summed over the items. For a given number of polls that
sum is least when a channel's polls go with the square root of its rate of items, and when the items that came between two
polls, N, balance those that the next interval brings (Sia, Cho & Cho, "Efficient Monitoring Algorithm for Fast News
Alerts", IEEE TKDE 19(7), 2007). Both together say: poll as soon as N * N >= 2 * worth * rate. At a constant rate that is
every sqrt(2 * worth / rate); before a quiet night the poll comes early, so that the evening's items do not wait for the
morning. `worth` is the Lagrange multiplier of the number of polls: the waiting time, in seconds summed over items, that
one more poll must save.

Only, long waits count a little more than their length (EXPONENT): that costs the mean next to nothing, and nobody waits
much longer than with fixed intervals.
"""

from collections.abc import Iterable, Iterator
from math import exp, sqrt

from services.storage.pace.arrivals import BURST_SECONDS, DAY, HOUR, Forecast, stretches
from shared.pace import Bounds

# While a burst lasts its rate falls within minutes; after so many mean lifetimes it is over.
STEP = 300.0
BURST_LIFETIMES = 4
# A poll finds at most this share of a listing new, by expectation: items that leave it unseen are lost.
MOST_NEW = 0.5
# Polls go with this power of the rate. Where a wait of t costs t ** p the best power is 1 / (1 + p): the square root for the
# mean wait, 0.45 for p = 1.2.
EXPONENT = 0.45
# The rate, one item an hour, at which that makes no difference to the square root.
_REFERENCE = 1 / HOUR
_WEEK = 7 * DAY
LONGEST_PATIENCE = DAY


def wait(forecast: Forecast, worth: float, bounds: Bounds, listed: int | None = None) -> float:
    """Returns the seconds from a poll to the next one of a channel.

    Args:
        forecast: what it is expected to bring, from the poll on.
        worth: item-seconds of waiting that a poll must save; more than 0.
        bounds: of the time between two polls.
        listed: how many items its listing shows; None if that is not known.
    """
    most_new = MOST_NEW * listed if listed else float("inf")
    new = 0.0
    for start, seconds, rate in _rates(forecast, forecast.at + bounds.most):
        needed = min(rate * sqrt(2 * worth) / _pull(rate), most_new)
        if new + rate * seconds >= needed:
            moment = start - forecast.at + max(0.0, needed - new) / rate
            return max(bounds.least, min(bounds.most, moment))
        new += rate * seconds
    return max(bounds.least, bounds.most)


def patience(pause: float, failures: int) -> float:
    """Returns the seconds to the next poll of a channel that has failed so many times in a row.

    Linear and at most a day (or the pause, where that is longer): doubling would lose a newspaper for a day after an hour's
    trouble, and a channel is never given up.
    """
    return min(pause * (1 + failures), max(pause, LONGEST_PATIENCE))


def demand(forecast: Forecast) -> float:
    """Returns how strongly a channel pulls polls, on the mean of a week: it is polled demand / sqrt(2 * worth) times a second."""
    days = sum(factor**EXPONENT for factor in forecast.day_factors) / len(forecast.day_factors)
    hours = sum(factor**EXPONENT for factor in forecast.hour_factors) / len(forecast.hour_factors)
    return float(_pull(forecast.rate() / HOUR) * days * hours)


def worth_for(demands: Iterable[tuple[float, Bounds]], polls_a_day: float) -> float:
    """Returns the worth of a poll at which all channels together are polled so many times a day.

    A channel is polled demand / sqrt(2 * worth) times a second, within its bounds. The sum of that falls while the worth
    grows, so that bisection finds the one number that meets the budget: the Lagrange multiplier of the allocation (Sia,
    Cho & Cho, section 4.1; bounds as in any water-filling, Boyd & Vandenberghe, "Convex Optimization", section 5.5.3).

    Args:
        demands: of each channel what demand() says, and its bounds.
        polls_a_day: the budget, more than 0. One below what the bounds ask for anyway is met as nearly as they allow.
    """
    channels = [(wish, DAY / max(bounds.least, bounds.most), DAY / bounds.least) for wish, bounds in demands]
    low, high = 1e-9, 1e12
    while high / low > 1.001:
        worth = sqrt(low * high)
        pull = DAY / sqrt(2 * worth)
        if sum(min(max(wish * pull, fewest), most) for wish, fewest, most in channels) > polls_a_day:
            low = worth
        else:
            high = worth
    return high


def _pull(rate: float) -> float:
    """Returns the polls a second of a channel with so many items a second, times sqrt(2 * worth)."""
    return float(sqrt(_REFERENCE) * (rate / _REFERENCE) ** EXPONENT)


def _rates(forecast: Forecast, until: float) -> Iterator[tuple[float, float, float]]:
    """Yields start, seconds and items a second of stretches in which the rate is taken for constant, over a week at most."""
    drawn = forecast.follow * forecast.burst / BURST_SECONDS
    burst_ends = forecast.at + (BURST_LIFETIMES * BURST_SECONDS if drawn > 0 else 0)
    for stretch in stretches(forecast.at, min(until, forecast.at + _WEEK)):
        background = forecast.background(stretch) / HOUR
        start, end = stretch.start, stretch.start + stretch.seconds
        while start < end:
            seconds = min(STEP, end - start) if start < burst_ends else end - start
            age = start + seconds / 2 - forecast.at
            yield start, seconds, background + (drawn * exp(-age / BURST_SECONDS) if start < burst_ends else 0.0)
            start += seconds
