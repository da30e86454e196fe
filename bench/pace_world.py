"""An invented world of channels for bench/pace.py: when items come, what polls show of them. Everything follows from a seed.

Rates are log-normal (sigma 1.5). Each channel has a rhythm of the day and of the week, its level drifts from week to week,
and items draw others after them for a while (bursts). Some channels are dead or die, some lie: their items bear no time or a
false one, or they answer "not modified" though something is new. Some are out of order for hours, and some ask to be left
alone for a while. A listing shows a limited number of items: what is not looked at in time is missed.
"""

from typing import NamedTuple

import numpy as np

WEEKS = 4
HOURS = WEEKS * 168
# The simulation starts on a Monday at midnight, UTC, after a week that only fills the listings.
START = 1_772_409_600.0
WARM_UP = 7 * 86_400.0
END = START + HOURS * 3600.0


class Channel(NamedTuple):
    """A channel of the world.

    Attributes:
        items: when its items come, from a week before the start, POSIX seconds, in order.
        rates: the true items an hour in each hour from the start, those that follow others included.
        follow: how many items an item draws, on average.
        burst_seconds: how long after it they come, on average.
        dates: what its items say of when they came: `true`, `none`, `now` (when asked) or `shifted`.
        shift: seconds by which shifted dates are wrong.
        lies: the probability that it says "not modified" though it is.
        size: items that its listing shows.
        least_seconds: for how long its publisher wishes to be left alone.
        outage: from when to when it cannot be reached.
    """

    items: np.ndarray
    rates: np.ndarray
    follow: float
    burst_seconds: float
    dates: str
    shift: float
    lies: float
    size: int
    least_seconds: float
    outage: tuple[float, float]


def world(channels: int, seed: int, sigma: float = 1.5, median_a_day: float = 8.0) -> list[Channel]:
    """Returns the channels of a world."""
    random = np.random.default_rng(seed)
    return [_channel(random, sigma, median_a_day) for _ in range(channels)]


def _channel(random: np.random.Generator, sigma: float, median_a_day: float) -> Channel:
    rate = median_a_day / 24 * np.exp(random.normal(0, sigma))
    follow, burst_seconds = random.uniform(0, 0.5), 60 * np.exp(random.uniform(np.log(10), np.log(60)))
    rates = rate * _rhythm(random) * _drift(random) * _life(random)
    return Channel(
        items=_items(random, rates * (1 - follow), follow, burst_seconds),
        rates=rates[168:],
        follow=follow,
        burst_seconds=burst_seconds,
        dates=random.choice(["true", "none", "now", "shifted"], p=[0.8, 0.1, 0.05, 0.05]),
        shift=float(random.choice([-3, -2, -1, 1, 2, 5])) * 3600,
        lies=0.5 if random.random() < 0.05 else 0.0,
        size=int(random.choice([10, 20, 30, 50, 100])),
        least_seconds=float(random.choice([0, 600, 1800, 3600], p=[0.8, 0.1, 0.05, 0.05])),
        outage=_outage(random),
    )


def _rhythm(random: np.random.Generator) -> np.ndarray:
    """Returns the factor of each hour from a week before the start: by hour of the day and day of the week, 1 on average."""
    hours = np.arange(168)
    peak, depth = random.uniform(0, 24), random.uniform(0.3, 1.8)
    day = np.exp(depth * np.cos(2 * np.pi * (hours - peak) / 24)) * (
        1 + random.normal(0, 0.15, 24).clip(-0.4, 0.4)[hours % 24]
    )
    week = day * np.where(hours // 24 >= 5, random.uniform(0.3, 1.1), 1.0)
    return np.tile(week / week.mean(), WEEKS + 1)


def _drift(random: np.random.Generator) -> np.ndarray:
    """Returns how the level changes from week to week: a random walk."""
    return np.repeat(np.exp(np.cumsum(random.normal(0, 0.15, WEEKS + 1))), 168)


def _life(random: np.random.Generator) -> np.ndarray:
    """Returns 1 while a channel lives: 3 % never publish, 4 % die at some time."""
    alive = np.ones(HOURS + 168)
    fate = random.random()
    if fate < 0.07:
        alive[0 if fate < 0.03 else random.integers(168, HOURS + 168) :] = 0
    return alive


def _items(random: np.random.Generator, rates: np.ndarray, follow: float, burst_seconds: float) -> np.ndarray:
    """Returns when items come: a Poisson process of these rates an hour, each item with the generations that it draws."""
    counts = random.poisson(rates)
    generation = START - WARM_UP + (np.repeat(np.arange(len(rates)), counts) + random.random(counts.sum())) * 3600
    generations = [generation]
    while len(generation):
        parents = np.repeat(generation, random.poisson(follow, len(generation)))
        generation = parents + random.exponential(burst_seconds, len(parents))
        generations.append(generation)
    items = np.sort(np.concatenate(generations))
    return items[items < END]


def _outage(random: np.random.Generator) -> tuple[float, float]:
    if random.random() > 0.05:
        return END, END
    start = random.uniform(START, END)
    return start, start + random.uniform(1, 48) * 3600
