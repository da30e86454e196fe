"""A web server that is never the limit: any number of hosts on loopback addresses, news pages of 60 KB, gzip.

Run by bench/fetch.py, or by hand to see what fetchers do to a host. Every answer comes after a latency, made once
beforehand; robots.txt is not found unless --robots says what it holds. `GET /log` tells the times of all requests
since it was last asked, by host, as JSON.
"""

import argparse
import asyncio
import gzip
import json
import random
import time
import zlib
from collections import defaultdict

HEAD = """<!doctype html>
<html lang="en"><head><meta charset="utf-8"><title>Quay {n} opens - The Port</title>
<meta property="og:type" content="article"><meta property="article:published_time" content="2026-03-01T10:00:00Z">
<script type="application/ld+json">{{"@type": "NewsArticle", "headline": "Quay {n} opens"}}</script>
<style>{style}</style></head><body><nav><ul>{nav}</ul></nav><article><h1>Quay {n} opens</h1>
"""
TAIL = "</article><footer>The Port</footer></body></html>"
# Enough that no two pages in flight are likely to be the same bytes, few enough to make at once.
VARIANTS = 64
SYLLABLES = "an ber con der el fir gol har in jun kal lor men nor o pre qua ren sti tor un ver wil yet za".split()
ASKED: dict[str, list[float]] = defaultdict(list)


def article(number: int, size: int) -> str:
    """HTML of about `size` bytes, a third of it furniture, that compresses about as news pages do."""
    chance = random.Random(number)
    words = ["".join(chance.choices(SYLLABLES, k=chance.randint(1, 4))) for _ in range(500)]
    style = "\n".join(f".{chance.choice(words)} {{ margin: {n}px; color: #{n:06x} }}" for n in range(120))
    nav = "\n".join(f'<li><a href="/{chance.choice(words)}/{n}">{chance.choice(words)}</a></li>' for n in range(120))
    page = [HEAD.format(n=number, style=style, nav=nav)]
    length = len(page[0])
    while length < size:
        page.append(f"<p>{' '.join(chance.choices(words, k=70))}.</p>\n")
        length += len(page[-1])
    return "".join([*page, TAIL])


def answer(body: bytes, kind: str, more: str = "", status: str = "200 OK") -> bytes:
    """An answer on the wire."""
    return f"HTTP/1.1 {status}\r\nContent-Type: {kind}\r\n{more}Content-Length: {len(body)}\r\n\r\n".encode() + body


def page(number: int, size: int) -> bytes:
    """A page on the wire."""
    body = gzip.compress(article(number, size).encode(), 6)
    return answer(body, "text/html; charset=utf-8", "Content-Encoding: gzip\r\n")


class Pages:
    """What is answered to a path."""

    def __init__(self, size: int, robots: str | None) -> None:
        self._pages = [page(number, size) for number in range(VARIANTS)]
        self._robots = answer(b"", "text/plain", status="404 Not Found")
        if robots is not None:
            self._robots = answer(robots.encode(), "text/plain")

    def of(self, path: bytes) -> bytes:
        return self._robots if path == b"/robots.txt" else self._pages[zlib.crc32(path) % VARIANTS]


class Site(asyncio.Protocol):
    """One connection; answers in order, each after the latency."""

    def __init__(self, pages: Pages, latency: float) -> None:
        self._pages, self._latency = pages, latency
        self._loop = asyncio.get_running_loop()
        self._buffer = b""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Remembers which host this is."""
        self._transport = transport
        self._times = ASKED[transport.get_extra_info("sockname")[0]]

    def data_received(self, data: bytes) -> None:
        """Answers every request that is whole."""
        self._buffer += data
        while b"\r\n\r\n" in self._buffer:
            head, self._buffer = self._buffer.split(b"\r\n\r\n", 1)
            path = head.split(b" ", 2)[1]
            if path == b"/log":
                self._write(log())
                continue
            self._times.append(time.monotonic())
            if self._latency:
                self._loop.call_later(self._latency, self._write, self._pages.of(path))
            else:
                self._write(self._pages.of(path))

    def _write(self, data: bytes) -> None:
        if not self._transport.is_closing():
            self._transport.write(data)  # type: ignore[attr-defined]


def log() -> bytes:
    """The times of requests by host, which are forgotten."""
    response = answer(json.dumps({host: times for host, times in ASKED.items() if times}).encode(), "application/json")
    for times in ASKED.values():
        times.clear()
    return response


async def serve(port: int, pages: Pages, latency: float) -> None:
    """Serves until it is killed."""
    loop = asyncio.get_running_loop()
    server = await loop.create_server(lambda: Site(pages, latency), "0.0.0.0", port, backlog=4096)  # noqa: S104 - 200 loopback addresses are one bind
    print("ready", flush=True)
    await server.serve_forever()


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("port", type=int)
    parser.add_argument("--size", type=int, default=60_000, help="bytes of a page before compression")
    parser.add_argument("--latency", type=float, default=0.15, help="seconds before each answer")
    parser.add_argument("--robots", help="what robots.txt holds")
    options = parser.parse_args()
    asyncio.run(serve(options.port, Pages(options.size, options.robots), options.latency))


if __name__ == "__main__":
    main()
