"""How long new items wait until they are seen, by the rule that says when channels are polled, at equal requests.

    .venv/bin/python bench/pace.py [--channels 2000] [--seed 1] [--minutes 60] [--only ours,optimum]

Simulates four weeks of an invented world (bench/pace_world.py) and prints a table. Every rule is given as many requests as
fixed intervals of so many minutes need: its one free number is fitted to within a hundredth. Ours is the module
that the storage worker uses, services/storage/pace. The rivals' rules are read from their sources: Miniflux's entry
frequency (internal/model/feed.go, ScheduleNextCheck) and Media Cloud's automatic adjustment (rss-fetcher, fetcher/tasks.py
and fetcher/config.py). The optimum knows every channel's true rate in each hour; the second one knows in addition how its
bursts go on. Publishers' wishes bind all of them. Exits with 1 if a goal of docs/adr/0017 is missed.
"""

import argparse
import heapq
import sys
from bisect import bisect_left, bisect_right
from collections import deque
from collections.abc import Callable, Sequence
from concurrent.futures import ProcessPoolExecutor
from math import exp, log, sqrt
from pathlib import Path
from random import Random
from typing import NamedTuple, Protocol

import numpy as np

sys.path.insert(0, str(Path(__file__).parents[1]))

from bench.pace_world import END, START, WEEKS, Channel, world
from services.storage.pace import arrivals, learning, polling

MINUTE, HOUR, DAY = 60.0, 3600.0, 86_400.0
LEAST, MOST = 60.0, DAY


class Look(NamedTuple):
    """What a poll of a channel shows.

    Attributes:
        number: of the channel.
        channel: that was polled.
        at: when it was made.
        items: when new items came, as far as they say so truly; only the optimum may look at it.
        dates: when they say that they came; None where they say nothing.
        listed: items on the listing.
        failures: failed polls in a row up to this one.
        first: nothing was seen before.
    """

    number: int
    channel: Channel
    at: float
    items: Sequence[float]
    dates: Sequence[float] | None
    listed: int
    failures: int
    first: bool


class Rule(Protocol):
    """A rule for when a channel is polled next."""

    def next(self, look: Look) -> float:
        """Returns the seconds until the next poll of a channel."""
        ...


class Result(NamedTuple):
    """What a rule led to: requests, the delay of each item until the next poll, and how many that poll did not list any more."""

    requests: int
    delays: np.ndarray
    missed: int


def simulate(channels: Sequence[Channel], rule: Rule, seed: int) -> Result:
    """Polls channels by a rule for four weeks."""
    random = Random(seed)
    due = [(START + random.uniform(0, HOUR), number) for number in range(len(channels))]
    heapq.heapify(due)
    items = [channel.items.tolist() for channel in channels]
    starts = [bisect_left(listing, START) for listing in items]
    seen, failures, first = [0] * len(channels), [0] * len(channels), [True] * len(channels)
    requests, missed = 0, 0
    polls: list[list[tuple[float, int]]] = [[] for _ in channels]
    while due[0][0] < END:
        at, number = heapq.heappop(due)
        channel = channels[number]
        requests += 1
        failed = channel.outage[0] <= at < channel.outage[1]
        failures[number] = failures[number] + 1 if failed else 0
        new: list[float] = []
        if not failed and (first[number] or random.random() >= channel.lies):
            newest = bisect_right(items[number], at)
            oldest = max(seen[number], newest - channel.size)
            new = items[number][oldest:newest]
            missed += max(0, oldest - max(seen[number], starts[number]))
            polls[number].append((at, newest))
            seen[number] = newest
        look = Look(number, channel, at, new, _dates(channel, new, at), channel.size, failures[number], first[number])
        first[number] = first[number] and failed
        heapq.heappush(due, (at + max(rule.next(look), channel.least_seconds, LEAST), number))
    delays = [_delays(channel.items, start, made) for channel, start, made in zip(channels, starts, polls, strict=True)]
    return Result(requests, np.concatenate(delays), missed)


def _delays(items: np.ndarray, start: int, polls: Sequence[tuple[float, int]]) -> np.ndarray:
    """Returns how long each item of a channel waited for the poll after it; `polls` are times and items up to then."""
    ends = np.array([max(start, newest) for _, newest in polls] or [start])
    times = np.repeat([at for at, _ in polls] or [START], np.diff(ends, prepend=start))
    delays: np.ndarray = times - items[start : ends[-1]]
    return delays


def _dates(channel: Channel, items: Sequence[float], at: float) -> Sequence[float] | None:
    match channel.dates:
        case "none":
            return None
        case "now":
            return [at] * len(items)
        case "shifted":
            return [item + channel.shift for item in items]
        case _:
            return items


