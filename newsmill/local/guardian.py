"""A process that ends the processes of a system when `newsmill run` is killed and cannot do it itself.

It is told the process groups on standard input, a number a line, in the order of their start. The end of input without
the line `done` means that `newsmill run` has died.
"""

import contextlib
import os
import signal
import sys
import time
from collections.abc import Iterable, Sequence

DONE = "done"
# Longer than a service takes to give back what it has (shared/worker).
END_WITHIN = 25.0
LOOK_SECONDS = 0.1


class Guardian:
    """The guardian's process as `newsmill run` holds it, from enter to exit."""

    def __enter__(self) -> "Guardian":
        # Imported here, because the guardian's own process does without it, and takes a third less memory.
        import subprocess  # noqa: PLC0415

        # In a session of its own, so that what kills this process group leaves the guardian.
        self._process = subprocess.Popen(  # noqa: S603 - this module
            [sys.executable, "-m", __name__], stdin=subprocess.PIPE, text=True, start_new_session=True
        )
        return self

    def guard(self, group: int) -> None:
        """Has a process group ended when this process dies."""
        self._write(str(group))

    def __exit__(self, *_: object) -> None:
        self._write(DONE)
        self._process.communicate()

    def _write(self, line: str) -> None:
        assert self._process.stdin is not None
        with contextlib.suppress(BrokenPipeError):
            self._process.stdin.write(f"{line}\n")
            self._process.stdin.flush()


def watch(lines: Iterable[str]) -> None:
    """Reads process groups until the end of input, then ends them: the first, which is Redis, after all that need it."""
    groups: list[int] = []
    for line in lines:
        if line.strip() == DONE:
            return
        groups.append(int(line))
    end_groups(groups[1:])
    end_groups(groups[:1])


def end_groups(groups: Sequence[int]) -> None:
    """Terminates process groups, waits until they are gone, and kills what is left after END_WITHIN seconds."""
    living = _signal(groups, signal.SIGTERM)
    deadline = time.monotonic() + END_WITHIN
    while living and time.monotonic() < deadline:
        time.sleep(LOOK_SECONDS)
        living = _signal(living, 0)
    _signal(living, signal.SIGKILL)


def _signal(groups: Iterable[int], number: int) -> list[int]:
    """Sends a signal (0: none) to process groups and returns those that exist."""
    existing = []
    for group in groups:
        with contextlib.suppress(ProcessLookupError):
            os.killpg(group, number)
            existing.append(group)
    return existing


if __name__ == "__main__":
    watch(sys.stdin)
