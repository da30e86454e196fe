"""Silence: how unlikely it is that a stream of stories has brought nothing for so long.

A stream is a site, a channel, a language, a tag or a watch. Time is counted in hours. An hour that brings something is
*busy*, however much it brings, so that a magazine which publishes ten stories at once has one busy hour a week. The
probability that an hour is busy is learned as a level times a factor of the hour of the day times one of the day of the week,
each with exponential decay.

The time between two busy hours is measured in busy hours that were expected meanwhile, which makes a night as short as a
minute at noon (time rescaling: Brown et al. 2002, "The time-rescaling theorem"). How such gaps vary tells a regular site from
an irregular one: a Weibull distribution is fitted by their mean and variation, whose inverse is nearly its shape. A gap is silence when
fewer than FALSE_ALARMS_A_YEAR of the gaps of a year would be that long.

Pure functions: nothing is read or written here.
"""

from collections.abc import Sequence
from math import exp, gamma, log
from typing import NamedTuple

from services.storage.dates import weekday

HOURS_A_DAY, DAYS_A_WEEK = 24, 7
HOURS_A_YEAR = 8766
# How many gaps of a healthy stream may be taken for silence.
FALSE_ALARMS_A_YEAR = 0.003
# Mean lifetimes, in hours: of the level and the rhythm, of the gaps' statistics, of the longest gap, and of what happened last.
RHYTHM_HOURS = 42 * HOURS_A_DAY
GAPS_HOURS = 120 * HOURS_A_DAY
RECENT_HOURS = 24
# What the prior counts for: busy hours in each hour of the day and day of the week, and recent busy hours.
PRIOR_HOUR, PRIOR_DAY, PRIOR_RECENT = 1.0, 3.0, 3.0
# A stream of which nothing is known is taken for an irregular one: so many gaps of this variation (standard deviation by mean).
PRIOR_GAPS, PRIOR_VARIATION = 4.0, 1.1
# The Weibull shape is believed within these, and taken for somewhat smaller than it seems: real streams have slow days.
SHAPES = (0.45, 3.0)
DOUBT = 0.1
LONGEST_HOURS = HOURS_A_YEAR
# A stream is judged after so many gaps, and so many hours.
LEARNED_GAPS, LEARNED_HOURS = 5, 14 * HOURS_A_DAY
# A limit is longer by so many hours, as far as hours are busy: for a magazine by nothing.
EXTRA_HOURS = 1.0
# A slow day (a holiday) slows the clock at most so much.
SLOWEST = 0.25
# Expected busy hours never fall below this share of the mean: silence at night grows, too.
DIMMEST = 0.02

_KEEP_DAY, _KEEP_RECENT = exp(-HOURS_A_DAY / RHYTHM_HOURS), exp(-1 / RECENT_HOURS)

# Busy hours and hours, decayed; and those of each part of a cycle.
Counts = tuple[float, float]
Cycle = tuple[Counts, ...]


class Rhythm(NamedTuple):
    """What is learned of a stream's busy hours.

    Attributes:
        hour: the next hour to learn, in hours since the epoch, UTC.
        since: the first hour that was learned.
        level: busy hours and all hours.
        by_hour: likewise by hour of the day.
        by_day: likewise by day of the week, Monday first.
        recent: busy hours and expected ones of about the last day.
        gaps: of the gaps between busy hours the decayed number, sum and sum of squares.
        longest: the longest gap, slowly forgotten.
        gap: expected busy hours since the last one.
        busy_at: the last busy hour; 0 before the first.
        pace: the factor by which the clock of the present gap is slowed, because the day before it was slow.
    """

    hour: int
    since: int
    level: Counts = (0.0, 0.0)
    by_hour: Cycle = ((0.0, 0.0),) * HOURS_A_DAY
    by_day: Cycle = ((0.0, 0.0),) * DAYS_A_WEEK
    recent: tuple[float, float] = (0.0, 0.0)
    gaps: tuple[float, float, float] = (0.0, 0.0, 0.0)
    longest: float = 0.0
    gap: float = 0.0
    busy_at: int = 0
    pace: float = 1.0


class Silence(NamedTuple):
    """How long a stream has been silent, and how long is too long: both in hours that were expected to be busy."""

    gap: float
    limit: float

    @property
    def is_improbable(self) -> bool:
        """Whether a healthy stream would hardly ever be silent for so long."""
        return self.gap > self.limit


def new(hour: int) -> Rhythm:
    """Returns what is known of a stream that is followed from an hour on: nothing."""
    return Rhythm(hour, hour)


def learn(rhythm: Rhythm, busy: Sequence[bool]) -> Rhythm:
    """Returns what is learned when further hours have passed, each busy or not."""
    for is_busy in busy:
        rhythm = _learn_hour(rhythm, is_busy)
    return rhythm


def skip(rhythm: Rhythm, hour: int) -> Rhythm:
    """Returns a rhythm that goes on at a later hour: nobody looked meanwhile, so that nothing is known of that time."""
    return rhythm._replace(hour=max(rhythm.hour, hour))


