"""SQLite's planner learns of the tables as they grow."""

import shutil
from pathlib import Path

import pytest
from sqlalchemy import Engine, text
from sqlmodel import Session

from services.storage import statistics
from services.storage.statistics import Statistics
from shared.contracts import now_utc
from shared.database.engine import make_engine
from shared.database.models import Article


@pytest.fixture
def engine(sqlite_tables: Path, tmp_path: Path) -> Engine:
    return make_engine(f"sqlite:///{shutil.copy(sqlite_tables, tmp_path)}")


def store(engine: Engine, numbers: range) -> None:
    with Session(engine) as session:
        for number in numbers:
            url, at = f"https://gazette.example/{number}", now_utc()
            session.add(
                Article(id=number, key=f"{number}", url=url, canonical_url=url, trace_id="t", title="Quay", text="Opens.",
                        body_hash="0", fetched_at=at, stored_at=at, updated_at=at)
            )  # fmt: skip
        session.commit()


def counted(engine: Engine) -> int:
    with engine.connect() as connection:
        row = connection.execute(text("SELECT stat FROM sqlite_stat1 WHERE tbl = 'article' LIMIT 1")).scalar_one()
    return int(row.split()[0])


def test_rows_are_counted_once_there_are_enough_and_again_when_there_are_many_more(engine, monkeypatch) -> None:
    monkeypatch.setattr(statistics, "LEAST_ARTICLES", 10)
    step = Statistics(engine).step
    store(engine, range(1, 10))
    assert not step()
    store(engine, range(10, 21))
    assert step()
    assert counted(engine) == 20
    store(engine, range(21, 24))
    assert not step()
    store(engine, range(24, 31))
    assert step()
    assert counted(engine) == 30
    engine.dispose()
