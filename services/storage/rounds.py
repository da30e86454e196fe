"""Rounds: work that must be done in order only where two pieces of it concern the same thing."""

from collections.abc import Callable, Hashable, Iterable, Iterator
from typing import TypeVar

T = TypeVar("T")


def rounds(items: Iterable[T], keys_of: Callable[[T], Iterable[Hashable]]) -> Iterator[list[T]]:
    """Yields items in order, in rounds in which no two items share a key; usually there is one round."""
    remaining = list(items)
    while remaining:
        round_keys: set[Hashable] = set()
        round_items: list[T] = []
        later_items: list[T] = []
        for item in remaining:
            keys = set(keys_of(item))
            (round_items if round_keys.isdisjoint(keys) else later_items).append(item)
            round_keys |= keys
        yield round_items
        remaining = later_items
