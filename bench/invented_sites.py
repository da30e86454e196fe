"""Invented newspapers on loopback, each at an address of its own in 127.0.0.0/8, for what adds and follows sites."""

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from http.server import ThreadingHTTPServer
from threading import Lock, Thread
from types import TracebackType
from typing import Self

from newsmill.demo_site.server import LoopbackHandler

PLACES = ("Harbourtown", "Millford", "Northbridge", "Easterly", "Lowmoor", "Stonegate", "Ferrywick", "Oldport")
SUBJECTS = (
    "council votes on the new quay wall", "ferry returns to service after the storm", "school opens its doors again",
    "bridge stays closed until the autumn", "market hall gets a roof of glass", "river rises above the second mark",
    "library lends tools as well as books", "orchestra plays in the old shipyard",
)  # fmt: skip
PARAGRAPH = (
    "The decision came after a long evening in the town hall, where fishermen, teachers and shopkeepers had waited for "
    "their turn to speak. Nobody left before the count, and the mayor thanked them for their patience and their voices. "
)


@dataclass
class Answer:
    """An answer of an invented server."""

    body: str = ""
    media_type: str = "text/html; charset=utf-8"
    status: int = 200
    headers: dict[str, str] = field(default_factory=dict)


Paths = dict[str, Answer]


class Newspapers:
    """A server for many hosts: `paths` by host; `requests` counts them by host, `request_log` lists host and path."""

    def __init__(self) -> None:
        self.paths: dict[str, Paths] = {}
        self.requests: Counter[str] = Counter()
        self.request_log: list[tuple[str, str]] = []
        self._lock = Lock()
        world = self

        class Handler(LoopbackHandler):
            def do_GET(self) -> None:  # noqa: N802 - the base class names it so
                host = self.headers.get("Host", "").partition(":")[0]
                answer = world.answer(host, self.path)
                body = answer.body.encode()
                self.send_response(answer.status)
                for name, value in {"Content-Type": answer.media_type, **answer.headers}.items():
                    self.send_header(name, value)
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

        class Server(ThreadingHTTPServer):
            daemon_threads = True
            request_queue_size = 256

        # Every address of 127.0.0.0/8 is this machine.
        self._server = Server(("0.0.0.0", 0), Handler)  # noqa: S104 - loopback has many addresses
        self.port = self._server.server_port

    def answer(self, host: str, path: str) -> Answer:
        """Returns the answer of a host for a path, and counts it."""
        with self._lock:
            self.requests[host] += 1
            self.request_log.append((host, path))
        return self.paths.get(host, {}).get(path, Answer("not here", "text/plain", 404))

    def url(self, host: str, path: str = "/") -> str:
        return f"http://{host}:{self.port}{path}"

    def add(self, host: str, make: Callable[[str], Paths]) -> str:
        """Adds a site; `make` gets the address of its home page without a final slash. Returns that of its home page."""
        self.paths[host] = make(self.url(host, ""))
        return self.url(host)

    def __enter__(self) -> Self:
        Thread(target=self._server.serve_forever, args=(0.05,), name="newspapers", daemon=True).start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._server.shutdown()
        self._server.server_close()


def address(number: int) -> str:
    """Returns the host of a site by its number, 0 to 65,000."""
    return f"127.1.{number // 250}.{1 + number % 250}"


def stories(home: str, number: int = 24, section: str = "town") -> list[tuple[str, str, datetime]]:
    """Returns the address, the title and the time of the newest stories of a site, two hours apart."""
    now = datetime.now(UTC).replace(microsecond=0)
    titles = [f"{PLACES[story % 8]}: {SUBJECTS[(story // 8 + story) % 8]}" for story in range(number)]
    return [
        (f"{home}/{section}/2026/{title.lower().replace(': ', '-').replace(' ', '-')}-{1000 + story}", title, now - timedelta(hours=2 * story + 1))
        for story, title in enumerate(titles)
    ]  # fmt: skip


