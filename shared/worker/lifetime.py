"""A process that ends when its parent ends, also when that is killed with SIGKILL and can tell nobody."""

import ctypes
import os
import signal
import sys
import time
from threading import Thread
from typing import Any

from celery import signals

from shared.settings import Settings

# Of prctl(2), Linux: the kernel sends this process a signal when its parent ends.
PR_SET_PDEATHSIG = 1
WATCH_SECONDS = 1.0


def end_children_with(parent: int) -> None:
    """Makes the pool's children, when Celery forks them, end with this process.

    Args:
        parent: the process id of this process.
    """

    def follow(**_: Any) -> None:
        # A pool that forks nothing sends the signal too, in this process.
        if os.getpid() != parent:
            end_with_parent(parent)

    signals.worker_process_init.connect(follow, weak=False)


def follow_launcher(settings: Settings) -> None:
    """Makes a service stop when the process that started it ends, if its settings say so."""
    if settings.end_with_parent:
        end_with_parent(os.getppid(), signal.SIGTERM)


def end_with_parent(parent: int, number: signal.Signals = signal.SIGKILL) -> None:
    """Makes this process end when its parent does: by the kernel on Linux, elsewhere by a thread that looks.

    Args:
        parent: the parent's process id; if it has ended already, this process ends at once.
        number: the signal that ends it.
    """
    if sys.platform == "linux":
        ctypes.CDLL(None, use_errno=True).prctl(PR_SET_PDEATHSIG, number, 0, 0, 0)
    else:
        Thread(target=_watch, args=(parent, number), name="parent", daemon=True).start()
    # It may have ended before the kernel was told.
    if os.getppid() != parent:
        os.kill(os.getpid(), number)


def _watch(parent: int, number: signal.Signals) -> None:
    while os.getppid() == parent:
        time.sleep(WATCH_SECONDS)
    os.kill(os.getpid(), number)
