"""Rounds: work that must be done in order only where two pieces of it concern the same thing."""

from collections.abc import Callable, Hashable, Iterable, Iterator
from typing import TypeVar

T = TypeVar("T")


def rounds(items: Iterable[T], keys_of: Callable[[T], Iterable[Hashable]]) -> Iterator[list[T]]:
    """Yields items in order, in rounds in which no two items share a key; usually there is one round."""
    remaining = list(items)
    while remaining:
        taken: set[Hashable] = set()
        chosen: list[T] = []
        postponed: list[T] = []
        for item in remaining:
            keys = set(keys_of(item))
            (chosen if taken.isdisjoint(keys) else postponed).append(item)
            taken |= keys
        yield chosen
        remaining = postponed
