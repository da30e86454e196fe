"""One clock for all machines: Redis'.

Deadlines of custody, of parked and of unacknowledged messages are compared between machines. If each used its own
clock, a machine whose clock is an hour ahead would take every message that others work on for abandoned, and issue it
again and again.
"""

from time import monotonic, time
from typing import Any, cast

from redis import Redis

# Redis' time minus the monotonic clock of this machine, which nobody sets.
_offset: list[float] = []


def now() -> float:
    """Seconds since the epoch by Redis' clock, as sync() last read it; by this machine's clock before the first sync()."""
    return monotonic() + _offset[0] if _offset else time()


def sync(redis: "Redis") -> None:
    """Reads Redis' clock. To be called now and then, because clocks drift."""
    seconds, micros = cast("Any", redis.time())
    _offset[:] = [int(seconds) + int(micros) / 1e6 - monotonic()]
