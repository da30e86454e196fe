"""Kinds of sites, as the number of stories in each hour of a year: with a rhythm of the day and of the week, summer time, ten
public holidays and the days after Christmas, a slack summer, a level that drifts, and bursts."""

from collections.abc import Callable
from datetime import UTC, datetime
from functools import partial
from typing import NamedTuple

import numpy as np

DAYS = 365
HOURS = DAYS * 24
START = 490_896  # Hours since the epoch: Thursday, 2026-01-01, 00:00 UTC.
EPOCH = datetime(2026, 1, 1, tzinfo=UTC)
LONGEST_DEATH = 60 * 24
HOLIDAYS = (0, 93, 96, 121, 128, 134, 145, 195, 305, 358, 359, 360)
SUMMER = (200, 235)
SUMMER_TIME = (87, 297)


class Kind(NamedTuple):
    """A kind of site: its name and the function that makes the stories of each hour of a year."""

    name: str
    make: Callable[[np.random.Generator], np.ndarray]


def _hours() -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Returns the day of the year, the local hour and the day of the week (0 is Monday) of each hour."""
    hours = np.arange(HOURS)
    days = hours // 24
    summer = (days >= SUMMER_TIME[0]) & (days < SUMMER_TIME[1])
    return days, (hours + summer) % 24, (START + hours) // 24 % 7 + 3


def _calendar(random: np.random.Generator, holiday: float, summer: float, weekend: float) -> np.ndarray:
    """Returns the factor of each hour by its day: holidays, summer, weekend, and a level that drifts by the week."""
    days, _, weekday = _hours()
    factor = np.exp(np.cumsum(random.normal(0, 0.08, 53)))[days // 7]
    factor[np.isin(days, HOLIDAYS)] *= holiday
    factor[(days >= SUMMER[0]) & (days < SUMMER[1])] *= summer
    factor[np.isin(weekday % 7, (5, 6))] *= weekend
    return factor


def busy_site(
    a_day: tuple[float, float], night: float, holiday: float, weekend: float, random: np.random.Generator
) -> np.ndarray:
    """Returns a site with many stories a day, fewer at night, in bursts."""
    _, local, _ = _hours()
    peak = random.uniform(9, 18)
    wave = night + (1 - night) * (1 + np.cos((local - peak) / 24 * 2 * np.pi)) / 2
    rate = random.uniform(*a_day) / 24 * wave / wave.mean() * _calendar(random, holiday, 0.75, weekend)
    # Bursts: the rate of an hour is a gamma variable, so that counts are overdispersed.
    return random.poisson(rate * random.gamma(3.0, 1 / 3.0, HOURS))


def bulletins(random: np.random.Generator) -> np.ndarray:
    """Returns a site with a bulletin each hour, now and then one late or left out, and some stories more by day."""
    stories = (random.random(HOURS) > 0.03).astype(int)
    late = random.random(HOURS) < 0.05
    stories = np.where(late, 0, stories) + np.roll(np.where(late, stories, 0), 1)
    _, local, _ = _hours()
    return stories + random.poisson(0.4 * ((local > 7) & (local < 20)))


def independent(random: np.random.Generator) -> np.ndarray:
    """Returns a site two of whose three hours bring something, day and night, whatever the hour before has brought."""
    return random.binomial(1, 2 / 3, HOURS) * random.integers(1, 4, HOURS)


def daily(random: np.random.Generator) -> np.ndarray:
    """Returns a site with one edition a day, at about the same hour; half of the holidays are left out, and a day in fifty."""
    return _editions(random, days=7)


def working_daily(random: np.random.Generator) -> np.ndarray:
    """Returns a daily site that leaves Saturdays and Sundays out, too."""
    return _editions(random, days=5)


def _editions(random: np.random.Generator, *, days: int) -> np.ndarray:
    _, _, weekday = _hours()
    hour = random.integers(4, 20)
    stories = np.zeros(HOURS, dtype=int)
    for day in range(DAYS - 1):
        is_off, holiday = weekday[day * 24] % 7 >= days, day in HOLIDAYS
        if random.random() < 0.02 or is_off or (holiday and random.random() < 0.5):
            continue
        summer = SUMMER_TIME[0] <= day < SUMMER_TIME[1]
        stories[int(day * 24 + hour - summer + round(random.normal(0, 0.5)))] += random.integers(1, 4)
    return stories


def weekly(random: np.random.Generator) -> np.ndarray:
    """Returns a magazine: ten stories on one day of the week; two double issues a year."""
    stories = np.zeros(HOURS, dtype=int)
    first, hour = random.integers(0, 7), random.integers(6, 18)
    double = set(random.integers(10, 50, 2))
    for week in range(52):
        if week not in double:
            stories[int((first + 7 * week) * 24 + hour + round(random.normal(0, 2)))] = random.integers(5, 15)
    return stories


def irregular(a_week: float, random: np.random.Generator) -> np.ndarray:
    """Returns a site that publishes when it has something, mostly on working days."""
    _, local, _ = _hours()
    rate = a_week / 168 * 2.2 * ((local > 6) & (local < 22)) * _calendar(random, 0.3, 0.5, 0.4)
    return random.poisson(rate * random.gamma(1.5, 1 / 1.5, HOURS))


KINDS = (
    Kind("wire, 200-400 a day", partial(busy_site, (200, 400), 0.3, 0.6, 0.6)),
    Kind("120 a day, day and night", partial(busy_site, (100, 140), 0.35, 0.5, 0.7)),
    Kind("60 a day, day and night", partial(busy_site, (50, 70), 0.35, 0.5, 0.7)),
    Kind("hourly bulletins", bulletins),
    Kind("two hours in three", independent),
    Kind("30 a day, asleep at night", partial(busy_site, (25, 35), 0.05, 0.35, 0.5)),
    Kind("10 a day, asleep at night", partial(busy_site, (8, 12), 0.0, 0.2, 0.3)),
    Kind("daily edition", daily),
    Kind("daily, Monday to Friday", working_daily),
    Kind("blog, 2 a week", partial(irregular, 2)),
    Kind("weekly magazine", weekly),
)
