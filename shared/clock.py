"""One clock for all machines: Redis'.

Deadlines of custody, of what is parked and of unacknowledged messages are compared between machines. Were each to ask
its own clock, a machine whose clock is an hour ahead would take every message that others are at for abandoned, and
give it out again and again.
"""

from time import monotonic, time
from typing import Any, cast

from redis import Redis

# Redis' time less ours; ours is the monotonic clock, which nobody steps.
_ahead: list[float] = []


def now() -> float:
    """Seconds since the epoch by Redis' clock as it was last seen; by this machine's until it has been."""
    return monotonic() + _ahead[0] if _ahead else time()


def sync(redis: "Redis") -> None:
    """Sees what time it is for Redis. To be called now and then: clocks drift."""
    seconds, micros = cast("Any", redis.time())
    _ahead[:] = [int(seconds) + int(micros) / 1e6 - monotonic()]
