"""How much of the machine one page may take. Pages are other people's: some are made to be dear.

The CPU time is the kernel's to watch (RLIMIT_CPU), for a parser written in C listens to no one while it works: the
process is killed, and the page is set aside once it has killed three (`shared/stage.py`). Memory that is refused
(RLIMIT_DATA) raises MemoryError where it was asked for, and sets the page aside at once.
"""

import resource
from collections.abc import Callable, Iterable
from typing import TypeVar

from shared.contracts import Message

Taken = TypeVar("Taken")


def bounded(handle: Callable[[Taken], Iterable[Message]], seconds: int) -> Callable[[Taken], tuple[Message, ...]]:
    """The handler, in a process that ends when one message takes more than these seconds of CPU, and at most one more."""

    def run(message: Taken) -> tuple[Message, ...]:
        used = resource.getrusage(resource.RUSAGE_SELF)
        _limit(resource.RLIMIT_CPU, int(used.ru_utime + used.ru_stime) + seconds + 1)
        try:
            return tuple(handle(message))
        finally:
            _limit(resource.RLIMIT_CPU, resource.RLIM_INFINITY)

    return run


def limit_memory(megabytes: int) -> None:
    """Refuses this process more memory of its own than that, from now on."""
    _limit(resource.RLIMIT_DATA, megabytes * 1024 * 1024)


def _limit(which: int, value: int) -> None:
    _, hard = resource.getrlimit(which)
    unlimited = resource.RLIM_INFINITY
    resource.setrlimit(which, (value if hard == unlimited else hard if value == unlimited else min(value, hard), hard))
