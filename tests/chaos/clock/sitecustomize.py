"""A clock that a test can step: Python imports this first, where PYTHONPATH names its folder.

Adds the seconds in the file CHAOS_CLOCK to time.time(). libfaketime would step the whole C library's clock, but
version 0.9.10 makes Python's sleep fail (EINVAL from clock_nanosleep).
"""

import os
import time
from pathlib import Path

_CLOCK = Path(os.environ["CHAOS_CLOCK"])
_now = time.time
_read = [0.0, 0.0]


def _stepped() -> float:
    """The time now; the file is read once in a tenth of a second."""
    now = _now()
    if now - _read[0] > 0.1:
        _read[:] = now, float(_CLOCK.read_text() or 0)
    return now + _read[1]


time.time = _stepped