class Fixed:
    """The same interval for every channel; one that fails is polled less often with each failure."""

    def __init__(self, seconds: float) -> None:
        self._seconds = seconds

    def next(self, look: Look) -> float:
        return min(self._seconds * (1 + look.failures), DAY)


class Miniflux:
    """`entry_frequency`: a week divided by the entries of the last week and by a factor, from 5 minutes to a day."""

    def __init__(self, factor: float) -> None:
        self._factor = factor
        self._entries: dict[int, deque[float]] = {}

    def next(self, look: Look) -> float:
        entries = self._entries.setdefault(look.number, deque())
        entries.extend(look.dates if look.dates is not None else [look.at] * len(look.items))
        while entries and entries[0] <= look.at - 7 * DAY:
            entries.popleft()
        interval = 7 * DAY / (len(entries) * self._factor) if entries else DAY
        return min(max(interval, 5 * MINUTE), DAY)


class MediaCloud:
    """An hour (or ten minutes) more when at least 67 % of a listing is old, an hour less when at most 33 % is.

    From 10 minutes to a day, 6 hours at first. All its times are multiplied by one number to meet the requests.
    """

    def __init__(self, scale: float) -> None:
        self._minute = MINUTE * scale
        self._minutes: dict[int, float] = {}
        self._last_new: dict[int, float] = {}

    def next(self, look: Look) -> float:
        minutes = self._minutes.get(look.number, 360.0)
        if look.failures:
            return min(minutes * self._minute * (1 + look.failures), DAY)
        if look.items:
            self._last_new[look.number] = look.at
        if not look.first:
            minutes = self._adjusted(minutes, look)
        self._minutes[look.number] = minutes
        return minutes * self._minute

    def _adjusted(self, minutes: float, look: Look) -> float:
        old_share = 1 - len(look.items) / look.listed
        if old_share >= 0.67:
            active = look.at - self._last_new.get(look.number, START) <= 31 * DAY
            return min(minutes + (10 if active or look.items else 60), 1440.0)
        if old_share < 0.33:
            return max(360.0 if minutes > 360 else minutes - 60, 10.0)
        return minutes


class Ours:
    """What the storage worker does: learns arrivals, and polls when it pays most, within a budget of requests a day."""

    def __init__(self, channels: Sequence[Channel], polls_a_day: float) -> None:
        self._budget = polls_a_day
        self._bounds = [polling.Bounds(max(LEAST, channel.least_seconds), MOST) for channel in channels]
        nothing = arrivals.forecast(arrivals.Arrivals(START))
        self._learned: dict[int, arrivals.Arrivals] = {}
        self._forecasts = [nothing] * len(channels)
        self._demands = [polling.demand(nothing)] * len(channels)
        self._fitted_at = 0.0
        self._worth = 1.0

    def next(self, look: Look) -> float:
        if look.at > self._fitted_at + 6 * HOUR:
            self._fitted_at = look.at
            self._worth = polling.worth_for(zip(self._demands, self._bounds, strict=True), self._budget)
        if not look.failures:
            self._learn(look)
        pause = polling.wait(
            self._forecasts[look.number].after(look.at), self._worth, self._bounds[look.number], look.listed
        )
        return polling.patience(pause, look.failures)

    def _learn(self, look: Look) -> None:
        number = look.number
        dates = look.dates if look.dates is not None else [None] * len(look.items)
        learned = learning.look(self._learned.get(number), self._forecasts[number], look.at, dates)
        self._learned[number] = learned
        self._forecasts[number] = arrivals.forecast(learned)
        self._demands[number] = polling.demand(self._forecasts[number])


class Optimum:
    """Knows the true items an hour in each hour, and with `bursts` how many more the last ones will draw."""

    def __init__(self, worth: float, *, bursts: bool = False) -> None:
        self._worth = worth
        self._bursts = bursts
        self._burst: dict[int, tuple[float, float]] = {}

    def next(self, look: Look) -> float:
        channel = look.channel
        drawn = self._drawn(look) if self._bursts else 0.0
        share = 1 - channel.follow if self._bursts else 1.0
        new, start = 0.0, look.at
        while start < min(look.at + MOST, END):
            end = start + min(150.0 if drawn > 1e-5 else HOUR, HOUR - (start - START) % HOUR + 1e-6)
            age = (start + end) / 2 - look.at
            rate = share * channel.rates[min(int((start - START) / HOUR), len(channel.rates) - 1)] / HOUR
            rate += drawn * exp(-age / channel.burst_seconds)
            needed = min(sqrt(2 * self._worth * rate), polling.MOST_NEW * look.listed)
            if rate > 0 and new + rate * (end - start) >= needed:
                return float(start - look.at + max(0.0, needed - new) / rate)
            new, start = new + rate * (end - start), end
        return MOST

    def _drawn(self, look: Look) -> float:
        """Returns the items a second that the items up to now draw."""
        number, channel = look.number, look.channel
        then, burst = self._burst.get(number, (look.at, 0.0))
        burst *= exp(-(look.at - then) / channel.burst_seconds)
        burst += sum(exp(-(look.at - item) / channel.burst_seconds) for item in look.items if item > START)
        self._burst[number] = look.at, burst
        return burst * channel.follow / channel.burst_seconds


