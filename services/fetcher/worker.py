"""The fetcher as a process."""

import functools
import sys
from concurrent.futures import ThreadPoolExecutor

from celery import Celery

from services.fetcher.fetch import Fetcher
from services.fetcher.guard import Guard
from services.fetcher.politeness import Politeness
from services.fetcher.robots import Robots
from services.fetcher.settings import FetcherSettings
from services.fetcher.web import Web
from shared.errors import SettingsError
from shared.later import Later
from shared.pages import RedisPages
from shared.queues import FETCH
from shared.settings import load
from shared.stage import Stage
from shared.worker import connect, limits, make_app, make_courier, register, serve


def make_fetcher(settings: FetcherSettings) -> Fetcher:
    """A fetcher over its own connections.

    Raises:
        SettingsError: NEWSMILL_REDIS_URL cannot be read.
    """
    redis = connect(settings)
    web = Web(settings, Guard(settings.networks(), settings.ports()))
    return Fetcher(
        settings,
        web=web,
        robots=Robots(settings, redis, web),
        politeness=Politeness(redis, settings.host_interval),
        pages=RedisPages(redis, settings.page_ttl),
    )


def make_stage(app: Celery, settings: FetcherSettings) -> Stage:
    """The stage round the fetcher, its pages side by side."""
    later = Later(connect(settings))
    return Stage(
        "fetch",
        make_fetcher(settings).fetch,
        courier=make_courier(app, later),
        later=later,
        limits=limits(settings),
        executor=ThreadPoolExecutor(settings.fetch_threads, thread_name_prefix="fetch"),
    )


def main() -> None:
    """Runs the fetcher until it is told to stop; exits with 2 if a setting is wrong."""
    try:
        settings = load(FetcherSettings)
        app = make_app(settings)
        register(app, FETCH.task, functools.cache(lambda: make_stage(app, settings)))
        serve(app, settings, "fetcher", queues=[FETCH.queue], pool="threads", concurrency=settings.fetch_tasks)
    except SettingsError as error:
        sys.stderr.write(f"{error}\n")
        sys.exit(2)


if __name__ == "__main__":
    main()
