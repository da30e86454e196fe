"""The sum: a site with three channels, followed for a year by all alarms together, in which nothing breaks; then it dies."""

from collections import Counter
from collections.abc import Iterator
from typing import NamedTuple

import numpy as np

from bench.alarms import channels
from bench.alarms.silences import found_dead, seen
from bench.alarms.worlds import EPOCH, HOURS, LONGEST_DEATH, START, Kind
from services.storage.health import silence, state, verdicts
from services.storage.health.channels import judge as judge_channel
from services.storage.health.state import Reading, State
from services.storage.health.verdicts import CHANGED, SILENT, Channel

# The share of the stories that each channel shows: a sitemap, a feed, a front page.
CHANNELS = {"sitemap": 1.0, "feed": 0.9, "front": 0.5}
# Sections: the share of a site's articles, and of those that have no author and no date.
SECTIONS = (("news", 0.6, 0.05, 0.0), ("agency", 0.25, 0.9, 0.02), ("opinion", 0.15, 0.3, 0.1))
# Pages that cannot be read, that have no body, and that are made oddly; how likely article is like the one before.
UNREADABLE, BODYLESS, ODD, RUN = 0.01, 0.005, 0.02, 0.5
# Seconds from publication to listing, and how many are listed hours later.
LAG, LATE = 600.0, 0.01
_MOMENT = EPOCH
KINDS_OF_ALERTS = (SILENT, CHANGED, "channel-stale")


class Year(NamedTuple):
    """What became of a site: false alerts by kind, and the hours from its death to its alert (None: not found)."""

    false: Counter[str]
    delay: float | None


class Followed(NamedTuple):
    """What is learned of a site and its channels."""

    site: State
    channels: tuple[State, ...]


def year(kind: Kind, random: np.random.Generator) -> Year:
    """Follows a site by all alarms for a year, and once more from a random time on, from when it is dead."""
    stories = kind.make(random)
    seen_at = seen(HOURS, random)
    stories = np.bincount(seen_at, stories, HOURS + 12)[:HOURS].astype(int)
    shown = [channels.shows(stories, share, random) for share in CHANNELS.values()]
    readings = _readings(int(stories.sum()), random)
    death = int(random.integers(HOURS // 2, HOURS - LONGEST_DEATH))
    followed = Followed(state.new(START), (state.new(START),) * len(CHANNELS))
    false, open_alerts, delay = Counter[str](), set[str](), None
    for hour in range(HOURS):
        if hour == death:
            delay = found_dead(followed.site.rhythm)
        if seen_at[hour] != hour:
            continue
        followed = _step(followed, stories, shown, hour)
        articles = [next(readings) for _ in range(stories[hour])]
        followed = followed._replace(site=state.read(followed.site, articles))
        alerts = set(_alerts(followed))
        false.update(alert.partition(" ")[0] for alert in alerts - open_alerts)
        open_alerts = alerts
    return Year(false, delay)


def _step(followed: Followed, stories: np.ndarray, shown: list[list[list[bool]]], hour: int) -> Followed:
    """Returns what is learned when an hour has passed; hours in which nobody looked are left out."""
    at = START + hour
    site, *listed = (
        learned._replace(rhythm=silence.skip(learned.rhythm, at)) for learned in (followed.site, *followed.channels)
    )
    learned = (channels.learn(channel, hours, hour) for channel, hours in zip(listed, shown, strict=True))
    return Followed(channels.step(site, stories[hour]), tuple(learned))


def _alerts(followed: Followed) -> Iterator[str]:
    """Yields the alerts that are open: the kind, and the channel."""
    answering = [Channel(name, 0, "listed", _MOMENT, _MOMENT, name) for name in CHANNELS]
    of_site = [verdict.kind for verdict in verdicts.judge(followed.site, answering, _MOMENT)]
    yield from of_site
    if SILENT in of_site:
        return
    for channel, learned in zip(answering, followed.channels, strict=True):
        others = [other for other in answering if other is not channel]
        for verdict in judge_channel(channel, learned, followed.site, others, _MOMENT):
            yield f"{verdict.kind} {channel.key}"


def _readings(number: int, random: np.random.Generator) -> Iterator[Reading]:
    """Yields how a site's articles are read."""
    shares = [share for _, share, _, _ in SECTIONS]
    section, odd = SECTIONS[0], False
    for chances in random.random((number, 8)):
        if chances[0] >= RUN:
            section, odd = SECTIONS[int(random.choice(len(SECTIONS), p=shares))], bool(chances[1] < ODD)
        name, _, authorless, dateless = section
        missing = {
            field
            for field, chance, share in (
                ("page", chances[2], UNREADABLE), ("body", chances[3], BODYLESS),
                ("authors", chances[4], 1.0 if odd else authorless), ("date", chances[5], dateless),
            )
            if chance < share
        }  # fmt: skip
        lag = LAG * (0.5 + chances[6]) + (30_000.0 if chances[7] < LATE else 0.0)
        yield Reading(frozenset(missing), lag, "stored", name, "odd" if odd else "usual")
