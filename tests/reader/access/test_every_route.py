"""What holds for every route, by the application's own list of them: a new route is tested without being named."""

import asyncio
import socket
from collections.abc import Callable, Iterator
from contextlib import ExitStack, suppress
from datetime import date, datetime
from threading import Thread
from time import monotonic, sleep
from typing import Any, cast, get_origin

import pytest
import uvicorn
from sqlalchemy import JSON, Column
from sqlmodel import SQLModel

from services.reader.access.needs import READING_METHODS
from services.reader.api import stream
from services.reader.http import connection, lingering, routes
from services.reader.http.connection import Connection
from shared.contracts import now_utc
from shared.dead import COUNTS, DEAD, LETTERS
from shared.later import CUSTODY, CUSTODY_URLS, MESSAGES, PARKED, TURNS
from shared.queues import SOURCES_ERROR, TRIGGERS
from shared.worker.pressure import PAUSED, WORKERS
from tests.reader.access.conftest import sign_in
from tests.reader.access.test_gate import filled
from tests.reader.access.test_gate import routes as routes_of
from tests.reader.conftest import article
from tests.reader.markup import XSS, check_harmless

pytestmark = [pytest.mark.hostile, pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)]

# What a browser says of a request that another site's page has it send, or of a name that is pointed at this machine.
FOREIGN = {
    "another origin": {"Origin": "http://evil.example"},
    "no origin to name": {"Origin": "null"},
    "an empty origin": {"Origin": ""},
    "a longer name": {"Origin": "http://news.example.evil.example"},
    "a name before ours": {"Origin": "http://evil.example@news.example"},
    "two origins": {"Origin": "http://news.example http://evil.example"},
    "another site": {"Sec-Fetch-Site": "cross-site"},
    "a sibling": {"Sec-Fetch-Site": "same-site"},
    "an unknown relation": {"Sec-Fetch-Site": "sideways"},
    "an odd host": {"Host": "a`b.evil.example"},
    "another host": {"Host": "evil.example"},
    "an empty host": {"Host": ""},
    "a host with a path": {"Host": "evil.example/127.0.0.1"},
    "a host with a user": {"Host": "news.example@evil.example"},
    "a decimal host": {"Host": "2130706433"},
}


def eventually(condition: Callable[[], object]) -> None:
    deadline = monotonic() + 60
    while not condition():
        assert monotonic() < deadline
        sleep(0.05)


def changes(app: Any) -> list[tuple[str, str]]:
    return [(method, filled(path)) for method, path, _ in routes_of(app) if method not in READING_METHODS]


def readings(app: Any) -> list[str]:
    return sorted({filled(path) for method, path, _ in routes_of(app) if method == "GET"})


@pytest.mark.parametrize("headers", FOREIGN.values(), ids=FOREIGN)
def test_no_route_changes_anything_for_another_site(wide, headers) -> None:
    client = wide()
    assert sign_in(client, "admin").status_code == 303
    answers = {
        f"{method} {path}": client.request(
            method, path, headers={"Origin": "http://news.example"} | headers, data={"a": "b"}
        ).status_code
        for method, path in changes(client.app)
    }
    assert len(answers) > 30
    assert {name: status for name, status in answers.items() if status not in {400, 403}} == {}


def test_no_route_changes_anything_without_the_token_of_its_form(wide) -> None:
    client = wide()
    sign_in(client, "admin")
    answers = {
        f"{method} {path}": [
            client.request(method, path, data=fields, headers={"Origin": "http://news.example"}).status_code
            for fields in ({}, {"csrf": ""}, {"csrf": "1.a"}, {"csrf": "0" * 200})
        ]
        for method, path in changes(client.app)
        if not path.startswith("/websub/")
    }
    assert {name: statuses for name, statuses in answers.items() if statuses != [403] * 4} == {}


