"""The fetcher as a process."""

import functools
import sys
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor

if __name__ == "__main__":
    # Before anything opens a socket: a wait for a server must not hold a thread (docs/adr/0006).
    from gevent import monkey

    monkey.patch_all()
    # structlog loads it where it is installed, to show errors on a terminal; that takes 3 MB.
    sys.modules["rich"] = None  # type: ignore[assignment]

from redis import Redis

from services.fetcher import canary
from services.fetcher.canary import canary_settings, is_canary
from services.fetcher.fetch import Fetcher
from services.fetcher.hubs import Hubs
from services.fetcher.listed_sitemaps import ListedSitemaps
from services.fetcher.politeness.release import Releaser
from services.fetcher.politeness.robots import Robots
from services.fetcher.politeness.turns import Politeness
from services.fetcher.settings import FetcherSettings
from services.fetcher.wire.web import make_web
from shared.contracts import AnyMessage, FetchRequested, Message, SubscriptionRequested
from shared.dead import DeadLetters
from shared.errors import SettingsError
from shared.later import Later
from shared.pages import RedisPages
from shared.queues import FETCH, PARSE
from shared.settings import load
from shared.stage import Stage
from shared.websub import websub_key
from shared.worker.app import make_app
from shared.worker.beside import run_beside
from shared.worker.connection import connect
from shared.worker.pressure import idle
from shared.worker.process import serve
from shared.worker.sender import make_sender
from shared.worker.task import limits, register

# The pages of a list come in one by one; sending each as it comes costs as much as fetching it.
GATHER_SECONDS = 0.2


def make_fetcher(settings: FetcherSettings, redis: "Redis", politeness: Politeness) -> Fetcher:
    """Returns a fetcher with connections of its own.

    Raises:
        SettingsError: the access file or the CA file cannot be read.
    """
    return Fetcher(
        settings,
        web=make_web(settings),
        robots=Robots(settings, redis),
        politeness=politeness,
        pages=RedisPages(redis, settings.page_ttl),
        listed_sitemaps=ListedSitemaps(redis),
    )


def make_stage(settings: FetcherSettings, politeness: Politeness) -> Stage:
    """Returns the stage round the fetcher, which handles the pages of a list side by side."""
    redis = connect(settings)
    fetcher = make_fetcher(settings, redis, politeness)
    for_canary = canary_settings(settings)
    canary_fetcher = make_fetcher(for_canary, redis, Politeness(redis, for_canary))
    hubs = Hubs(settings, make_web(settings), politeness, websub_key(redis))

    def handle(message: AnyMessage) -> Sequence[Message]:
        if isinstance(message, SubscriptionRequested):
            return hubs.ask(message)
        assert isinstance(message, FetchRequested)
        return canary.once(canary_fetcher, message) if is_canary(message, settings) else fetcher.fetch(message)

    return Stage(
        "fetch",
        handle,
        send=make_sender(Later(redis)),
        redis=redis,
        limits=limits(settings),
        executor=ThreadPoolExecutor(settings.fetch_downloads, thread_name_prefix="fetch"),
        gather=GATHER_SECONDS,
        idle=lambda: idle(redis, FETCH.queue, PARSE.queue),
    )


def main() -> None:
    """Runs the fetcher until it is told to stop; exits with 2 if a setting is wrong."""
    try:
        settings = load(FetcherSettings)
        app = make_app(settings)
        politeness = Politeness(connect(settings), settings)
        register(app, FETCH.task, functools.cache(lambda: make_stage(settings, politeness)))
        releasing = _release_turns(settings, politeness)
        serve(
            app, settings, "fetcher", queues=[FETCH.queue], pool="gevent", concurrency=settings.fetch_tasks,
            alive=releasing,
        )  # fmt: skip
    except SettingsError as error:
        sys.stderr.write(f"{error}\n")
        sys.exit(2)


def _release_turns(settings: FetcherSettings, politeness: Politeness) -> Callable[[], bool]:
    """Hands out turns beside the fetching, until the worker shuts down; returns whether it still does."""
    redis = connect(settings)
    later = Later(redis)
    releaser = Releaser(politeness, later, DeadLetters(redis), make_sender(later))
    return run_beside("turns", releaser.run)


if __name__ == "__main__":
    main()
