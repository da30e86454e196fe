"""The alarms of services/storage/health in a simulated year of many kinds of sites: how often they are false, how soon they come.

    python -m bench.alarms [--sites 12] [--seed 19] [--only silence]

A site of each kind is followed for a year by the hour, in which nothing ever breaks: every alert is false. Then the same
site, with the year's experience or what it has by then, dies or breaks at a random time in the second half of the year.
Sites have a rhythm of the day and of the week, summer time, ten public holidays and the days after Christmas, a slack
summer, a level that drifts, bursts, and outages of our own. Everything follows from the seed.
"""

import argparse
from collections.abc import Callable, Iterable, Sequence
from datetime import UTC, datetime
from typing import NamedTuple

import numpy as np

from services.storage.health import shares, silence, state, volume
from services.storage.health.channels import judge as judge_channel
from services.storage.health.verdicts import Channel

DAYS = 365
HOURS = DAYS * 24
START = 490_896  # Hours since the epoch: Thursday, 2026-01-01, 00:00 UTC.
EPOCH = datetime(2026, 1, 1, tzinfo=UTC)
LONGEST_DEATH = 60 * 24
ARTICLES = 20_000
TITLES = {
    "channels": "Channels of a site that lives: hours from a channel's death to its alert",
    "silence": "Silence: hours from a site's death to its alert",
    "volume": "Volume: weeks from a fall to a fifth to its alert",
    "fields": f"Fields: articles from a break to its alert, after {ARTICLES} in a year",
}
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
    a_day: tuple[float, float], night: float, holiday: float, weekend: float
) -> Callable[[np.random.Generator], np.ndarray]:
    """Returns a maker of sites with many stories a day, fewer at night, in bursts."""

    def make(random: np.random.Generator) -> np.ndarray:
        _, local, _ = _hours()
        peak = random.uniform(9, 18)
        wave = night + (1 - night) * (1 + np.cos((local - peak) / 24 * 2 * np.pi)) / 2
        rate = random.uniform(*a_day) / 24 * wave / wave.mean() * _calendar(random, holiday, 0.75, weekend)
        # Bursts: the rate of an hour is a gamma variable, so that counts are overdispersed.
        return random.poisson(rate * random.gamma(3.0, 1 / 3.0, HOURS))

    return make


def bulletins(random: np.random.Generator) -> np.ndarray:
    """Returns a site with a bulletin each hour, now and then one late or left out, and some stories more by day."""
    stories = (random.random(HOURS) > 0.03).astype(int)
    late = random.random(HOURS) < 0.05
    stories = np.where(late, 0, stories) + np.roll(np.where(late, stories, 0), 1)
    _, local, _ = _hours()
    return stories + random.poisson(0.4 * ((local > 7) & (local < 20)))


def daily(random: np.random.Generator) -> np.ndarray:
    """Returns a site with one edition a day, at about the same hour; half of the holidays are left out, and a day in fifty."""
    return _editions(random, on_sundays=True)


def working_daily(random: np.random.Generator) -> np.ndarray:
    """Returns a daily site that leaves Sundays out, too."""
    return _editions(random, on_sundays=False)


def _editions(random: np.random.Generator, *, on_sundays: bool) -> np.ndarray:
    _, _, weekday = _hours()
    hour = random.integers(4, 20)
    stories = np.zeros(HOURS, dtype=int)
    for day in range(DAYS - 1):
        sunday, holiday = weekday[day * 24] % 7 == 6, day in HOLIDAYS
        if random.random() < 0.02 or (sunday and not on_sundays) or (holiday and random.random() < 0.5):
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


def irregular(a_week: float) -> Callable[[np.random.Generator], np.ndarray]:
    """Returns a maker of sites that publish when they have something, mostly on working days."""

    def make(random: np.random.Generator) -> np.ndarray:
        _, local, _ = _hours()
        rate = a_week / 168 * 2.2 * ((local > 6) & (local < 22)) * _calendar(random, 0.3, 0.5, 0.4)
        return random.poisson(rate * random.gamma(1.5, 1 / 1.5, HOURS))

    return make


KINDS = (
    Kind("wire, 200-400 a day", busy_site((200, 400), 0.3, 0.6, 0.6)),
    Kind("hourly bulletins", bulletins),
    Kind("hourly, 60-120 a day", busy_site((60, 120), 0.35, 0.5, 0.7)),
    Kind("newspaper, 20-60 a day", busy_site((20, 60), 0.05, 0.35, 0.5)),
    Kind("local, 4-10 a day", busy_site((4, 10), 0.0, 0.2, 0.3)),
    Kind("daily edition", daily),
    Kind("daily but Sundays", working_daily),
    Kind("blog, 3 a week", irregular(3)),
    Kind("weekly magazine", weekly),
)


class Outcome(NamedTuple):
    """What became of a site: false alerts in a year, and the delay from its death or break to the alert (None: not found)."""

    false: int
    delay: float | None


