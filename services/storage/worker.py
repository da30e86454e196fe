"""The storage worker's process."""

import sys
from functools import cache

from services.storage.settings import StorageSettings
from services.storage.store import Store
from shared.database import make_engine
from shared.errors import SettingsError
from shared.later import Later
from shared.pages import RedisPages
from shared.queues import STORE
from shared.settings import load
from shared.stage import Stage
from shared.worker import connect, dead_letters, limits, make_app, make_courier, register, serve


def main() -> None:
    """Runs until told to stop."""
    try:
        settings = load(StorageSettings)
        app = make_app(settings)

        @cache
        def stage() -> Stage:
            redis = connect(settings)
            later = Later(redis)
            pages = RedisPages(redis, settings.page_ttl)
            store = Store(make_engine(settings.database_address()), redis, later, pages, settings)
            courier = make_courier(app, later)
            return Stage(
                "store", store.one, together=store.together, courier=courier, later=later,
                dead=dead_letters(redis, settings), limits=limits(settings),
            )  # fmt: skip

        register(app, STORE.task, stage)
        # One transaction at a time a process (docs/adr/0002); more storage is more processes.
        serve(app, settings, "storage", queues=[STORE.queue], pool="solo", concurrency=1)
    except SettingsError as error:
        sys.exit(str(error))


if __name__ == "__main__":
    main()
