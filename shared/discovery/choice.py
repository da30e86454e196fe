"""Which channels of a site are polled: those that have something which the better ones have not."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import NamedTuple

from shared.contracts import Role
from shared.discovery.channels import Channel, keys, recent_items

# A feed says most of its items, and a front page says where they stand.
_ORDER = (Role.FEED, Role.SITEMAP, Role.FRONT, Role.SECTION)


class Choice(NamedTuple):
    """A channel, whether it is polled, why in words, and how many items no other channel of the site has."""

    channel: Channel
    is_polled: bool
    why: str
    own_items: int


def choose(channels: Sequence[Channel], now: datetime) -> tuple[Choice, ...]:
    """Returns each channel of a site with the decision, in the order of the channels.

    A channel is polled if among its items of the last week is one that no channel before it in _ORDER has. A front
    page is polled in any case, since it alone shows what an editor puts first. Old items count for nothing: a sitemap
    may list every page that a site ever had.

    Args:
        channels: of one site, the likeliest first.
        now: when they were fetched.
    """
    coverage: set[str] = set()
    choices: dict[int, Choice] = {}
    for number in sorted(range(len(channels)), key=lambda number: _ORDER.index(channels[number].candidate.role)):
        channel = channels[number]
        new_keys = keys(recent_items(channel.items, now)) - coverage
        is_polled, why = _decision(channel, len(new_keys), bool(coverage))
        if is_polled:
            coverage |= new_keys
        choices[number] = Choice(channel, is_polled, why, len(keys(channel.items) - _others(channels, channel)))
    return tuple(choices[number] for number in range(len(channels)))


def _decision(channel: Channel, new: int, has_better: bool) -> tuple[bool, str]:
    if channel.candidate.role is Role.FRONT:
        return True, "shows what stands first"
    beyond = " that better channels have not" if has_better else ""
    return (True, f"{new} items of this week{beyond}") if new else (False, f"nothing of this week{beyond}")


def _others(channels: Iterable[Channel], channel: Channel) -> frozenset[str]:
    return frozenset().union(*(keys(neighbour.items) for neighbour in channels if neighbour is not channel))
