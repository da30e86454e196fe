"""The doors on the wire: answers of servers, robots.txt, redirects, compressions."""

import contextlib
import functools
import gzip
import socket
from time import monotonic
from typing import Any, cast
from urllib.parse import urlsplit

from redis import Redis

from services.fetcher.fetch import Fetcher
from services.fetcher.journey import Journey
from services.fetcher.listed_sitemaps import ListedSitemaps
from services.fetcher.politeness import robots
from services.fetcher.politeness.robots_rules import parse
from services.fetcher.politeness.turns import Politeness
from services.fetcher.settings import FetcherSettings
from services.fetcher.wire.guard import Connection
from services.fetcher.wire.web import Web
from shared.contracts import FetchRequested, Kind
from shared.errors import NewsmillError
from shared.pages import MemoryPages
from shared.urls import check, fetchable, join
from tests.hostile.canned import CannedSocket
from tests.hostile.door import Door, travels, with_option
from tests.hostile.page_doors import INDEX, URL, holds
from tests.hostile.words import HEAD_WORDS, ROBOTS_WORDS, URL_WORDS

AGENT = "newsmill"
COMPRESSIONS = (b"gzip", b"deflate", b"br", b"zstd", b"gzip, br", b"identity")


class CannedGuard:
    """A guard whose connections lead to an answer."""

    answer = b""

    def dial(self, _host: str, _port: int, _timeout: Any) -> Connection:
        return Connection(cast("socket.socket", CannedSocket(self.answer)), "192.0.2.1", 0.0, 0.0)


SETTINGS = FetcherSettings(obey_robots=False, fetch_max_bytes=1_000_000)
GUARD = CannedGuard()


@functools.cache
def shared_web() -> Web:
    return Web(SETTINGS, cast("Any", GUARD))


def web_of(answer: bytes) -> Web:
    """Returns a Web without open connections to which every host gives this answer."""
    GUARD.answer = answer
    shared_web()._pools._pools.clear()
    return shared_web()


def take_answer(data: bytes) -> None:
    """An answer byte for byte, read by the whole wire and by everything that judges it."""
    kind, answer = with_option(data, (None, Kind.IMAGE, Kind.FEED))
    request = FetchRequested(url="http://news.example/a/story", kind=kind)
    web = web_of(answer)
    robots_files = robots.Robots(SETTINGS, cast("Redis", Store()))
    fetcher = Fetcher(
        SETTINGS,
        web=web,
        robots=robots_files,
        politeness=cast("Politeness", None),
        pages=MemoryPages(),
        listed_sitemaps=ListedSitemaps(cast("Redis", Store())),
    )
    journey = Journey.begin(request, monotonic() + 60)
    with contextlib.suppress(NewsmillError), web.get(journey.url, journey.ends, jar=journey.jar) as response:
        message = fetcher._read(journey, response)
        travels(message or FetchRequested(url="http://news.example/", trail=journey.trail()))


class Store(dict[str, str]):
    """The two commands of Redis that robots.txt needs."""

    def set(self, key: str, value: str, ex: int) -> None:
        assert ex > 0
        self[key] = value

    def get(self, key: str, default: Any = None) -> Any:
        return super().get(key, "").encode() or default


def take_robots_answer(data: bytes) -> None:
    """An answer to a request for robots.txt, learned and asked for a verdict."""
    settings = SETTINGS.model_copy(update={"obey_robots": True})
    files = robots.Robots(settings, cast("Redis", Store()))
    location = "http://news.example/robots.txt"
    with contextlib.suppress(NewsmillError), web_of(data).get(location, monotonic() + 60) as response:
        files.learn(URL, location, response)
    with contextlib.suppress(NewsmillError):
        location = files.location(URL)
        assert check(location)
        files.verdict(URL)


def take_robots(data: bytes) -> None:
    rules = parse(data.decode(errors="replace"), AGENT)
    assert rules.allows(URL) in (True, False)
    assert rules.delay >= 0
    assert all(isinstance(sitemap, str) for sitemap in rules.sitemaps)


def take_location(data: bytes) -> None:
    """A URL, and a link on its page, in two lines: what is fetched is a web address, and stays what it is."""
    base, _, link = data.decode(errors="replace").partition("\n")
    with contextlib.suppress(NewsmillError):
        base = fetchable(base)
        assert fetchable(base) == base
        target = join(base, link)
        assert target is None or (fetchable(target) == target and urlsplit(target).scheme in ("http", "https"))


def take_compressed(data: bytes) -> None:
    """A body under each compression, and as a compressed feed."""
    coding, body = with_option(data, COMPRESSIONS)
    head = b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nContent-Encoding: %b\r\n\r\n" % coding
    take_answer(b"\0" + head + body)
    holds(body, Kind.SITEMAP)


FILE = b"""User-agent: *
Disallow: /private/*.html$
Allow: /
Crawl-delay: 2.5
Request-rate: 1/5 0600-0845
Visit-time: 0600-0845

User-agent: newsmill
User-agent: otherbot
Disallow: /search?q=*
Sitemap: https://news.example/sitemap.xml
Host: news.example
"""
BODY = b"<html><title>Ferry returns</title><p>The ferry returned to the harbour in the morning, the council said.</p>"
HEADS = tuple(
    b"\0HTTP/1.1 %b\r\nDate: Thu, 01 Jan 2026 10:00:00 GMT\r\n%b\r\n\r\n%b" % answer
    for answer in (
        (b"200 OK", b"Content-Type: text/html; charset=utf-8\r\nContent-Length: %d\r\nETag: \"a\"\r\nCache-Control: max-age=60, private" % len(BODY), BODY),
        (b"200 OK", b"Transfer-Encoding: chunked\r\nExpires: Thu, 01 Jan 2026 11:00:00 GMT\r\nAge: 5", b"5\r\n<p>ab\r\n0\r\n\r\n"),
        (b"302 Found", b"Location: /elsewhere?a=1\r\nSet-Cookie: seen=1; Path=/; Expires=Thu, 01 Jan 2027 10:00:00 GMT", b""),
        (b"503 Unavailable", b"Retry-After: Thu, 01 Jan 2026 10:05:00 GMT\r\nContent-Length: 3", b"no\n"),
        (b"403 Forbidden", b"cf-mitigated: challenge\r\nConnection: close", b"<title>Just a moment...</title>"),
        (b"200 OK", b"Content-Type: text/html", b'<meta http-equiv="refresh" content="0; url=/next">'),
        (b"200 OK", b"Content-Encoding: gzip\r\nContent-Type: text/html", gzip.compress(BODY)),
    )
)  # fmt: skip
ROBOTS_HEAD = b"HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\n\r\n"

PICTURE = b"\1HTTP/1.1 200 OK\r\nContent-Type: image/png\r\n\r\n\x89PNG\r\n\x1a\n" + bytes(20)
LINKS = (b"https://news.example/a/b?c=d\n../e#f", b"http://user:word@news.example:8080/\n//b.example/")

WIRE_DOORS = {
    "compressed": Door(take_compressed, (b"\0" + gzip.compress(BODY), b"\0" + gzip.compress(INDEX), b"\5" + BODY)),
    "robots": Door(take_robots, (FILE,), ROBOTS_WORDS),
    "robots-answer": Door(
        take_robots_answer, (ROBOTS_HEAD + FILE, *(head[1:] for head in HEADS)), (*ROBOTS_WORDS, *HEAD_WORDS)
    ),
    "answer": Door(take_answer, (*HEADS, PICTURE), HEAD_WORDS),
    "location": Door(take_location, LINKS, URL_WORDS, 1_000),
}
