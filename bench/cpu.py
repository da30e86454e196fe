"""CPU of processes and of the machine, from /proc. It imports nothing of ours: services fork from who measures them."""

import os
from pathlib import Path

TICKS = os.sysconf("SC_CLK_TCK")


def cpu(pid: int) -> float:
    """CPU seconds of a process so far, its children included."""
    fields = Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()
    children = [
        int(child) for path in Path(f"/proc/{pid}/task").glob("*/children") for child in path.read_text().split()
    ]
    return sum(map(int, fields[11:15])) / TICKS + sum(map(cpu, children))


def busy() -> float:
    """CPU seconds of the whole machine so far: what others use shows whether a run is worth anything."""
    user, nice, system, _idle, _waiting, *interrupts = map(
        int, Path("/proc/stat").read_text().split("\n", 1)[0].split()[1:8]
    )
    return (user + nice + system + sum(interrupts)) / TICKS
