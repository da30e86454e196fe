"""/v1/stream over a real socket: what comes, what comes again, and what a stream costs while nothing comes."""

import json
import socket
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from threading import Thread

import httpx
import pytest
import uvicorn

from services.reader.application import make_application
from services.reader.http.connection import Connection
from services.reader.settings import ReaderSettings
from shared.database.engine import transaction
from shared.database.models import StoredEvent
from shared.queues import STORED

STREAMS = 3
WITHIN_SECONDS = 30


@pytest.fixture
def base(engine, redis) -> Iterator[str]:
    """The address of a running reader that allows three streams."""
    with closing(socket.socket()) as listener:
        listener.bind(("127.0.0.1", 0))
        port = listener.getsockname()[1]
        app = make_application(engine, redis, ReaderSettings(reader_streams=STREAMS), lambda *_, **__: None)
        server = uvicorn.Server(
            uvicorn.Config(app, http=Connection, ws="none", log_config=None, timeout_graceful_shutdown=1)
        )
        thread = Thread(target=server.run, kwargs={"sockets": [listener]})
        thread.start()
        wait_for(lambda: server.started)
        yield f"http://127.0.0.1:{port}"
        server.should_exit = True
        thread.join(WITHIN_SECONDS)


def wait_for(condition):
    deadline = time.monotonic() + WITHIN_SECONDS
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.01)


def store(engine, *names, kind="page.dropped"):
    with transaction(engine) as session:
        session.add_all(StoredEvent(event_id=name, type=kind, subject=name) for name in names)


@contextmanager
def opened(base, headers=None, **query):
    with httpx.stream(
        "GET", f"{base}/v1/stream", params=query, headers=headers or {}, timeout=WITHIN_SECONDS
    ) as answer:
        assert answer.status_code == 200, answer.read()
        lines = answer.iter_lines()
        assert next(lines) == "retry: 2000"
        yield answer, blocks(lines)


def blocks(lines) -> Iterator[dict[str, str]]:
    block: dict[str, str] = {}
    for line in lines:
        if line and not line.startswith(":"):
            name, _, value = line.partition(": ")
            block[name] = value
        elif block:
            yield block
            block = {}


def test_events_come_as_they_are_stored_with_their_places(base, engine, redis):
    store(engine, "old")
    with opened(base) as (answer, events):
        assert answer.headers["content-type"].startswith("text/event-stream")
        wait_for(lambda: redis.pubsub_numsub(STORED)[0][1] == 1)
        store(engine, "a", "b")
        redis.publish(STORED, b"")
        first, second = next(events), next(events)
    assert [json.loads(event["data"])["subject"] for event in (first, second)] == ["a", "b"]
    assert first["event"] == "page.dropped"
    assert json.loads(first["data"])["sequence"] == first["id"]


def test_a_stream_that_was_cut_off_goes_on_behind_its_last_event(base, engine):
    store(engine, "a", "b", "c")
    with opened(base, after=0) as (_, events):
        last = next(events)["id"]
    with opened(base, headers={"Last-Event-ID": last}) as (_, events):
        assert [json.loads(next(events)["data"])["subject"] for _ in range(2)] == ["b", "c"]


def test_without_redis_what_is_stored_comes_all_the_same(base, engine):
    with opened(base) as (_, events):
        store(engine, "a")
        assert json.loads(next(events)["data"])["subject"] == "a"


def test_only_the_types_that_are_asked_for_come(base, engine):
    store(engine, "a")
    store(engine, "b", kind="article.stored")
    with opened(base, after=0, type=["article.stored", "article.updated"]) as (_, events):
        assert json.loads(next(events)["data"])["subject"] == "b"


def test_what_is_kept_no_more_is_said_to_be_missing(base, engine):
    with transaction(engine) as session:
        session.add(StoredEvent(id=7, event_id="a", type="page.dropped", subject="a"))
    with opened(base, after=3) as (_, events):
        gap = next(events)
        assert (gap["event"], json.loads(gap["data"])) == ("log.gap", {"after": 3, "oldest": 7})
        assert json.loads(next(events)["data"])["subject"] == "a"


def test_a_place_beyond_the_log_waits_for_what_comes(base, engine):
    """As after a database was brought back from an older copy."""
    store(engine, "a")
    with opened(base, headers={"Last-Event-ID": "1000"}) as (_, events):
        store(engine, "b")
        assert json.loads(next(events)["data"])["subject"] == "b"


def test_waiting_streams_hold_no_connection_of_the_database_and_one_too_many_is_refused(base, engine, redis):
    with opened(base), opened(base), opened(base):
        wait_for(lambda: redis.pubsub_numsub(STORED)[0][1] == 1)
        # The one that looks for all of them may be at it.
        assert engine.pool.checkedout() <= 1
        refused = httpx.get(f"{base}/v1/stream")
        assert (refused.status_code, refused.headers["retry-after"]) == (503, "30")
        assert httpx.get(f"{base}/v1/articles").status_code == 200
    wait_for(lambda: redis.pubsub_numsub(STORED)[0][1] == 0)
    with opened(base):
        pass


def test_a_stream_in_which_nothing_happens_is_kept_open(base, engine, monkeypatch):
    monkeypatch.setattr("services.reader.api.stream.HEARTBEAT_SECONDS", 0.05)
    with httpx.stream("GET", f"{base}/v1/stream", timeout=WITHIN_SECONDS) as answer:
        lines = (line for line in answer.iter_lines() if line)
        assert [next(lines)[:2] for _ in range(3)] == ["re", ": ", ": "]


def test_a_stream_ends_in_time_so_that_who_may_read_no_more_is_found_out(base, engine, monkeypatch):
    monkeypatch.setattr("services.reader.api.stream.LONGEST_SECONDS", 0.1)
    monkeypatch.setattr("services.reader.api.stream.HEARTBEAT_SECONDS", 0.05)
    store(engine, "a")
    with opened(base, after=0) as (_, events):
        assert [json.loads(event["data"])["subject"] for event in events] == ["a"]


@pytest.mark.parametrize("last", ["-1", "a", str(2**63)])
def test_a_place_that_is_none_is_named(base, last):
    answer = httpx.get(f"{base}/v1/stream", headers={"Last-Event-ID": last})
    assert (answer.status_code, answer.json()["detail"][0]["loc"]) == (422, ["header", "last-event-id"])
