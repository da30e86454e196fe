"""The log of events beside several writers: what a reader sees, and in which order."""

import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from threading import Barrier, Thread

import pytest
from sqlalchemy import Engine, delete
from sqlmodel import Session

from services.storage.tables.event_log import Event, write
from shared.database import event_log
from shared.database.engine import make_engine, transaction
from shared.database.models import StoredEvent

WRITERS, TRANSACTIONS, EACH = 4, 40, 3
WITHIN_SECONDS = 120


@pytest.fixture
def engine(database_url: str) -> Iterator[Engine]:
    engine = make_engine(database_url)
    yield engine
    engine.dispose()


def event(subject: str) -> Event:
    return Event("page.dropped", subject, "", {}, datetime.now(UTC))


def in_threads(*works: Callable[[], None]) -> None:
    failed: list[BaseException] = []

    def run(work: Callable[[], None]) -> None:
        try:
            work()
        except Exception as error:  # noqa: BLE001 - it belongs to the thread that waits
            failed.append(error)

    threads = [Thread(target=run, args=(work,)) for work in works]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert not failed


def test_a_reader_beside_four_writers_misses_nothing_and_gets_nothing_twice(database_url: str) -> None:
    expected = {f"{w}-{t}-{e}" for w in range(WRITERS) for t in range(TRANSACTIONS) for e in range(EACH)}
    seen: list[str] = []
    together = Barrier(WRITERS + 1)

    def writer(number: int) -> None:
        engine = make_engine(database_url)
        together.wait()
        for turn in range(TRANSACTIONS):
            events = [event(f"{number}-{turn}-{each}") for each in range(EACH)]
            if turn % 8 == 7:
                # What is rolled back leaves a gap, which is no event that is late.
                with Session(engine) as session:
                    write(session, events)
            with transaction(engine) as session:
                write(session, events)
        engine.dispose()

    def reader() -> None:
        engine, position = make_engine(database_url), 0
        together.wait()
        deadline = time.monotonic() + WITHIN_SECONDS
        while len(seen) < len(expected) and time.monotonic() < deadline:
            with Session(engine) as session:
                events = event_log.read(session, position, 7)
            seen.extend(row.subject for row in events)
            position = events[-1].position if events else position
        engine.dispose()

    in_threads(reader, *(lambda number=number: writer(number) for number in range(WRITERS)))
    assert sorted(seen) == sorted(expected)


def test_a_transaction_that_commits_late_is_not_behind_a_reader_that_was_early(engine: Engine) -> None:
    """What a plain sequence gets wrong: the first takes an id, the second commits a higher one, a reader passes both."""
    with Session(engine) as first:
        write(first, [event("first")])
        second = Thread(target=in_threads, args=(lambda: _commit(engine, "second"),))
        second.start()
        second.join(0.5)
        with Session(engine) as session:
            assert event_log.read(session, 0, 10) == [], "the second waits for the first"
        first.commit()
        second.join()
    with Session(engine) as session:
        assert [row.subject for row in event_log.read(session, 0, 10)] == ["first", "second"]


def _commit(engine: Engine, subject: str) -> None:
    with transaction(engine) as session:
        write(session, [event(subject)])


def test_the_number_of_an_event_that_is_removed_is_never_used_again(engine: Engine) -> None:
    _commit(engine, "first")
    with transaction(engine) as session:
        [first] = event_log.read(session, 0, 10)
        session.execute(delete(StoredEvent))
    _commit(engine, "second")
    with Session(engine) as session:
        [second] = event_log.read(session, 0, 10)
    assert second.position > first.position


def test_events_of_a_transaction_keep_their_order_and_an_event_is_written_once(engine: Engine) -> None:
    subjects = [f"page {number}" for number in range(20)]
    for _ in range(2):
        with transaction(engine) as session:
            write(session, map(event, subjects))
    with Session(engine) as session:
        assert [row.subject for row in event_log.read(session, 0, 100)] == subjects


@pytest.mark.parametrize("from_start", [True, False])
def test_a_consumer_begins_where_it_is_told_and_moves_only_from_where_it_is(engine: Engine, from_start: bool) -> None:
    _commit(engine, "first")
    with transaction(engine) as session:
        event_log.enroll(session, "c", from_start=from_start)
        event_log.enroll(session, "c", from_start=not from_start)
        start = event_log.position(session, "c")
        assert [row.subject for row in event_log.read(session, start, 10)] == (["first"] if from_start else [])
        assert event_log.advance(session, "c", start, start + 5)
        assert not event_log.advance(session, "c", start, start + 9)
        assert event_log.position(session, "c") == start + 5


def test_an_unknown_consumer_is_named(engine: Engine) -> None:
    with Session(engine) as session, pytest.raises(LookupError, match="no consumer 'nobody'"):
        event_log.position(session, "nobody")
