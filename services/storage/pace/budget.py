"""How much a poll must be worth, so that all polls together keep to the budgets."""

from collections.abc import Iterable, Mapping, Sequence
from typing import NamedTuple

from services.storage.pace.polling import worth_for
from shared.pace import Bounds, Limits


class Channel(NamedTuple):
    """A polled channel: its host, its demand for polls (polling.demand) and its bounds."""

    host: str
    demand: float
    bounds: Bounds


class Worths(NamedTuple):
    """What a poll must be worth, in item-seconds: anywhere, and on hosts whose own budget asks for more."""

    anywhere: float
    hosts: Mapping[str, float]

    def of(self, host: str) -> float:
        """Returns what a poll of a host must be worth."""
        return max(self.anywhere, self.hosts.get(host, 0.0))


def fit(channels: Sequence[Channel], limits: Limits) -> Worths:
    """Returns what polls must be worth so that the channels keep to the limits."""
    by_host: dict[str, list[Channel]] = {}
    for channel in channels:
        by_host.setdefault(channel.host, []).append(channel)
    anywhere = max(limits.worth, _worth(channels, limits.polls_a_day))
    hosts = {host: _worth(own, limits.polls_a_day_and_host) for host, own in by_host.items()}
    return Worths(anywhere, {host: worth for host, worth in hosts.items() if worth > anywhere})


def _worth(channels: Iterable[Channel], polls_a_day: float) -> float:
    return worth_for(((channel.demand, channel.bounds) for channel in channels), polls_a_day) if polls_a_day else 0.0
