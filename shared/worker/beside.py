"""A thread beside a worker: it begins when the worker consumes and stops when the worker shuts down."""

from collections.abc import Callable
from threading import Event, Thread

from celery import signals


def run_beside(name: str, run: Callable[[Event], None]) -> Callable[[], bool]:
    """Runs a function in a thread for as long as the worker of this process runs.

    Args:
        name: the thread's name.
        run: returns soon after the event that it is given has been set.

    Returns:
        Whether the thread runs or has yet to begin, for the worker's health.
    """
    stopped = Event()
    thread = Thread(target=run, args=(stopped,), name=name, daemon=True)
    signals.worker_ready.connect(lambda **_: thread.start(), weak=False)
    signals.worker_shutting_down.connect(lambda **_: stopped.set(), weak=False)
    return lambda: thread.is_alive() or not thread.ident
