"""Silence and volume: a site that is well for a year, and then dies, or brings a fifth."""

import numpy as np

from bench.alarms.outcomes import Outcome
from bench.alarms.worlds import HOURS, LONGEST_DEATH, START, Kind
from services.storage.health import silence, volume


def silences(kind: Kind, random: np.random.Generator) -> Outcome:
    """Follows a site for a year in health, and once more from a random time on, from when it is dead."""
    stories = kind.make(random)
    seen_at = seen(len(stories), random)
    came = np.bincount(seen_at, stories, len(stories) + 1)[: len(stories)] > 0
    watched = seen_at == np.arange(len(stories))
    death = int(random.integers(HOURS // 2, HOURS - LONGEST_DEATH))
    rhythm, is_open, false, delay = silence.new(START), False, 0, None
    for hour in range(HOURS):
        if hour == death:
            delay = found_dead(rhythm)
        if not watched[hour]:
            rhythm = silence.skip(rhythm, START + hour + 1)
            continue
        rhythm = silence.learn(rhythm, [bool(came[hour])])
        improbable = is_improbable(rhythm)
        false += improbable and not is_open
        is_open = improbable
    return Outcome(false, delay)


def volumes(kind: Kind, random: np.random.Generator) -> Outcome:
    """Follows the weeks of a site for a year, after which it brings a fifth."""
    stories = kind.make(random)
    weeks = [int(stories[start : start + 168].sum()) for start in range(0, HOURS - 168, 168)]
    false, learned, is_open = 0, volume.Volume(), False
    for week in weeks:
        learned = volume.learn(learned, week)
        changed = volume.judge(learned) is not None
        false += changed and not is_open
        is_open = changed
    for number in range(1, 12):
        learned = volume.learn(learned, int(random.poisson(np.mean(weeks[-8:]) * 0.2)))
        if volume.judge(learned):
            return Outcome(false, number)
    return Outcome(false, None)


def seen(hours: int, random: np.random.Generator) -> np.ndarray:
    """Returns the hour in which the stories of each hour are seen: at once, or after one of three outages of our own."""
    seen_at = np.arange(hours)
    for start in random.integers(500, hours - 500, 3):
        end = start + random.integers(2, 12)
        seen_at[start:end] = end
    return seen_at


def found_dead(rhythm: silence.Rhythm) -> float | None:
    """Returns the hours until a site that brings nothing any more counts as silent."""
    for hours in range(1, LONGEST_DEATH):
        rhythm = silence.learn(rhythm, [False])
        if is_improbable(rhythm):
            return hours
    return None


def is_improbable(rhythm: silence.Rhythm) -> bool:
    """Whether a site counts as silent."""
    silent = silence.judge(rhythm)
    return silent is not None and silent.is_improbable
