"""What an upsert hands to the driver: every value as it was, whatever its type, and any number of rows."""

from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import pytest
from sqlalchemy import Engine, select
from sqlmodel import col

from services.storage.tables.upsert import SQLITE_VARIABLES, Upsert
from shared.database.engine import make_engine, transaction
from shared.database.models import Page, StoredEvent

NOON = datetime(2026, 3, 1, 12, 30, 15, 123456, tzinfo=UTC)
EVENTS = Upsert(StoredEvent, "event_id", returning=(col(StoredEvent.id), col(StoredEvent.event_id)), sort=False)


@pytest.fixture
def engine(database_url: str) -> Iterator[Engine]:
    engine = make_engine(database_url)
    yield engine
    engine.dispose()


def event(number: int, data: Any) -> dict[str, Any]:
    return {"event_id": f"e{number}", "type": "page.dropped", "subject": f"s{number}", "time": NOON, "data": data}


@pytest.mark.parametrize(
    "data",
    [{"a": [1, None, "x"]}, [], [[1], {"b": {}}], '{1,"2"}\\\'%(x)s?', {"ü": "日本 {}\\\"'%s:name"}, None],
    ids=["object", "empty list", "nested list", "array syntax", "other scripts", "null"],
)
def test_a_value_is_read_as_it_was_written(engine: Engine, data: Any) -> None:
    with transaction(engine) as session:
        EVENTS.write(session, [event(1, data), event(2, {})])
        row = session.scalars(select(StoredEvent).where(col(StoredEvent.event_id) == "e1")).one()
        assert (row.data, row.time, row.subject) == (data, NOON, "s1")


def test_more_rows_than_a_statement_takes_are_written_and_returned(engine: Engine) -> None:
    count = SQLITE_VARIABLES // 5 + 100
    with transaction(engine) as session:
        returned = EVENTS.write(session, (event(number, {}) for number in range(count)))
        assert {row.event_id for row in returned} == {f"e{number}" for number in range(count)}
        assert list(EVENTS.write(session, [event(1, {})])) == []


def test_a_column_that_rows_do_not_name_has_the_value_of_its_model(engine: Engine) -> None:
    row = {"key": "k", "url": "https://news.example/", "trace_id": "t", "first_seen_at": NOON, "triggered_at": NOON}
    with transaction(engine) as session:
        Upsert(Page, "key").write(session, [{**row, "origin": "live", "source_id": None}])
        page = session.scalars(select(Page)).one()
        assert (page.retries, page.source_id, page.triggered_at) == (0, None, NOON)
