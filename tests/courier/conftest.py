"""A receiver of webhooks on loopback that does what it is told."""

from collections import deque
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Event, Thread
from typing import Any, NamedTuple

import pytest
from sqlalchemy import Engine

from shared.database.engine import make_engine


class Request(NamedTuple):
    path: str
    headers: dict[str, str]
    body: bytes


class Receiver(ThreadingHTTPServer):
    """A web server. `behaviours` are what it does with the next requests: a status, `hang`, `drip`, `flood`, `close`; then 204."""

    daemon_threads = True

    def __init__(self, port: int = 0) -> None:
        super().__init__(("127.0.0.1", port), Handler)
        self.requests: list[Request] = []
        self.behaviours: deque[int | str] = deque()
        self.headers: dict[str, str] = {}
        self.released = Event()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_port}/hook?of=newsmill"

    def __enter__(self) -> "Receiver":
        Thread(target=self.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True).start()
        return self

    def __exit__(self, *_: object) -> None:
        self.released.set()
        self.shutdown()
        self.server_close()


class Handler(BaseHTTPRequestHandler):
    server: Receiver

    def do_POST(self) -> None:
        length = int(self.headers["Content-Length"])
        body = self.rfile.read(length)
        if len(body) < length:
            # Whoever sent it was killed meanwhile: a receiver would not take it for a message either.
            self.close_connection = True
            return
        self.server.requests.append(Request(self.path, {k.lower(): v for k, v in self.headers.items()}, body))
        behaviour = self.server.behaviours.popleft() if self.server.behaviours else 204
        if behaviour == "hang":
            self.server.released.wait(60)
        elif behaviour == "drip":
            self._drip()
        elif behaviour == "flood":
            self._flood()
        elif behaviour != "close":
            self._answer(int(behaviour))
        self.close_connection = True

    def _answer(self, status: int) -> None:
        self.send_response(status)
        for name, value in self.server.headers.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(b"as you wish" if status != 204 else b"")

    def _flood(self) -> None:
        self.send_response(200)
        self.end_headers()
        while not self.server.released.is_set():
            try:
                self.wfile.write(bytes(2**20))
            except OSError:
                return

    def _drip(self) -> None:
        while not self.server.released.wait(0.02):
            try:
                self.wfile.write(b"H")
            except OSError:
                return

    def log_message(self, *_: Any) -> None:
        pass


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    with Receiver() as receiver:
        yield receiver


@pytest.fixture
def engine(database_url: str) -> Iterator[Engine]:
    engine = make_engine(database_url)
    yield engine
    engine.dispose()