@pytest.mark.parametrize(
    "content_type", ["text/plain", "application/x-www-form-urlencoded", "multipart/form-data; boundary=a", ""]
)
def test_on_loopback_no_body_that_a_form_can_send_changes_anything_by_the_api(client, content_type) -> None:
    bodies = (
        b'{"url": "https://example.org/", "key": "1", "image": "https://img.example/1.png", "reason": "wrong"}',
        b"[]",
        b"",
    )
    answers = {
        (method, path, body): client.request(
            method, path, content=body, headers={"Content-Type": content_type}
        ).status_code
        for method, path in changes(client.app)
        if path.startswith("/v1/") and method == "POST"
        for body in bodies
    }
    taken = {(path, status) for (_, path, _), status in answers.items() if status < 400}
    assert taken == set()


class Narrow(Connection):
    """A connection whose answers soon wait for their client."""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        cast("asyncio.Transport", transport).set_write_buffer_limits(1024)
        super().connection_made(transport)


@pytest.fixture
def server(client, monkeypatch) -> Iterator[uvicorn.Server]:
    """A running reader whose patience is short, and whose socket takes little that is not read."""
    monkeypatch.setattr(connection, "WRITE_SECONDS", 0.5)
    monkeypatch.setattr(lingering, "LINGER_SECONDS", 0.5)
    monkeypatch.setattr(routes, "BODY_SECONDS", 0.5)
    monkeypatch.setattr(stream, "HEARTBEAT_SECONDS", 0.001)
    settings = {"http": Narrow, "ws": "none", "log_config": None, "access_log": False, "proxy_headers": False}
    server = uvicorn.Server(uvicorn.Config(client.app, port=0, timeout_graceful_shutdown=1, **settings))
    listener = socket.create_server(("127.0.0.1", 0))
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, 2048)
    thread = Thread(target=server.run, kwargs={"sockets": [listener]})
    thread.start()
    eventually(lambda: server.started)
    yield server
    server.should_exit = True
    thread.join()
    listener.close()


def port_of(server: uvicorn.Server) -> int:
    return server.servers[0].sockets[0].getsockname()[1]


