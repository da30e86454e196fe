"""Channels: one of a site's channels dies while the others go on showing its stories."""

import numpy as np

from bench.alarms.outcomes import Outcome
from bench.alarms.silences import is_improbable
from bench.alarms.worlds import EPOCH, HOURS, LONGEST_DEATH, START, Kind
from services.storage.health import state
from services.storage.health.channels import judge
from services.storage.health.showings import MOST_AN_HOUR, SETTLED
from services.storage.health.verdicts import Channel

SHARES = (1.0, 0.9, 0.5, 0.2)
# How likely the channel treats a story as the one before.
RUN = 0.3
_SETTLED_HOURS = int(SETTLED.total_seconds() // 3600)
_ANSWERING = Channel("", 0, "listed", EPOCH, EPOCH)


def channels(kind: Kind, share: float, random: np.random.Generator) -> Outcome:
    """Follows a channel that lists a share of its site's stories for a year in health, then dies while the site goes on."""
    stories = kind.make(random)
    shown = shows(stories, share, random)
    death = int(random.integers(HOURS // 2, HOURS - LONGEST_DEATH))
    site, channel, false, is_open, delay = state.new(START), state.new(START), 0, False, None
    for hour in range(HOURS):
        if hour == death:
            delay = _found_dead(site, channel, stories, shown, hour)
        site, channel = step(site, stories[hour]), learn(channel, shown, hour)
        stale = is_stale(channel, site)
        false += stale and not is_open
        is_open = stale
    return Outcome(false, delay)


def shows(stories: np.ndarray, share: float, random: np.random.Generator) -> list[list[bool]]:
    """Returns whether a channel shows the stories of each hour, in runs."""
    shown, is_shown = [], True
    for number in stories:
        hour = []
        for fresh, chance in random.random((int(number), 2)):
            is_shown = bool(chance < share) if fresh >= RUN else is_shown
            hour.append(is_shown)
        shown.append(hour)
    return shown


def learn(channel: state.State, shown: list[list[bool]], hour: int) -> state.State:
    """Returns what is learned of a channel in an hour: whether it changes, and which stories of long ago it has never shown."""
    settled = shown[hour - _SETTLED_HOURS] if hour >= _SETTLED_HOURS else []
    return state.miss(step(channel, any(shown[hour])), [(not is_shown, "") for is_shown in settled[:MOST_AN_HOUR]])


def step(learned: state.State, stories: float) -> state.State:
    """Returns what is learned of the rhythm of a site or a channel in an hour."""
    return state.advance(learned, learned.rhythm.hour + 1, {learned.rhythm.hour: int(stories)})


def is_stale(channel: state.State, site: state.State) -> bool:
    """Whether a channel counts as stale."""
    return bool(not is_improbable(site.rhythm) and judge(_ANSWERING, channel, site, [_ANSWERING], EPOCH))


def _found_dead(
    site: state.State, channel: state.State, stories: np.ndarray, shown: list[list[bool]], death: int
) -> float | None:
    dead = [*shown[:death], *([False] * len(hour) for hour in shown[death:])]
    for hour in range(death, death + LONGEST_DEATH):
        site, channel = step(site, stories[hour]), learn(channel, dead, hour)
        if is_stale(channel, site):
            return hour - death + 1
    return None
