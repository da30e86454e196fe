"""The schema that migrations make is the schema that the models declare, on both databases."""

from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlmodel import SQLModel

from services.storage.migrate import migrate
from shared.models import make_engine


def test_migrations_make_what_the_models_declare(database_url: str) -> None:
    migrate(database_url)
    engine = make_engine(database_url)
    with engine.connect() as connection:
        # Text and unbounded VARCHAR are the same thing in both databases.
        context = MigrationContext.configure(connection, opts={"compare_type": False})
        differences = [one for one in compare_metadata(context, SQLModel.metadata) if "search" not in str(one)]
    engine.dispose()
    assert differences == []


def test_migrating_twice_is_migrating_once(database_url: str) -> None:
    migrate(database_url)
    migrate(database_url)