# A rule made of the channels and its one free number, and where the search for that number starts.
RULES: dict[str, tuple[Callable[[Sequence[Channel], float], Rule], float]] = {
    "miniflux": (lambda _, number: Miniflux(number), 1.29),
    "mediacloud": (lambda _, number: MediaCloud(1 / number), 20.8),
    "ours": (Ours, 0.0),
    "optimum": (lambda _, number: Optimum(number**-2), 0.0348),
    "optimum-bursts": (lambda _, number: Optimum(number**-2, bursts=True), 0.0363),
}
NAMES = {
    "fixed": "fixed intervals", "miniflux": "Miniflux, entry frequency", "mediacloud": "Media Cloud, auto-adjust",
    "ours": "Newsmill", "optimum": "optimum: true rates", "optimum-bursts": "optimum: true rates and bursts",
}  # fmt: skip
# How nearly all rules have as many requests as the fixed intervals, and after how many tries it is left at that.
NEARLY, TRIES = 0.01, 5


def run(name: str, count: int, seed: int, requests: int) -> Result:
    """Returns what a rule leads to with so many requests.

    More of the free number is more requests; it is found by the secant method on logarithms.
    """
    channels = world(count, seed)
    make, number = RULES[name]
    number = number or 1.02 * requests / (7 * WEEKS)
    power, tries = 1.0, list[tuple[float, float]]()
    for _ in range(TRIES):
        result = simulate(channels, make(channels, number), seed)
        surplus = log(result.requests / requests)
        print(f"{name}: {number:.4g} gives {exp(surplus):.3f} of the requests", file=sys.stderr, flush=True)
        if abs(surplus) < NEARLY:
            break
        tries.append((log(number), surplus))
        if len(tries) > 1:
            power = (tries[-1][1] - tries[-2][1]) / (tries[-1][0] - tries[-2][0])
        number *= exp(-surplus / power)
    return result


def main() -> None:
    """Prints the table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--channels", type=int, default=2000)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--minutes", type=float, default=60, help="the fixed interval, which sets the requests of all")
    parser.add_argument("--only", default=",".join(RULES), help="rules, separated by commas")
    options = parser.parse_args()
    count, seed = options.channels, options.seed
    fixed = simulate(world(count, seed), Fixed(options.minutes * MINUTE), seed)
    with ProcessPoolExecutor(2) as pool:
        futures = {name: pool.submit(run, name, count, seed, fixed.requests) for name in options.only.split(",")}
        results = {"fixed": fixed} | {name: future.result() for name, future in futures.items()}
    _print(results)
    sys.exit(not _reached(results))


def _reached(results: dict[str, Result]) -> bool:
    """Returns whether our delays are within the goals, as far as the rules that they compare with were run."""
    mean = {name: float(result.delays.mean()) for name, result in results.items()}
    late = {name: float(np.percentile(result.delays, 95)) for name, result in results.items()}
    rivals = [name for name in ("fixed", "miniflux", "mediacloud") if name in mean]
    if "ours" not in mean:
        return True
    return (
        mean["ours"] <= 0.6 * mean["fixed"]
        and mean["ours"] <= 0.7 * min(mean[name] for name in rivals)
        and mean["ours"] <= 1.15 * mean.get("optimum", mean["ours"])
        and late["ours"] <= min(late[name] for name in rivals)
    )


def _print(results: dict[str, Result]) -> None:
    fixed = results["fixed"]
    print(f"{'':32}{'requests a day':>16}{'mean delay':>13}{'95 %':>9}{'missed':>9}{'ratio':>8}")
    for name, result in results.items():
        print(
            f"{NAMES[name]:32}{result.requests / WEEKS / 7:>16,.0f}{result.delays.mean() / 60:>9.1f} min"
            f"{np.percentile(result.delays, 95) / 60:>9.1f}{result.missed:>9,}{result.delays.mean() / fixed.delays.mean():>8.3f}"
        )


if __name__ == "__main__":
    main()
