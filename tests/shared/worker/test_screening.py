"""No message that lies in a queue stops a worker: what cannot be read is a dead letter, and the next one is handled."""

import base64
import json
from collections.abc import Collection
from typing import Any

import pytest
from celery import Celery
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from redis import Redis

from shared.contracts import FetchRequested
from shared.dead import DeadLetters
from shared.later import Later
from shared.queues import FETCH, queue_keys
from shared.settings import Settings
from shared.worker.app import make_app
from shared.worker.envelope import envelope_defect, task_defect
from shared.worker.sender import make_sender
from tests.shared.worker.conftest import Worker, eventually

GOOD_URL = "https://news.example/good"
ITEM = {"type": "FetchRequested", "url": GOOD_URL}
BODY = [[[ITEM]], {}, {"callbacks": None, "errbacks": None, "chain": None, "chord": None}]
HEADERS = {"task": FETCH.task, "id": "5f0c6a52-3c52-4ab9-9d5c-1f6f3f6f2f3e"}


def envelope(body: Any = BODY, headers: Any = None, **fields: Any) -> dict[str, Any]:
    """A message as kombu puts it on a queue; headers and fields are added to it or replace what it has."""
    text = body if isinstance(body, str) else base64.b64encode(json.dumps(body).encode()).decode()
    properties = {
        "delivery_tag": "0b0a4f5e-8b3a-4c39-a0c5-5a3f8d3f4a10", "body_encoding": "base64", "priority": 4,
        "delivery_info": {"exchange": "fetch", "routing_key": "fetch"}, "delivery_mode": 2,
    }  # fmt: skip
    message = {
        "body": text, "content-encoding": "utf-8", "content-type": "application/json",
        "headers": HEADERS | (headers or {}) if headers is None or isinstance(headers, dict) else headers,
        "properties": properties | fields.pop("properties", {}),
    }  # fmt: skip
    return message | fields


def without(field: str) -> dict[str, Any]:
    message = envelope()
    del message[field]
    return message


ENVELOPES = {
    "no JSON": "%PDF-1.7", "empty": "", "null": "null", "a number": "1", "a list": "[1, 2, 3]", "an object": "{}",
    "a text": '"text"', "no UTF-8": b"\xff\xfe\x00", "NaN": "NaN", "nested deeply": "[" * 200_000, "half": '{"body": "',
    "no properties": without("properties"), "no body": without("body"), "no headers": without("headers"),
    "no content type": without("content-type"), "properties is a list": envelope() | {"properties": []},
    "body is null": envelope() | {"body": None}, "body is a number": envelope() | {"body": 7},
    "body is no base64": envelope("a"), "body has half a surrogate pair": envelope("\ud800", properties={"body_encoding": None}),
    "headers is a list": envelope(headers=[]), "headers is a text": envelope(headers="task"),
    "headers is null": envelope() | {"headers": None},
    "delivery tag is a list": envelope(properties={"delivery_tag": []}),
    "delivery tag is null": envelope(properties={"delivery_tag": None}),
    "delivery info is null": envelope(properties={"delivery_info": None}),
    "routing key is a number": envelope(properties={"delivery_info": {"exchange": "fetch", "routing_key": 1}}),
    "priority is a text": envelope(properties={"priority": "high"}),
    "unknown body encoding": envelope(properties={"body_encoding": "rot13"}),
    "pickle": envelope() | {"content-type": "application/x-python-serialize"},
    "yaml": envelope() | {"content-type": "application/x-yaml"},
    "content type is a list": envelope() | {"content-type": []},
    "unknown charset": envelope() | {"content-encoding": "klingon"},
    "compressed by an unknown method": envelope(headers={"compression": "application/x-none"}),
    "compressed, it says": envelope(headers={"compression": "application/x-gzip"}),
}  # fmt: skip
TASKS: dict[str, dict[str, Any]] = {
    **{f"eta is {eta!r}": envelope(headers={"eta": eta}) for eta in ([], {}, 1, "soon", "2999-01-01T00:00:00", True)},
    **{f"expires is {value!r}": envelope(headers={"expires": value}) for value in ([], {}, 1e300, "later", "2026", True)},
    **{f"timelimit is {value!r}": envelope(headers={"timelimit": value}) for value in ("text", [1], ["a", "b"], 7, {}, [-1, -1])},
    **{f"retries is {value!r}": envelope(headers={"retries": value}) for value in ("many", [], -1, 1e300)},
    **{f"task is {value!r}": envelope(headers={"task": value}) for value in ([], {}, None, 1, "celery.map", "newsmill.store", "")},
    **{f"id is {value!r}": envelope(headers={"id": value}) for value in ([], {}, None, 1, "")},
    **{f"{name} is {value!r}": envelope(headers={name: value})
       for name in ("shadow", "root_id", "parent_id", "group", "argsrepr", "ignore_result", "stamped_headers", "stamps")
       for value in ([1], 1.5)},
    **{f"body is {json.dumps(body)}": envelope(body)
       for body in ([], None, {}, 1, "null"[:0] or True, [[]], [[], {}], [[], {}, {}], [None, None, None], [[[ITEM]], [], {}],
                    [[[ITEM]], {"items": []}, {}], [[ITEM], {}, {}], [[[ITEM], 1], {}, {}], ["text", {}, {}], [[[ITEM]], {}, 1])},
    "body starts a chain": envelope([[[ITEM]], {}, {"chain": [{"task": FETCH.task}]}]),
    "body has a callback": envelope([[[ITEM]], {}, {"callbacks": [{"task": 1}]}]),
    "body has a chord": envelope([[[ITEM]], {}, {"chord": {"task": FETCH.task}}]),
    "body is no JSON": envelope(base64.b64encode(b"{").decode()),
    "body is nested deeply": envelope(base64.b64encode(b"[" * 200_000).decode()),
    "body has a type of kombu's that it is not": envelope([[{"__type__": "datetime", "__value__": []}], {}, {}]),
    "protocol 1": envelope({"task": FETCH.task, "id": "1", "args": 7, "kwargs": []}, headers={"task": None}),
}  # fmt: skip


