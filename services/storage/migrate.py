"""Brings a database to the newest schema: run once before anything else (`python -m services.storage.migrate`)."""

import sys
from pathlib import Path

from alembic import command
from alembic.config import Config

from services.storage.settings import StorageSettings
from shared.database.engine import make_engine
from shared.errors import SettingsError
from shared.settings import load
from shared.worker.telemetry import configure_logging

MIGRATIONS = Path(__file__).parent / "migrations"


def migrate(address: str, revision: str = "head", *, back: bool = False) -> None:
    """Brings the database at a SQLAlchemy URL forward, or `back`, to a revision, in one transaction.

    Raises:
        sqlalchemy.exc.SQLAlchemyError: the database is away or refuses.
    """
    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS))
    engine = make_engine(address)
    try:
        with engine.begin() as connection:
            config.attributes["connection"] = connection
            (command.downgrade if back else command.upgrade)(config, revision)
    finally:
        engine.dispose()


def main() -> int:
    """The one-shot service `migrate`."""
    try:
        settings = load(StorageSettings)
    except SettingsError as error:
        print(error, file=sys.stderr)  # noqa: T201 - before logging is set up
        return 2
    configure_logging(settings.log_level, "migrate")
    migrate(settings.database_address())
    return 0


if __name__ == "__main__":
    sys.exit(main())
