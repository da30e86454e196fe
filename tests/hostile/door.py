"""A door that takes foreign bytes, as a function of bytes."""

import json
from collections.abc import Callable, Sequence
from typing import NamedTuple, TypeVar

from shared.contracts import Message, decode, encode

Option = TypeVar("Option")


class Door(NamedTuple):
    """A place where foreign bytes come in.

    Attributes:
        take: reads bytes as the system does. Any error that it raises is a fault of ours: what is wrong with the bytes
            ends in a named refusal, which it swallows.
        seeds: good examples.
        words: pieces of its format.
        largest: bytes of an example that are worth trying.
    """

    take: Callable[[bytes], None]
    seeds: tuple[bytes, ...]
    words: tuple[bytes, ...] = ()
    largest: int = 4_000


def with_option(data: bytes, options: Sequence[Option]) -> tuple[Option, bytes]:
    """Returns the option that the first byte chooses, and the bytes after it."""
    return options[(data[0] if data else 0) % len(options)], data[1:]


def travels(message: Message) -> None:
    """A message can be sent as JSON and read back the same."""
    assert decode(json.loads(json.dumps(encode(message)))) == message