def packed(message: Any) -> bytes:
    return (
        message
        if isinstance(message, bytes)
        else (message if isinstance(message, str) else json.dumps(message)).encode()
    )


def defect(raw: bytes, tasks: Collection[str] = (FETCH.task,)) -> str | None:
    """What both screens say."""
    if (reason := envelope_defect(raw)) is not None:
        return reason
    message = json.loads(raw)
    try:
        body = message["body"]
        text = base64.b64decode(body) if message["properties"].get("body_encoding") else body
        payload = json.loads(text)
    except (ValueError, RecursionError):
        return "no payload"
    return task_defect(message["headers"], payload, tasks)


def test_what_our_own_sender_and_the_smallest_envelope_make_is_taken() -> None:
    assert defect(packed(envelope())) is None
    smallest = envelope(json.dumps([[[ITEM]], {}, None]), properties={"body_encoding": None})
    assert defect(packed(smallest)) is None


def test_what_celery_itself_makes_of_a_task_is_taken() -> None:
    message = Celery().amqp.as_task_v2("5f0c6a52", FETCH.task, args=([ITEM],))
    headers, body = json.loads(json.dumps([message.headers, message.body]))
    assert headers["timelimit"] == [None, None]
    assert task_defect(headers, body, {FETCH.task}) is None


def test_what_is_sent_to_a_real_queue_is_taken(redis: "Redis", redis_url: str) -> None:
    app = make_app(Settings(redis_url=redis_url))
    make_sender(Later(redis))([FetchRequested(url=GOOD_URL)])
    app.send_task("newsmill.tick", queue="schedule", expires=5.0)
    app.send_task(FETCH.task, args=[[ITEM] * 100], queue="fetch", time_limit=7)
    rows = [raw for queue in ("fetch", "schedule") for key in queue_keys(queue) for raw in redis.lrange(key, 0, -1)]
    assert len(rows) == 3
    assert [defect(raw, {FETCH.task, "newsmill.tick"}) for raw in rows] == [None] * 3


@pytest.mark.parametrize("name", ENVELOPES)
def test_an_envelope_that_kombu_cannot_read_is_refused_with_its_reason(name: str) -> None:
    assert envelope_defect(packed(ENVELOPES[name]))


@pytest.mark.parametrize("name", TASKS)
def test_a_task_that_celery_cannot_run_is_refused_with_its_reason(name: str) -> None:
    assert defect(packed(TASKS[name]))


@pytest.mark.process
@pytest.mark.hostile
@pytest.mark.parametrize("worker", ["solo", "prefork", "gevent"], indirect=True)
def test_a_worker_goes_on_behind_every_malformed_message(redis: "Redis", worker: Worker) -> None:
    malformed = {packed(message) for message in (*ENVELOPES.values(), *TASKS.values())}
    redis.lpush("fetch", *malformed)
    redis.lpush("fetch", packed(envelope()))
    eventually(lambda: redis.lrange("handled", 0, -1) == [GOOD_URL.encode()], worker.log)
    assert worker.process.poll() is None
    assert worker.log.read_text().count('"started"') == 1, "the worker was never started again"
    eventually(lambda: not redis.zcard("unacked_index"), worker.log)
    letters = list(DeadLetters(redis).every())
    assert {(letter.stage, letter.last.cause) for letter in letters} == {("fetch", "malformed")}
    assert len(letters) >= len({message[:10_000] for message in malformed}) - 1


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=6,
)
FIELDS = st.sampled_from(
    [("body",), ("headers",), ("properties",), ("content-type",), ("content-encoding",),
     *(("properties", name) for name in ("delivery_tag", "delivery_info", "body_encoding", "priority", "reply_to", "correlation_id")),
     *(("headers", name) for name in ("task", "id", "eta", "expires", "timelimit", "retries", "group", "shadow", "root_id", "lang",
                                      "parent_id", "origin", "argsrepr", "kwargsrepr", "stamps", "stamped_headers", "replaced_task_nesting",
                                      "ignore_result", "compression", "redelivered", "enqueued_at", "chord", "utc", "args"))]
)  # fmt: skip


@st.composite
def mutations(draw: st.DrawFn) -> bytes:
    """A good message of which a few fields hold anything."""
    message = envelope()
    for path in draw(st.lists(FIELDS, min_size=1, max_size=3)):
        target = message
        for name in path[:-1]:
            target = target[name] if isinstance(target, dict) else {}
        if isinstance(target, dict):
            target[path[-1]] = draw(JSON)
    return json.dumps(message).encode()


@pytest.mark.process
@pytest.mark.hostile
@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(batch=st.lists(mutations() | st.binary(max_size=60), min_size=20, max_size=20))
def test_a_worker_goes_on_behind_whatever_is_generated(redis: "Redis", worker: Worker, batch: list[bytes]) -> None:
    redis.lpush("fetch", *batch)
    before = redis.llen("handled")
    redis.lpush("fetch", packed(envelope()))
    eventually(lambda: redis.llen("handled") > before and not redis.llen("fetch"), worker.log)
    assert worker.process.poll() is None
