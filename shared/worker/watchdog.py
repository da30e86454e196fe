"""Ends a worker that stands still, so that whoever supervises the container starts it again.

    python -m shared.worker.watchdog http://127.0.0.1:9101/healthz services.parser.worker

Docker restarts what ends and leaves what is unhealthy. A worker that consumes nothing ends itself (health.py), but one
whose process is frozen cannot. Any answer counts, a 503 too: while Redis is away a restart would mend nothing.
"""

import json
import os
import signal
import subprocess
import sys
from collections.abc import Callable
from types import FrameType
from urllib.error import HTTPError
from urllib.request import urlopen

CHECK_SECONDS = 5.0
# Checks without an answer in a row, each of 5 s and up to 5 s of waiting: about a minute. They are counted, not
# timed, or a container that was paused with its watchdog would be ended when it goes on.
MOST_SILENT = 8
# More of them before the first answer.
STARTING = 24


def watch(process: "subprocess.Popen[bytes]", health_url: str, check_seconds: float = CHECK_SECONDS) -> int:
    """Waits for a process and returns its exit status, EX_SOFTWARE if it had to be ended because it did not answer."""
    silent = -STARTING
    while silent < MOST_SILENT:
        try:
            status = process.wait(check_seconds)
        except subprocess.TimeoutExpired:
            silent = 0 if answers(health_url, check_seconds) else silent + 1
        else:
            return status if status >= 0 else 128 - status
    sys.stderr.write(json.dumps({"event": "no answer: ended", "level": "critical", "url": health_url}) + "\n")
    process.kill()
    process.wait()
    return os.EX_SOFTWARE


def answers(health_url: str, timeout: float) -> bool:
    """Whether anything answers at a URL within so many seconds."""
    try:
        with urlopen(health_url, timeout=timeout):  # noqa: S310 - our own address
            return True
    except HTTPError as error:
        error.close()
        return True
    except OSError:
        return False


def main() -> int:
    """Runs a module as a process of its own, hands it the signals to stop, and watches it."""
    health_url, module = sys.argv[1:]
    process = subprocess.Popen([sys.executable, "-m", module])  # noqa: S603 - our own module
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, _forward(process))
    return watch(process, health_url)


def _forward(process: "subprocess.Popen[bytes]") -> Callable[[int, FrameType | None], None]:
    return lambda number, _frame: process.send_signal(number)


if __name__ == "__main__":
    sys.exit(main())
