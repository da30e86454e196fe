"""A publisher with a hub on real sockets, and the services that take part: scheduler, fetcher, reader, parser and storage."""

import hmac
import socket
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing
from http.client import HTTPConnection
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import Any
from urllib.parse import parse_qsl, urlencode, urlsplit

import pytest
import uvicorn
from redis import Redis
from sqlalchemy import select
from sqlmodel import Session, SQLModel

from services.fetcher.fetch import Fetcher
from services.fetcher.hubs import Hubs
from services.fetcher.listed_sitemaps import ListedSitemaps
from services.fetcher.politeness.robots import Robots
from services.fetcher.politeness.turns import Politeness
from services.fetcher.settings import FetcherSettings
from services.fetcher.wire.guard import Guard
from services.fetcher.wire.resolver import Resolver
from services.fetcher.wire.web import Web
from services.parser.discovery.handler import parse_and_discover
from services.reader.application import make_application
from services.reader.settings import ReaderSettings
from services.scheduler import subscriptions
from services.storage.settings import StorageSettings
from services.storage.store import Store
from shared.contracts import (
    Kind,
    Message,
    PageFetched,
    SourceDeclared,
    SubscriptionAnswered,
    SubscriptionRequested,
    now_utc,
)
from shared.database.engine import make_engine
from shared.later import Later
from shared.pages import RedisPages
from shared.websub import websub_key

FEED = "https://news.example/feed"


class Hub:
    """A hub: path -> what it does with a request. It remembers requests and what callbacks answered."""

    def __init__(self) -> None:
        self.requests: list[tuple[str, dict[str, str]]] = []
        self.answers: dict[str, Callable[[BaseHTTPRequestHandler], None]] = {}
        hub = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                form = dict(parse_qsl(self.rfile.read(int(self.headers["Content-Length"])).decode()))
                hub.requests.append((self.path, form))
                if answer := hub.answers.get(self.path):
                    answer(self)
                else:
                    status(202)(self)

            def do_GET(self) -> None:
                hub.answers.get(self.path, status(404))(self)

            def log_message(self, *args: Any) -> None:
                pass

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.server.server_port}"
        Thread(target=self.server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True).start()

    @property
    def form(self) -> dict[str, str]:
        return self.requests[-1][1]

    def verify(self, **changes: str) -> tuple[int, bytes]:
        """Verifies the intent of the last request; `changes` of what it asks, by name without `hub.`."""
        query = {
            "hub.mode": self.form["hub.mode"], "hub.topic": self.form["hub.topic"], "hub.challenge": "a challenge",
            "hub.lease_seconds": "1000",
        } | {f"hub.{name}": value for name, value in changes.items()}  # fmt: skip
        return self._call("GET", f"{self.form['hub.callback']}?{urlencode(query)}")

    def push(self, body: bytes, method: str = "sha256", **headers: str) -> int:
        """Sends what is new to the callback, signed; `headers` go before."""
        digest = hmac.new(self.form["hub.secret"].encode(), body, method).hexdigest()
        sent = {"X-Hub-Signature": f"{method}={digest}", "Content-Type": "application/rss+xml; charset=utf-8"}
        return self._call(
            "POST",
            self.form["hub.callback"],
            body,
            sent | {name.replace("_", "-"): value for name, value in headers.items()},
        )[0]

    def _call(
        self, method: str, url: str, body: bytes | None = None, headers: dict[str, str] | None = None
    ) -> tuple[int, bytes]:
        parts = urlsplit(url)
        with closing(HTTPConnection(parts.netloc, timeout=10)) as connection:
            connection.request(method, f"{parts.path}?{parts.query}", body, headers or {})
            answer = connection.getresponse()
            return answer.status, answer.read()


def status(code: int, body: bytes = b"", **headers: str) -> Callable[[BaseHTTPRequestHandler], None]:
    """Returns an answer of this status."""

    def answer(handler: BaseHTTPRequestHandler) -> None:
        handler.send_response(code)
        for name, value in ({"Content-Length": str(len(body))} | headers).items():
            handler.send_header(name, value)
        handler.end_headers()
        handler.wfile.write(body)

    return answer


class Services:
    """The services that take part in a subscription, their handlers called as functions; the reader on a socket."""

    def __init__(self, database_url: str, redis: "Redis") -> None:
        self.engine, self.redis = make_engine(database_url), redis
        self.pages = RedisPages(redis, 3600)
        self.store = Store(self.engine, redis, Later(redis), self.pages, StorageSettings())
        settings = FetcherSettings(fetch_allow_networks="127.0.0.1/32", fetch_allow_ports="", host_interval=0)
        self.web = Web(settings, Guard(settings.networks(), settings.ports(), Resolver(settings.fetch_dns_timeout)))
        self.hubs = Hubs(settings, self.web, Politeness(redis, settings), websub_key(redis))
        self.fetcher = Fetcher(
            settings, web=self.web, robots=Robots(settings, redis), politeness=Politeness(redis, settings),
            pages=self.pages, listed_sitemaps=ListedSitemaps(redis),
        )  # fmt: skip
        self.sent: list[Message] = []
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.public_url = f"http://127.0.0.1:{self.listener.getsockname()[1]}"
        app = make_application(self.engine, redis, ReaderSettings(websub_url=self.public_url), self._send)
        self.server = uvicorn.Server(uvicorn.Config(app, log_level="error"))
        self.thread = Thread(target=self.server.run, kwargs={"sockets": [self.listener]}, daemon=True)
        self.thread.start()

    def _send(self, messages: Any, *, at_once: bool = False) -> None:
        self.sent += list(messages)

    def follow(self, hub_url: str, topic_url: str = FEED, **fields: Any) -> None:
        """Declares the channel."""
        self.store.handle(SourceDeclared(
            name="News", url=FEED, kind=Kind.FEED, hub_url=hub_url, topic_url=topic_url, follow=False, **fields
        ))  # fmt: skip

    def due(self) -> Sequence[SubscriptionRequested]:
        """Returns the requests to hubs that the scheduler finds due."""
        with Session(self.engine) as session:
            return list(subscriptions.due(session, now_utc(), 10, self.public_url, websub_key(self.redis)).values())

    def ask(self) -> list[SubscriptionAnswered]:
        """Sends what is due to the hubs, and stores what they answer."""
        answers = [answer for request in self.due() for answer in self.hubs.ask(request)]
        self.store.handle_batch(answers)
        return answers

    def deliver(self) -> list[Message]:
        """Hands what the reader sent to the parser and storage; returns it."""
        sent, self.sent = self.sent, []
        for message in sent:
            parsed = parse_and_discover(message, self.pages) if isinstance(message, PageFetched) else [message]
            self.store.handle_batch(list(parsed))
        return sent

    def rows(self, table: type[SQLModel]) -> list[Any]:
        with Session(self.engine) as session:
            return list(session.scalars(select(table)))

    def close(self) -> None:
        self.server.should_exit = True
        self.thread.join(10)
        self.listener.close()
        self.web.close()
        self.engine.dispose()


@pytest.fixture
def hub() -> Iterator[Hub]:
    hub = Hub()
    yield hub
    hub.server.shutdown()
    hub.server.server_close()


@pytest.fixture
def services(database_url: str, redis: "Redis") -> Iterator[Services]:
    services = Services(database_url, redis)
    yield services
    services.close()
