"""What services need, loaded before they fork: once, and in memory once."""

import gc
import importlib

from shared.settings import environment, set_environment

# Of the libraries those that no module below loads.
LIBRARIES = (
    "celery.apps.worker", "celery.beat", "celery.concurrency.solo", "celery.worker.autoscale", "celery.worker.consumer",
    "fastapi", "kombu.transport.redis", "numpy", "prometheus_client", "prometheus_client.multiprocess",
    "sqlalchemy.dialects.postgresql", "sqlalchemy.dialects.sqlite", "uvicorn.protocols.http.h11_impl",
)  # fmt: skip
# Modules of the services that count nothing, with all that they import: what counts shows at /metrics of its own service only.
# Also what one service alone needs: loading it after the fork would write to most of the memory that is shared.
MODULES = (
    "services.courier.settings", "services.courier.sinks.redis_stream", "services.courier.watches.candidates",
    "services.courier.watches.digests", "services.courier.watches.index", "services.courier.watches.notifications",
    "services.parser.article.extract", "services.parser.article.plain_text", "services.parser.bounds",
    "services.parser.discovery.home_page", "services.parser.discovery.hub", "services.parser.kinds",
    "services.parser.listing.child_sitemaps", "services.parser.listing.feed", "services.parser.listing.front",
    "services.parser.listing.pace", "services.parser.rules.rules_folder", "services.parser.settings",
    "services.reader.access.limits", "services.reader.access.proxy", "services.reader.api.cursors",
    "services.reader.api.feed_formats", "services.reader.api.records", "services.reader.http.connection",
    "services.reader.http.gate", "services.reader.pages.canary", "services.reader.pages.differences",
    "services.reader.pages.documentation", "services.reader.pages.errors", "services.reader.pages.forms",
    "services.reader.pages.pictures", "services.reader.pages.site_changes", "services.reader.pages.structured_data",
    "services.reader.queries.alerts", "services.reader.queries.articles", "services.reader.queries.changes",
    "services.reader.queries.headlines", "services.reader.queries.history", "services.reader.queries.images",
    "services.reader.queries.kept_pages", "services.reader.queries.opml", "services.reader.queries.pipeline",
    "services.reader.queries.read_state", "services.reader.queries.site_page", "services.reader.queries.trends",
    "services.reader.queries.watch_changes", "services.reader.queries.watch_trials", "services.reader.queries.watches",
    "services.scheduler.agenda", "services.scheduler.inspections", "services.scheduler.retries", "services.scheduler.revisits",
    "services.scheduler.settings", "services.scheduler.sources", "services.scheduler.stream", "services.scheduler.subscriptions",
    "services.storage.archive.warc", "services.storage.batch", "services.storage.canary", "services.storage.events",
    "services.storage.health.watch", "services.storage.looks", "services.storage.settings", "services.storage.statistics",
    "services.storage.tables.feed_texts", "services.storage.tables.image_blocks", "services.storage.tables.retries",
    "services.storage.tables.sites", "services.storage.tables.stories", "services.storage.tables.visits",
    "shared.discovery.declarations", "shared.discovery.entries",
    "shared.worker.app", "shared.worker.bell", "shared.worker.beside", "shared.worker.connection", "shared.worker.consumer",
    "shared.worker.garbage", "shared.worker.lifetime", "shared.worker.screening", "shared.worker.waiting",
)  # fmt: skip


def preload() -> None:
    """Loads what services need, before they fork."""
    # numpy's library would start a thread a core, and a process with threads cannot fork safely. None of ours multiplies matrices.
    set_environment(environment() | {"OPENBLAS_NUM_THREADS": "1"})
    for name in (*LIBRARIES, *MODULES):
        importlib.import_module(name)
    from sqlalchemy.orm import configure_mappers  # noqa: PLC0415 - not loaded by other commands

    # Else the first query of each process would.
    configure_mappers()
    # What no garbage collection touches stays in memory that all share.
    gc.collect()
    gc.freeze()


def choose_metrics() -> None:
    """Has this process count as its own environment says: by itself or over several processes, as the parser's do.

    prometheus_client chooses that when it is imported.
    """
    from prometheus_client import values  # noqa: PLC0415 - not loaded by other commands

    values.ValueClass = values.get_value_class()  # type: ignore[no-untyped-call] # of the library