def silences(kind: Kind, random: np.random.Generator) -> Outcome:
    """Follows a site for a year in health, and once more from a random time on, from when it is dead."""
    stories = kind.make(random)
    seen_at = _seen(len(stories), random)
    came = np.bincount(seen_at, stories, len(stories) + 1)[: len(stories)] > 0
    watched = seen_at == np.arange(len(stories))
    death = int(random.integers(HOURS // 2, HOURS - LONGEST_DEATH))
    rhythm, is_open, false, delay = silence.new(START), False, 0, None
    for hour in range(HOURS):
        if hour == death:
            delay = _found_dead(rhythm)
        if not watched[hour]:
            rhythm = silence.skip(rhythm, START + hour + 1)
            continue
        rhythm = silence.learn(rhythm, [bool(came[hour])])
        improbable = _is_improbable(rhythm)
        false += improbable and not is_open
        is_open = improbable
    return Outcome(false, delay)


# Shares of a site's stories that its channels list, and channels of which one is judged.
CHANNEL_SHARES = (1.0, 0.2)


def channels(kind: Kind, share: float, random: np.random.Generator) -> Outcome:
    """Follows a channel that lists a share of its site's stories for a year in health, then dies while the site goes on."""
    stories = kind.make(random)
    listed = random.binomial(stories, share) > 0
    death = int(random.integers(HOURS // 2, HOURS - LONGEST_DEATH))
    site, channel, false, is_open, delay = state.new(START), state.new(START), 0, False, None
    for hour in range(HOURS):
        if hour == death:
            delay = _channel_found_dead(site, channel, stories[hour:])
        site, channel = _brought(site, stories[hour] > 0), _brought(channel, bool(listed[hour]))
        stale = _is_stale(channel, site)
        false += stale and not is_open
        is_open = stale
    return Outcome(false, delay)


def _channel_found_dead(site: state.State, channel: state.State, stories: np.ndarray) -> float | None:
    for hours, number in enumerate(stories[:LONGEST_DEATH], start=1):
        site, channel = _brought(site, number > 0), _brought(channel, is_busy=False)
        if _is_stale(channel, site):
            return hours
    return None


def _brought(learned: state.State, is_busy: bool) -> state.State:
    return learned._replace(rhythm=silence.learn(learned.rhythm, [bool(is_busy)]))


def _is_stale(channel: state.State, site: state.State) -> bool:
    answering = Channel("", 0, "listed", EPOCH, EPOCH)
    return bool(not _is_improbable(site.rhythm) and judge_channel(answering, channel, site, [answering], EPOCH))


def _seen(hours: int, random: np.random.Generator) -> np.ndarray:
    """Returns the hour in which the stories of each hour are seen: at once, or after one of three outages of our own."""
    seen_at = np.arange(hours)
    for start in random.integers(500, hours - 500, 3):
        end = start + random.integers(2, 12)
        seen_at[start:end] = end
    return seen_at


def _found_dead(rhythm: silence.Rhythm) -> float | None:
    for hours in range(1, LONGEST_DEATH):
        rhythm = silence.learn(rhythm, [False])
        if _is_improbable(rhythm):
            return hours
    return None


def _is_improbable(rhythm: silence.Rhythm) -> bool:
    state = silence.judge(rhythm)
    return state is not None and state.is_improbable


def field(usual: float, random: np.random.Generator) -> Outcome:
    """Follows a field that a usual share of a year's articles lacks, in runs (a section without bylines), then breaks it."""
    share, false, open_at = shares.Share(), 0, shares.limit(ARTICLES)
    for missing in _runs(ARTICLES, usual, random):
        before, share = share.is_open, shares.learn(share, [missing], open_at)
        false += share.is_open and not before
    for number in range(1, 200):
        share = shares.learn(share, [True], open_at)
        if share.is_open:
            return Outcome(false, number)
    return Outcome(false, None)


def _runs(articles: int, usual: float, random: np.random.Generator) -> Iterable[bool]:
    """Yields whether articles lack a field: as likely as is usual, and half of them as the article before."""
    missing = False
    for fresh, chance in zip(random.random(articles) < 0.5, random.random(articles), strict=True):
        missing = bool(chance < usual) if fresh else missing
        yield missing


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


HEAD = ("", "false a year", "median", "95 %", "worst", "not found")
USUAL_SHARES = (0.0, 0.02, 0.1, 0.3, 0.5)


def _row(name: str, unit: str, outcomes: Sequence[Outcome]) -> Sequence[str]:
    false = sum(outcome.false for outcome in outcomes) / len(outcomes)
    delays = sorted(outcome.delay for outcome in outcomes if outcome.delay is not None)
    missed = str(len(outcomes) - len(delays))
    if not delays:
        return name, f"{false:.2f}", "never", "", "", missed
    marks = (delays[len(delays) // 2], delays[min(len(delays) - 1, int(len(delays) * 0.95))], delays[-1])
    return name, f"{false:.2f}", *(f"{mark:.0f} {unit}" for mark in marks), missed


def _rows(table: str, sites: int, random: np.random.Generator) -> Iterable[Sequence[str]]:
    if table == "fields":
        for usual in USUAL_SHARES:
            yield _row(f"{usual:.0%} usually missing", "articles", [field(usual, random) for _ in range(sites)])
        return
    if table == "channels":
        for kind in KINDS:
            for share in CHANNEL_SHARES:
                name = f"{kind.name.split(',')[0]}, lists {share:.0%}"
                yield _row(name, "h", [channels(kind, share, random) for _ in range(sites)])
        return
    judge, unit = (silences, "h") if table == "silence" else (volumes, "weeks")
    for kind in KINDS:
        yield _row(kind.name, unit, [judge(kind, random) for _ in range(sites)])


def main() -> None:
    """Prints the tables."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--sites", type=int, default=12, help="sites of each kind")
    parser.add_argument("--only", choices=TITLES, help="one table")
    parser.add_argument("--seed", type=int, default=19)
    arguments = parser.parse_args()
    for table in [arguments.only] if arguments.only else TITLES:
        print(TITLES[table])
        for row in (HEAD, *_rows(table, arguments.sites, np.random.default_rng(arguments.seed))):
            print(f"{row[0]:<26}" + "".join(f"{cell:>14}" for cell in row[1:]), flush=True)


if __name__ == "__main__":
    main()
