"""Load on a reader's socket, and the outcome of each connection. bench/reader.py prints it as a table."""

import asyncio
from collections import Counter
from collections.abc import Awaitable, Callable, Iterable
from time import perf_counter
from typing import NamedTuple

PATIENCE_SECONDS = 5.0
READING = b"GET /v1/articles HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\n\r\n"
SLOW_BODY = (
    b"POST /v1/triggers HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: application/json\r\nContent-Length: 4000\r\n\r\n"
)


class Result(NamedTuple):
    """The outcomes of a load by status (`closed` without an answer, `open` beyond patience), and when the last came."""

    outcomes: Counter[str]
    seconds: float


async def requests(port: int, number: int) -> Result:
    """Sends so many requests at the same moment."""
    return await _all(port, [_send(READING)] * number)


async def half_open(port: int, number: int) -> Result:
    """Opens so many connections, each with half of a head that never ends."""
    return await _all(port, [_send(b"GET / HTTP/1.1\r\nHost: 127.0.0.1\r\nX-Half: ")] * number)


async def slow_heads(port: int, number: int) -> Result:
    """Opens so many connections, each with a head that grows by a byte every fifth of a second."""
    return await _all(port, [_trickle(b"GET / HTTP/1.1\r\nHost: 127.0.0.1\r\nX-Slow: ")] * number)


async def slow_bodies(port: int, number: int) -> Result:
    """Sends so many requests, each with a body that grows by a byte every fifth of a second."""
    return await _all(port, [_trickle(SLOW_BODY)] * number)


async def get(port: int, path: str) -> tuple[str, float]:
    """Returns the status of one request, and its seconds."""
    start = perf_counter()
    head = f"GET {path} HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\n\r\n".encode()
    return await _outcome(port, _send(head)), perf_counter() - start


async def open_stream(port: int) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
    """Opens a stream of events and returns it once it has begun."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    writer.write(b"GET /v1/stream HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n")
    await reader.readuntil(b"retry: ")
    return reader, writer


Client = Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[bytes]]


def _send(data: bytes) -> Client:
    async def send(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> bytes:
        writer.write(data)
        return await reader.read(2**16)

    return send


def _trickle(head: bytes) -> Client:
    async def trickle(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> bytes:
        writer.write(head)
        answer = asyncio.ensure_future(reader.read(2**16))
        while not answer.done():
            writer.write(b"1")
            await asyncio.wait([answer], timeout=0.2)
        return answer.result()

    return trickle


async def _all(port: int, clients: Iterable[Client]) -> Result:
    start = perf_counter()
    outcomes = await asyncio.gather(*(_outcome(port, client) for client in clients))
    return Result(Counter(outcomes), perf_counter() - start)


async def _outcome(port: int, client: Client) -> str:
    try:
        async with asyncio.timeout(PATIENCE_SECONDS):
            reader, writer = await asyncio.open_connection("127.0.0.1", port)
            try:
                answer = await client(reader, writer)
            finally:
                writer.transport.abort()
    except TimeoutError:
        return "open"
    except OSError:
        return "closed"
    return answer[9:12].decode() if answer.startswith(b"HTTP/1.1 ") else "closed"
