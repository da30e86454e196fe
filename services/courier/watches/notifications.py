"""Notifications by Apprise: mail, Slack, Telegram and about a hundred other services, each by a URL."""

import signal
from collections.abc import Collection
from functools import cache
from multiprocessing import get_context
from multiprocessing.context import ForkServerContext
from pkgutil import iter_modules
from typing import Any, cast

from apprise import plugins

from services.courier.watches.apprise_process import MEGABYTES, Notification, serve
from services.courier.watches.payloads import in_words
from services.courier.webhooks import Answer
from shared.addresses import Network

# What the processes run, and the main module of the courier: each would load them otherwise.
PRELOADED = ("services.courier.watches.apprise_process", "services.courier.worker")


def notify(url: str, payload: dict[str, Any], networks: Collection[Network], seconds: float) -> Answer:
    """Sends a payload in words once; never raises for what the service or the network does.

    Apprise resolves, connects and reads by itself, without a bound: so it does that in a process that has so many seconds and
    little memory, and reaches public addresses only, unless they are in `networks`.
    """
    notification = Notification(url, *in_words(payload))
    receiving, sending = _context().Pipe(duplex=False)
    process = _context().Process(target=serve, args=(sending, notification, tuple(networks), seconds), daemon=True)
    with receiving:
        process.start()
        sending.close()
        try:
            answer = cast("Answer", receiving.recv())
        except EOFError:
            process.join()
            return Answer("retry", detail=_end(process.exitcode, seconds))
    process.join()
    return answer


@cache
def _context() -> ForkServerContext:
    """Returns what forks processes that have Apprise already, from one that has a single thread."""
    services = (module.name for module in iter_modules(plugins.__path__, f"{plugins.__name__}."))
    context = get_context("forkserver")
    context.set_forkserver_preload([*PRELOADED, *services])
    return context


def _end(code: int | None, seconds: float) -> str:
    if code == -signal.SIGALRM:
        return f"not done within {seconds:g} s"
    return f"its process ended (exit code {code}; {MEGABYTES} MB are allowed)"
