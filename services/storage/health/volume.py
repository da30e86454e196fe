"""Volume: whether a stream brings far fewer or far more stories than it used to, for good.

Weeks are compared, because a week holds the whole rhythm. A stream has changed when several weeks in a row lie outside of
what the weeks before allow: by a factor, so that a summer or a holiday is no change, and by more than chance does
(Anscombe 1948: the square root of a count has nearly the same variance whatever the count; it is scaled by how much the
weeks before have varied).

Pure functions: nothing is read or written here.
"""

from math import sqrt
from typing import Literal, NamedTuple

# Weeks that are usual, and weeks in a row that are not.
USUAL_WEEKS, CHANGED_WEEKS = 8, 3
LEARNED_WEEKS = 6
FELL, ROSE = 0.4, 2.5
# Standard deviations of the mean of the changed weeks.
UNLIKELY = 4.0
# Variance of a count's square root: of a Poisson process at least.
POISSON_VARIANCE = 0.25

Trend = Literal["fell", "rose"]


class Volume(NamedTuple):
    """Stories a week, oldest first. The last CHANGED_WEEKS are compared with those before."""

    weeks: tuple[int, ...] = ()


class Change(NamedTuple):
    """A lasting change: which way, and stories a week before and after."""

    trend: Trend
    before: float
    after: float


def learn(volume: Volume, stories: int) -> Volume:
    """Returns what is learned when another week has ended."""
    return Volume((*volume.weeks, stories)[-(USUAL_WEEKS + CHANGED_WEEKS) :])


def judge(volume: Volume) -> Change | None:
    """Returns how the stream has changed; None if it has not, or too little is known."""
    usual, last = volume.weeks[:-CHANGED_WEEKS], volume.weeks[-CHANGED_WEEKS:]
    if len(usual) < LEARNED_WEEKS:
        return None
    before, after = sum(usual) / len(usual), sum(last) / CHANGED_WEEKS
    change = Change("fell" if after < before else "rose", before, after)
    beyond = all(week < FELL * before for week in last) or all(week > ROSE * before for week in last)
    return change if beyond and _is_unlikely(usual, last) else None


def _is_unlikely(usual: tuple[int, ...], last: tuple[int, ...]) -> bool:
    roots = [sqrt(week) for week in usual]
    mean = sum(roots) / len(roots)
    variance = max(POISSON_VARIANCE, sum((root - mean) ** 2 for root in roots) / (len(roots) - 1))
    distance = abs(sum(map(sqrt, last)) / len(last) - mean)
    return distance > UNLIKELY * sqrt(variance / len(last) + variance / len(usual))