def article(title: str, moment: datetime, name: str) -> Answer:
    return Answer(
        f'<html lang="en"><head><title>{title} - {name}</title><meta property="og:type" content="article">'
        f'<meta property="article:published_time" content="{moment.isoformat()}"><meta property="og:title" content="{title}">'
        f'<meta name="author" content="Jane Marsh"></head><body><nav><a href="/">Home</a></nav><article><h1>{title}</h1>'
        f'<p class="byline">By Jane Marsh</p>{"".join(f"<p>{PARAGRAPH * 2}</p>" for _ in range(4))}</article></body></html>'
    )


def front(name: str, listed: list[tuple[str, str, datetime]], head: str = "", menu: str = "") -> Answer:
    teasers = "".join(
        f'<article><h2><a href="{url}">{title}</a></h2><p>{PARAGRAPH[:120]}</p></article>' for url, title, _ in listed
    )
    return Answer(
        f'<html lang="en"><head><title>{name}</title><meta property="og:site_name" content="{name}">{head}</head>'
        f"<body><nav>{menu}</nav><main>{teasers}</main></body></html>"
    )


def feed(name: str, home: str, listed: list[tuple[str, str, datetime]], channel: str = "") -> Answer:
    items = "".join(
        f"<item><title>{title}</title><link>{url}</link><pubDate>{moment:%a, %d %b %Y %H:%M:%S +0000}</pubDate></item>"
        for url, title, moment in listed
    )
    body = (
        '<?xml version="1.0"?><rss version="2.0" xmlns:atom="http://www.w3.org/2005/Atom"><channel>'
        f"<title>{name}</title><link>{home}/</link>{channel}{items}</channel></rss>"
    )
    return Answer(body, "application/rss+xml")


def news_sitemap(listed: list[tuple[str, str, datetime]]) -> Answer:
    entries = "".join(
        f"<url><loc>{url}</loc><news:news><news:publication_date>{moment.isoformat()}</news:publication_date>"
        f"<news:title>{title}</news:title></news:news></url>"
        for url, title, moment in listed
    )
    body = (
        '<?xml version="1.0"?><urlset xmlns="http://www.sitemaps.org/schemas/sitemap/0.9" '
        f'xmlns:news="http://www.google.com/schemas/sitemap-news/0.9">{entries}</urlset>'
    )
    return Answer(body, "application/xml")


def robots(*lines: str) -> Answer:
    return Answer("\n".join(("User-agent: *", *lines)), "text/plain")


def newspaper(name: str = "The Harbourtown Gazette") -> Callable[[str], Paths]:
    """Returns what makes a site with a feed that has a hub, a news sitemap with more, and sections."""

    def make(home: str) -> Paths:
        listed = stories(home)
        hub = f'<atom:link rel="hub" href="{home}/hub"/><atom:link rel="self" href="{home}/feed.xml"/>'
        alternate = '<link rel="alternate" type="application/rss+xml" title="All news" href="/feed.xml">'
        comments = '<link rel="alternate" type="application/rss+xml" title="Comments" href="/comments/feed">'
        menu = '<a href="/town">Town</a><a href="/sport">Sport</a><a href="/about">About us</a>'
        return {
            "/": front(name, listed[:12], alternate + comments, menu),
            "/robots.txt": robots("Disallow: /admin", f"Sitemap: {home}/news-sitemap.xml"),
            "/feed.xml": feed(name, home, listed[:16], hub),
            "/news-sitemap.xml": news_sitemap(listed),
            "/town": front(f"Town - {name}", listed),
            **{url.removeprefix(home): article(title, moment, name) for url, title, moment in listed},
        }

    return make


def feedless(name: str = "The Millford Post") -> Callable[[str], Paths]:
    """Returns what makes a site with neither a feed nor a sitemap: a home page and section pages."""

    def make(home: str) -> Paths:
        town, sport = stories(home, 12, "town"), stories(home, 20, "sport")
        menu = '<a href="/town">Town</a><a href="/sport">Sport</a><a href="/about">About us</a>'
        listed = (*town, *sport)
        return {
            "/": front(name, [*town, *sport[:4]], menu=menu),
            "/town": front(f"Town - {name}", town, menu=menu),
            "/sport": front(f"Sport - {name}", sport, menu=menu),
            **{url.removeprefix(home): article(title, moment, name) for url, title, moment in listed},
        }

    return make
