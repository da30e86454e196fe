"""A web server that is never the limit: 200 hosts on loopback addresses, one page of 60 KB, gzip, after a latency.

Run by bench/fetch.py. On `GET /log` it tells the times of all requests by host, as JSON.
"""

import argparse
import asyncio
import gzip
import json
import random
import time
from collections import defaultdict

SENTENCE = (
    "The council of the port met on Tuesday to weigh the cost of quay {} against the wishes of the fishermen, {}."
)
NOT_FOUND = b"HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n"
ASKED: dict[str, list[float]] = defaultdict(list)


def page(size: int) -> bytes:
    """An article of about `size` bytes, as an answer on the wire."""
    chance = random.Random(1)  # noqa: S311 - filler text
    paragraphs: list[str] = []
    while sum(map(len, paragraphs)) < size:
        paragraphs.append(f"<p>{SENTENCE.format(chance.random(), chance.random())}</p>\n")
    body = f"<!doctype html><html lang='en'><title>Quay</title><article>{''.join(paragraphs)}</article></html>"
    return answer(gzip.compress(body.encode()), "text/html; charset=utf-8", "Content-Encoding: gzip\r\n")


def answer(body: bytes, kind: str, more: str = "") -> bytes:
    """An answer on the wire."""
    return f"HTTP/1.1 200 OK\r\nContent-Type: {kind}\r\n{more}Content-Length: {len(body)}\r\n\r\n".encode() + body


class Site(asyncio.Protocol):
    """One connection; answers in order, each after the latency."""

    def __init__(self, article: bytes, latency: float) -> None:
        self._article, self._latency = article, latency
        self._buffer = b""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Remembers which host this is."""
        self._transport = transport
        self._host = transport.get_extra_info("sockname")[0]

    def data_received(self, data: bytes) -> None:
        """Answers every request that is whole."""
        self._buffer += data
        while b"\r\n\r\n" in self._buffer:
            head, self._buffer = self._buffer.split(b"\r\n\r\n", 1)
            path = head.split(b" ", 2)[1]
            if path == b"/log":
                self._write(answer(json.dumps(ASKED).encode(), "application/json"))
                continue
            ASKED[self._host].append(time.monotonic())
            reply = NOT_FOUND if path == b"/robots.txt" else self._article
            asyncio.get_running_loop().call_later(self._latency, self._write, reply)

    def _write(self, data: bytes) -> None:
        if not self._transport.is_closing():
            self._transport.write(data)  # type: ignore[attr-defined]


async def serve(port: int, size: int, latency: float) -> None:
    """Serves until it is killed."""
    article = page(size)
    loop = asyncio.get_running_loop()
    server = await loop.create_server(lambda: Site(article, latency), "0.0.0.0", port, backlog=4096)  # noqa: S104 - 200 loopback addresses are one bind
    print("ready", flush=True)
    await server.serve_forever()


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("port", type=int)
    parser.add_argument("--size", type=int, default=60_000)
    parser.add_argument("--latency", type=float, default=0.15)
    given = parser.parse_args()
    asyncio.run(serve(given.port, given.size, given.latency))
