"""How a door is fuzzed: hypothesis, for a few hundred examples or for HOSTILE_SECONDS a door."""

import functools
import os
import time
from collections.abc import Callable
from typing import Any

from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from tests.hostile.door import Door

SECONDS = float(os.environ.get("HOSTILE_SECONDS", "0"))
EXAMPLES = 100
# CPU that an example of a few kilobytes may take; what is quadratic shows long before.
CPU_SECONDS = 5.0


def fuzz(**doors: st.SearchStrategy[Any]) -> Callable[[Callable[..., None]], Callable[[], None]]:
    """Runs a test on what the strategies make, again with new examples until HOSTILE_SECONDS are over."""
    # Nothing is shrunk: that would take minutes where an example fails because it takes seconds.
    budget = settings(
        max_examples=EXAMPLES, deadline=None, suppress_health_check=list(HealthCheck),
        phases=(Phase.explicit, Phase.reuse, Phase.generate),
    )  # fmt: skip

    def decorate(test: Callable[..., None]) -> Callable[[], None]:
        @functools.wraps(test)
        def timed(**examples: Any) -> None:
            started = time.process_time()
            test(**examples)
            assert time.process_time() - started < CPU_SECONDS

        round_of_examples = budget(given(**doors)(timed))

        def rounds() -> None:
            deadline = time.monotonic() + SECONDS
            round_of_examples()
            while time.monotonic() < deadline:
                round_of_examples()

        rounds.__name__, rounds.__doc__ = test.__name__, test.__doc__
        return rounds

    return decorate


@st.composite
def mangled(draw: st.DrawFn, door: Door) -> bytes:
    """A good example with pieces cut out, repeated, exchanged for words of its format, or for any bytes at all."""
    data = draw(st.sampled_from(door.seeds))
    words = st.binary(max_size=20) if not door.words else st.sampled_from(door.words) | st.binary(max_size=20)
    for _ in range(draw(st.integers(0, 8))):
        start = draw(st.integers(0, len(data)))
        end = min(len(data), start + draw(st.integers(0, 200)))
        piece = draw(st.one_of(st.just(b""), words, st.just(data[start:end])))
        data = data[:start] + piece * draw(st.sampled_from((1, 1, 1, 2, 50))) + data[end:]
    return data