def judge(rhythm: Rhythm) -> Silence | None:
    """Returns how long the stream has been silent; None while too little is learned of it."""
    number = rhythm.gaps[0]
    if number < LEARNED_GAPS or rhythm.hour - rhythm.since < LEARNED_HOURS:
        return None
    gaps_a_year = max(1.0, rhythm.level[0] / rhythm.level[1] * HOURS_A_YEAR)
    mean, variation = _gap_statistics(rhythm.gaps)
    least, most = SHAPES
    shape = min(max(1 / variation - DOUBT, least), most)
    scale = mean / gamma(1 + 1 / shape)
    # The limit of a young stream is larger: by a half when it is judged first.
    youth = 1 + LEARNED_HOURS / 2 / (rhythm.hour - rhythm.since)
    limit = youth * scale * log(gaps_a_year / FALSE_ALARMS_A_YEAR) ** (1 / shape)
    # Silence is longer than the longest gap before, too. The less regular a stream, the less its tail is known.
    beyond_longest = min((1 + shape**-2) * rhythm.longest, (1 + 1 / shape) * limit)
    # Where nearly every hour is busy, an hour more costs little and is worth many false alarms (holidays, slow nights).
    return Silence(rhythm.gap, max(limit, beyond_longest) + EXTRA_HOURS * rhythm.level[0] / rhythm.level[1])


def expected(rhythm: Rhythm, hour: int) -> float:
    """Returns the probability that an hour is busy, as far as the rhythm is known."""
    busy, hours = rhythm.level
    usual = busy / hours if hours else 0.0
    hour_factor = _factor(rhythm.by_hour[hour % HOURS_A_DAY], usual, PRIOR_HOUR)
    day_factor = _factor(rhythm.by_day[weekday(hour)], usual, PRIOR_DAY)
    return min((busy + 1) / (hours + HOURS_A_DAY * DAYS_A_WEEK) * max(hour_factor * day_factor, DIMMEST), 1.0)


def _learn_hour(rhythm: Rhythm, is_busy: bool) -> Rhythm:
    expectation = expected(rhythm, rhythm.hour)
    learned = _learn_gap(rhythm, expectation, is_busy)
    recent_busy, recent_expected = rhythm.recent
    learned = learned._replace(
        hour=rhythm.hour + 1,
        level=_add(rhythm.level, is_busy),
        by_hour=_count(rhythm.by_hour, rhythm.hour % HOURS_A_DAY, is_busy),
        by_day=_count(rhythm.by_day, weekday(rhythm.hour), is_busy),
        recent=(_KEEP_RECENT * recent_busy + is_busy, _KEEP_RECENT * recent_expected + expectation),
    )
    return learned if learned.hour % HOURS_A_DAY else _decay(learned)


def _decay(rhythm: Rhythm) -> Rhythm:
    """Returns a rhythm in which everything that was counted weighs a day's share less."""
    return rhythm._replace(
        level=_scale(rhythm.level),
        by_hour=tuple(_scale(counts) for counts in rhythm.by_hour),
        by_day=tuple(_scale(counts) for counts in rhythm.by_day),
    )


def _learn_gap(rhythm: Rhythm, expectation: float, is_busy: bool) -> Rhythm:
    gap = rhythm.gap + rhythm.pace * expectation
    if not is_busy:
        return rhythm._replace(gap=gap)
    keep = exp(-(rhythm.hour - rhythm.busy_at) / GAPS_HOURS) if rhythm.busy_at else 0.0
    number, total, squares = rhythm.gaps
    recent_busy, recent_expected = rhythm.recent
    pace = (recent_busy + 1 + PRIOR_RECENT) / (recent_expected + expectation + PRIOR_RECENT)
    return rhythm._replace(
        # The first gap began before anybody looked.
        gaps=(keep * number + 1, keep * total + gap, keep * squares + gap * gap) if rhythm.busy_at else (0.0, 0.0, 0.0),
        longest=max(gap, rhythm.longest * exp(-(rhythm.hour - rhythm.busy_at) / LONGEST_HOURS)) if rhythm.busy_at else 0.0,
        gap=0.0, busy_at=rhythm.hour, pace=min(max(pace, SLOWEST), 1.0),
    )  # fmt: skip


def _gap_statistics(gaps: tuple[float, float, float]) -> tuple[float, float]:
    """Returns the mean of gaps and their variation, with the prior."""
    number, total, squares = gaps
    mean = total / number
    variance = max(squares / number - mean * mean, 0.0) / (mean * mean)
    return mean, ((number * variance + PRIOR_GAPS * PRIOR_VARIATION**2) / (number + PRIOR_GAPS)) ** 0.5


def _factor(counts: Counts, usual: float, prior: float) -> float:
    """Returns how much busier than on average a part of a cycle is, 1 where nothing is known."""
    busy, hours = counts
    return (busy + prior) / (usual * hours + prior)


def _count(cycle: Cycle, index: int, is_busy: bool) -> Cycle:
    return (*cycle[:index], _add(cycle[index], is_busy), *cycle[index + 1 :])


def _add(counts: Counts, is_busy: bool) -> Counts:
    return counts[0] + is_busy, counts[1] + 1


def _scale(counts: Counts) -> Counts:
    return counts[0] * _KEEP_DAY, counts[1] * _KEEP_DAY
