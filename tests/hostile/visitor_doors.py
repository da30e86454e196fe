"""The doors for visitors of the reader, and for who may write to Redis: requests, triggers, messages of Celery."""

import asyncio
import atexit
import base64
import contextlib
import functools
import json
import re
from contextlib import ExitStack
from datetime import timedelta
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, cast

import kombu
import uvicorn
from celery.worker.request import Request
from fastapi import FastAPI
from kombu.exceptions import ContentDisallowed, DecodeError
from kombu.transport.virtual import Message as KombuMessage
from redis import Redis
from sqlalchemy import Engine
from uvicorn.server import ServerState

from newsmill.local.redis_server import RedisServer
from services.reader.http.connection import Connection
from services.reader.http.heads import HEAD_LIMIT
from services.reader.settings import ReaderSettings
from services.reader.worker import build
from services.scheduler.triggers import TriggerReader
from services.storage.migrate import migrate
from shared.dead import Letter
from shared.queues import FETCH
from shared.settings import Settings
from shared.worker.app import make_app
from shared.worker.envelope import envelope_defect, task_defect
from tests.hostile.door import Door, travels
from tests.hostile.words import MESSAGE_WORDS, REQUEST_WORDS, TRIGGER_WORDS

# A request that is not whole is given up after so long.
SETTLING_SECONDS, ENDING_SECONDS = 0.05, 10.0
SERVER_ERROR = re.compile(rb"HTTP/1\.1 5(?!03)\d\d ")


class CannedTransport(asyncio.Transport):
    """A client that has sent everything and reads everything."""

    def __init__(self) -> None:
        super().__init__({"peername": ("127.0.0.1", 50000), "sockname": ("127.0.0.1", 8080)})
        self.received = b""
        self.closed = False

    def write(self, data: Any) -> None:
        self.received += data

    def close(self) -> None:
        self.closed = True

    abort = close

    def is_closing(self) -> bool:
        return self.closed

    def get_write_buffer_size(self) -> int:
        return 0

    def write_eof(self) -> None:
        """Nothing is sent after what was written."""

    def pause_reading(self) -> None:
        """It has sent everything."""

    def resume_reading(self) -> None:
        """It has sent everything."""


class Reader(contextlib.AbstractContextManager["Reader"]):
    """The reader on a database and a Redis of its own, asked without a socket."""

    def __init__(self, **settings: Any) -> None:
        self._stack = ExitStack()
        self._loop = asyncio.new_event_loop()
        folder = Path(self._stack.enter_context(TemporaryDirectory(prefix="newsmill-door-")))
        redis = self._stack.enter_context(RedisServer(folder, appendonly=False))
        database = f"sqlite:///{folder / 'newsmill.db'}"
        migrate(database)
        app: FastAPI = build(ReaderSettings(redis_url=redis.url, database_url=database, report_limit=10**9, **settings))
        self.engine: Engine = app.state.engine
        atexit.register(self.__exit__)
        self._config = uvicorn.Config(app, http=Connection, ws="none", log_config=None, access_log=False, h11_max_incomplete_event_size=HEAD_LIMIT)  # fmt: skip
        self._config.load()
        self._state = {"admission": app.state.admission, "measures": app.state.measures}

    def __exit__(self, *_: object) -> None:
        self._loop.close()
        self._stack.close()

    def answer(self, data: bytes) -> bytes:
        """Returns everything that a client receives which sends these bytes and waits a moment."""
        return self._loop.run_until_complete(self._answer(data))

    async def _answer(self, data: bytes) -> bytes:
        state, transport = ServerState(), CannedTransport()
        connection = Connection(self._config, state, self._state, self._loop)
        connection.connection_made(transport)
        connection.data_received(data)
        if state.tasks:
            await asyncio.wait(state.tasks, timeout=SETTLING_SECONDS)
        connection.connection_lost(None)
        if state.tasks:
            _, unfinished = await asyncio.wait(state.tasks, timeout=ENDING_SECONDS)
            assert not unfinished
        return transport.received


