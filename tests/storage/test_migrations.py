"""The schema that migrations make is the schema that the models declare, on both databases."""

from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import text
from sqlmodel import SQLModel, select

from services.storage.migrate import migrate
from shared.database import make_engine, transaction
from shared.models import Page, Source


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


def test_a_filled_database_goes_back_and_forth(database_url: str) -> None:
    migrate(database_url)
    engine = make_engine(database_url)
    with transaction(engine) as session:
        session.add(Source(key="k", name="News", url="https://news.example/", access={"login": "a"}, failures=3))
        session.add(Page(key="k", url="https://news.example/", trace_id="t", moved_to="https://new.example/"))
    migrate(database_url, "0001", back=True)
    with engine.connect() as connection:
        assert connection.execute(text("SELECT name FROM source")).scalars().all() == ["News"]
    migrate(database_url)
    with transaction(engine) as session:
        [source] = session.scalars(select(Source))
        assert (source.name, source.access, source.failures) == ("News", None, 0)
    engine.dispose()
