"""CPU of processes and of the machine, from /proc. It imports nothing of ours: services fork from who measures them."""

import os
from pathlib import Path

TICKS = os.sysconf("SC_CLK_TCK")


def cpu(pid: int) -> float:
    """CPU seconds of a process so far, its children included.

    Raises:
        FileNotFoundError: there is no such process.
    """
    fields = Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()
    children = [
        int(child) for path in Path(f"/proc/{pid}/task").glob("*/children") for child in path.read_text().split()
    ]
    return sum(map(int, fields[11:15])) / TICKS + sum(map(_cpu_of_child, children))


def _cpu_of_child(pid: int) -> float:
    # One that has ended since it was listed counts with its parent's own time, the next time.
    try:
        return cpu(pid)
    except FileNotFoundError:
        return 0.0


def busy() -> float:
    """CPU seconds of the whole machine so far: what others use shows whether a run is worth anything."""
    user, nice, system, _idle, _waiting, *interrupts = map(
        int, Path("/proc/stat").read_text().split("\n", 1)[0].split()[1:8]
    )
    return (user + nice + system + sum(interrupts)) / TICKS