@functools.cache
def running_reader() -> Reader:
    return Reader()


def take_request(data: bytes) -> None:
    # asyncio gives a connection no empty bytes.
    assert not data or not SERVER_ERROR.search(running_reader().answer(data))


class Letters:
    """Dead letters that are kept nowhere, but could be."""

    def set_aside(self, letter: Letter) -> None:
        assert json.dumps(letter.record())
        assert letter.id


@functools.cache
def trigger_reader() -> TriggerReader:
    unused = cast("Any", None)
    return TriggerReader(
        Redis(), unused, cast("Any", Letters()), unused, unused, name="door", batch=1, full_after=timedelta(days=1)
    )


def take_trigger(data: bytes) -> None:
    """An entry with a field a line: a fetch that travels, or a dead letter."""
    pairs = [line.partition(b"=") for line in data.split(b"\n")]
    read = trigger_reader()._read("1-1", {name: value for name, _, value in pairs})
    if read is not None:
        travels(read[0])


@functools.cache
def celery_app() -> Any:
    app = make_app(Settings())

    @app.task(name=FETCH.task)  # type: ignore[untyped-decorator] # celery has no types
    def handle(_items: list[Any]) -> None:
        """Does nothing."""

    return app


@functools.cache
def memory_channel() -> Any:
    return kombu.Connection("memory://").channel()


def take_message(data: bytes) -> None:
    """A text in a queue: what both screens let pass is a task for kombu and Celery."""
    if envelope_defect(data) is not None:
        return
    message = KombuMessage(json.loads(data), channel=memory_channel())
    try:
        payload = message.payload
    except (ContentDisallowed, DecodeError):
        return
    if task_defect(message.headers, payload, {FETCH.task}) is None:
        request = Request(
            message, app=celery_app(), hostname="door", task=celery_app().tasks[FETCH.task], body=message.body,
            headers=message.headers, decoded=False, utc=True,
        )  # fmt: skip
        assert request.info()
        request.revoked()


REQUEST_HEAD = b"POST /v1/triggers HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: application/json\r\n"
TRIGGER_BODY = b'{"url": "https://example.org/"}'
REQUESTS = (
    REQUEST_HEAD + b"Content-Length: %d\r\n\r\n" % len(TRIGGER_BODY) + TRIGGER_BODY,
    REQUEST_HEAD + b"Transfer-Encoding: chunked\r\n\r\n%x\r\n%b\r\n0\r\n\r\n" % (len(TRIGGER_BODY), TRIGGER_BODY),
    b"GET /v1/articles?limit=2&q=a&since=2026-01-01 HTTP/1.1\r\nHost: 127.0.0.1\r\nAccept: */*\r\n\r\n",
    b"GET /v1/why?url=https://a.example/ HTTP/1.1\r\nHost: localhost\r\n\r\n",
    b"HEAD /articles/1 HTTP/1.0\r\nHost: 127.0.0.1\r\n\r\n",
)
ENVELOPE = {
    "body": base64.b64encode(json.dumps([[[{"type": "FetchRequested", "url": "https://news.example/"}]], {}, {"callbacks": None, "chain": None}]).encode()).decode(),
    "content-encoding": "utf-8", "content-type": "application/json",
    "headers": {"task": FETCH.task, "id": "5f0c6a52", "expires": "2026-01-01T00:00:00+00:00", "timelimit": [None, 7], "retries": 0, "argsrepr": "()"},
    "properties": {"delivery_tag": "0b0a4f5e", "body_encoding": "base64", "priority": 4, "delivery_info": {"exchange": "fetch", "routing_key": "fetch"}},
}  # fmt: skip
ENVELOPE_TEXT = json.dumps(ENVELOPE).encode()

VISITOR_DOORS = {
    "request": Door(take_request, REQUESTS, REQUEST_WORDS),
    "trigger": Door(take_trigger, (b"url=https://news.example/a\nkind=article\npriority=9\nid=a-1",), TRIGGER_WORDS),
    "message": Door(take_message, (ENVELOPE_TEXT,), MESSAGE_WORDS),
}