async def answer(port: int, head: str, drip: bytes) -> bytes:
    """The beginning of the answer to a request that goes on by a byte every twentieth of a second; empty if there is none."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    writer.write(head.encode())
    reading = asyncio.ensure_future(reader.read(2**16))
    try:
        while not reading.done():
            writer.write(drip)
            await asyncio.wait([reading], timeout=0.05)
        with suppress(ConnectionError):
            return reading.result()
        return b""
    finally:
        writer.transport.abort()


def test_a_body_that_drips_is_answered_by_every_route_and_the_answer_arrives(client, server) -> None:
    fields = "Host: 127.0.0.1\r\nContent-Type: application/json\r\nContent-Length: 4000\r\n\r\n"
    requests = [f"{method} {path} HTTP/1.1\r\n" for method, path in changes(client.app)]

    async def answers() -> list[bytes]:
        async with asyncio.timeout(60):
            return await asyncio.gather(*(answer(port_of(server), request + fields, b"1") for request in requests))

    statuses = {request: data[9:12] for request, data in zip(requests, asyncio.run(answers()), strict=True)}
    assert {request: status for request, status in statuses.items() if status[:1] != b"4"} == {}


@pytest.mark.parametrize("end", ["close", "keep-alive"])
def test_who_reads_no_answer_of_any_route_keeps_no_connection(client, add, server, end) -> None:
    for number in range(100):
        add(article(number, text="A paragraph of invented news.\n" * 100))
    paths = readings(client.app)
    with ExitStack() as stack:
        for path in paths:
            silent = stack.enter_context(socket.socket())
            silent.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 1024)
            silent.connect(("127.0.0.1", port_of(server)))
            silent.sendall(f"GET {path} HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: {end}\r\n\r\n".encode())
        eventually(lambda: server.server_state.total_requests > len(paths) // 2)
        eventually(lambda: not server.server_state.connections)


MODELS = [model for model in SQLModel.__subclasses__() if hasattr(model, "__table__")]


def hostile_value(column: Column[Any], annotation: Any, attack: str) -> Any:
    """A value of a column of a row that a hostile site could have filled."""
    if isinstance(column.type, JSON):
        # It has a shape of its own: tests of pages fill it.
        return [] if get_origin(annotation) is list else {}
    values = {bool: True, int: 1, float: 1.0, datetime: now_utc(), date: now_utc().date(), bytes: attack.encode()}
    kind = getattr(column.type, "impl_instance", column.type).python_type
    return values.get(kind, attack[: getattr(column.type, "length", None)])


def hostile_row(model: Any, attack: str) -> dict[str, Any]:
    fields = model.model_fields
    return {
        column.name: hostile_value(column, fields[column.name].annotation, attack) for column in model.__table__.columns
    }


# Short fields hold the beginning only.
@pytest.mark.parametrize("attack", [" ".join(XSS), " ".join(XSS[1:])], ids=["element", "attribute"])
def test_no_text_of_any_table_is_obeyed_by_any_page(client, engine, attack) -> None:
    with engine.begin() as connection:
        connection.exec_driver_sql("PRAGMA foreign_keys=OFF")
        for model in MODELS:
            connection.execute(model.__table__.insert().values(hostile_row(model, attack)))
    answers = {path: client.get(path) for path in readings(client.app) if not path.startswith("/v1/")}
    pages = {
        path: answer.text for path, answer in answers.items() if "text/html" in answer.headers.get("Content-Type", "")
    }
    assert len(pages) > 15
    # The first two have no word of others; the third has a script more.
    for page in [page for path, page in pages.items() if path not in {"/canary", "/docs", "/sites/add"}]:
        check_harmless(page)


# What somebody else could write where we keep JSON, numbers and texts.
VALUES = {
    "nothing": b"", "no UTF-8": b"\xff", "an object": b"{}", "a list": b"[]", "null": b"null", "a number": b"1", "a text": b'"a"',
    "a letter without a failure": b'{"stage": 1, "trace_id": [], "attempts": 1, "payload": 1, "history": []}',
    "a page that is none": b'{"url": null, "page": 1}', "a depth without end": b'{"a":' + b"[" * 5000,
}  # fmt: skip


@pytest.mark.parametrize("value", VALUES.values(), ids=VALUES)
def test_no_value_in_redis_is_an_error_of_any_route(client, redis, monkeypatch, value) -> None:
    monkeypatch.setattr(stream, "LONGEST_SECONDS", 0.05)
    monkeypatch.setattr(stream, "HEARTBEAT_SECONDS", 0.05)
    moment = now_utc().timestamp()
    with redis.pipeline() as pipe:
        for key in (DEAD, CUSTODY, CUSTODY_URLS, PARKED, TURNS, f"{TURNS}:a.example", "unacked_index"):
            pipe.zadd(key, {"1": moment, value: 1})
        for key in (
            LETTERS,
            COUNTS,
            MESSAGES,
            PAUSED,
            WORKERS,
            "unacked",
            "newsmill:look:1",
            "newsmill:host:a.example",
        ):
            pipe.hset(
                key,
                mapping={
                    "1": value,
                    "fetch": value,
                    "fetch\x1fcrashed": value,
                    "wish": value,
                    "last": value,
                    value: value,
                },
            )
        for minute in range(10):
            pipe.hset(
                f"newsmill:outcomes:fetch:{int(moment // 60) - minute}", mapping={"handled": value, "dead": value}
            )
        for key in ("newsmill:brake:fetch", SOURCES_ERROR, "newsmill:reader-salt", "newsmill:websub-key"):
            pipe.set(key, value)
        pipe.lpush("fetch", value)
        pipe.xadd(TRIGGERS, {"url": value, "id": value})
        pipe.execute()
    answers = {path: client.get(path).status_code for path in readings(client.app)}
    assert {path: status for path, status in answers.items() if status >= 500} == {}
