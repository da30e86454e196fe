"""A web server on a real socket, and a fetcher that is allowed to reach it."""

import ssl
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from typing import Any

import pytest
from redis import Redis

from services.fetcher.fetch import Fetcher
from services.fetcher.listed_sitemaps import ListedSitemaps
from services.fetcher.politeness.robots import Robots
from services.fetcher.politeness.turns import Politeness
from services.fetcher.settings import FetcherSettings
from services.fetcher.wire.guard import Guard
from services.fetcher.wire.resolver import Resolver
from services.fetcher.wire.web import Web
from shared.pages import MemoryPages

CERTIFICATE = Path(__file__).with_name("news.example.pem")


class Site:
    """A server of canned answers: path -> (status, headers, body), or a function that writes the answer."""

    def __init__(self, context: ssl.SSLContext | None = None) -> None:
        self.answers: dict[str, Any] = {}
        self.received: list[tuple[str, dict[str, str]]] = []
        site = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                site.received.append((self.path, {name.lower(): value for name, value in self.headers.items()}))
                answer = site.answers.get(self.path, (404, {}, b""))
                if callable(answer):
                    answer(self)
                    return
                status, headers, body = answer
                self.send_response(status)
                for name, value in {"Content-Length": str(len(body)), **headers}.items():
                    self.send_header(name, value)
                self.end_headers()
                self.wfile.write(body)

            def handle(self) -> None:
                try:
                    super().handle()
                except ConnectionError:
                    self.close_connection = True

            def log_message(self, *args: Any) -> None:
                pass

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.server.daemon_threads = True
        if context:
            self.server.socket = context.wrap_socket(self.server.socket, server_side=True)
        self.url = f"http://127.0.0.1:{self.server.server_port}"
        Thread(target=self.server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True).start()

    def paths(self) -> list[str]:
        return [path for path, _ in self.received]

    def page(self, body: bytes = b"<p>news</p>", status: int = 200, path: str = "/page", **headers: str) -> str:
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        self.answers[path] = (status, {"Content-Type": "text/html", **named}, body)
        return self.url + path


@pytest.fixture
def site() -> Iterator[Site]:
    site = Site()
    yield site
    site.server.shutdown()
    site.server.server_close()


@pytest.fixture
def tls_site() -> Iterator[Site]:
    """Site over TLS, as news.example, by a certificate that nobody has signed but itself."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(CERTIFICATE)
    site = Site(context)
    yield site
    site.server.shutdown()
    site.server.server_close()


@pytest.fixture
def pages() -> MemoryPages:
    return MemoryPages()


@pytest.fixture
def make(redis: "Redis", pages: MemoryPages) -> Iterator[Callable[..., Fetcher]]:
    """Makes a fetcher: settings by name, `resolve` in place of the resolver."""
    opened: list[Web] = []

    def build(resolve: Any = None, **changed: Any) -> Fetcher:
        settings = FetcherSettings(
            **{
                "fetch_allow_networks": "127.0.0.1/32",
                "fetch_allow_ports": "",
                "host_interval": 0,
                "host_in_flight": 100,
            }
            | changed
        )
        resolver = Resolver(settings.fetch_dns_timeout, resolve) if resolve else Resolver(settings.fetch_dns_timeout)
        guard = Guard(settings.networks(), settings.ports(), resolver)
        web = Web(settings, guard)
        opened.append(web)
        robots = Robots(settings, redis)
        politeness = Politeness(redis, settings)
        return Fetcher(
            settings, web=web, robots=robots, politeness=politeness, pages=pages, listed_sitemaps=ListedSitemaps(redis)
        )

    yield build
    for web in opened:
        web.close()
