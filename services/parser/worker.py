"""The parser as a process, with children that can be killed, because the pages that they read are foreign."""

import sys
from datetime import timedelta
from functools import cache, partial
from typing import NoReturn

from services.parser.article.body import forest
from services.parser.bounds import bounded, limit_memory
from services.parser.discovery.handler import parse_and_discover
from services.parser.listing.child_sitemaps import SitemapLimits
from services.parser.page import language
from services.parser.rules.rules_folder import load_rules
from services.parser.settings import ParserSettings
from shared.errors import SettingsError
from shared.later import Later
from shared.pages import RedisPages
from shared.queues import PARSE, STORE
from shared.settings import load
from shared.stage import Stage
from shared.worker.app import make_app
from shared.worker.connection import connect
from shared.worker.pressure import idle
from shared.worker.process import serve
from shared.worker.sender import make_sender
from shared.worker.task import limits, register

PAGES_A_CHILD = 2_000


def run() -> NoReturn:
    """Serves the parse queue until SIGTERM.

    Raises:
        SettingsError: a setting or a rule is wrong.
    """
    settings = load(ParserSettings)
    # Loaded before the children fork, so that they share the memory.
    load_rules(settings.rules_folder)
    forest.load("forest")
    language.load()
    app = make_app(settings)
    app.conf.update(
        task_time_limit=settings.parse_time_limit,
        worker_max_tasks_per_child=PAGES_A_CHILD,
        # A child that has grown is replaced before it reaches its limit.
        worker_max_memory_per_child=settings.parse_memory_mb * 1024 * 3 // 4,
    )

    @cache
    def stage() -> Stage:
        # Built in the child on its first task, because a connection must not cross a fork.
        limit_memory(settings.parse_memory_mb)
        redis = connect(settings)
        handle = partial(
            parse_and_discover,
            pages=RedisPages(redis, settings.page_ttl),
            max_bytes=settings.parse_max_bytes,
            child_sitemaps=_sitemap_limits(settings),
        )
        return Stage(
            "parse", bounded(handle, settings.parse_page_seconds), send=make_sender(Later(redis)), redis=redis,
            limits=limits(settings), idle=lambda: idle(redis, PARSE.queue, STORE.queue),
        )  # fmt: skip

    register(app, PARSE.task, stage)
    serve(app, settings, "parser", queues=[PARSE.queue], pool="prefork", concurrency=settings.parse_processes)


def _sitemap_limits(settings: ParserSettings) -> SitemapLimits:
    max_age = timedelta(days=settings.parse_sitemap_days) if settings.parse_sitemap_days else None
    return SitemapLimits(
        settings.parse_child_sitemaps, settings.parse_sitemap_depth, max_age, settings.parse_sitemap_pages
    )


def main() -> NoReturn:
    """The service's entry point; exits with 2 where a setting is wrong."""
    try:
        run()
    except SettingsError as error:
        sys.stderr.write(f"{error}\n")
        sys.exit(2)


if __name__ == "__main__":
    main()
