"""Requests that are none, on the socket of a running server."""

import asyncio
import random
import re
import socket
from collections.abc import Iterator
from contextlib import ExitStack, suppress
from threading import Thread

import pytest
import uvicorn

from services.reader.http import connection
from services.reader.http.connection import Connection

pytestmark = [pytest.mark.hostile, pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)]

HEAD = b"POST /v1/triggers HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: application/json\r\n"
BODY = b'{"url": "https://example.org/"}'
SMUGGLED = b"GET /healthz HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n"
CHUNKED = b"%x\r\n%b\r\n0\r\n\r\n" % (len(BODY), BODY)
# Each may be read as one request by one server and as two by another.
SMUGGLING = {
    "length and chunks": HEAD + b"Content-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n" + SMUGGLED,
    "chunks and length": HEAD + b"Transfer-Encoding: chunked\r\nContent-Length: 5\r\n\r\n0\r\n\r\n" + SMUGGLED,
    "two lengths": HEAD + b"Content-Length: 5\r\nContent-Length: 31\r\n\r\n" + BODY + SMUGGLED,
    "a list of lengths": HEAD + b"Content-Length: 5, 31\r\n\r\n" + BODY + SMUGGLED,
    "a length with a sign": HEAD + b"Content-Length: +31\r\n\r\n" + BODY + SMUGGLED,
    "a negative length": HEAD + b"Content-Length: -1\r\n\r\n" + BODY + SMUGGLED,
    "a hexadecimal length": HEAD + b"Content-Length: 0x1f\r\n\r\n" + BODY + SMUGGLED,
    "an endless length": HEAD + b"Content-Length: " + b"9" * 40 + b"\r\n\r\n" + BODY + SMUGGLED,
    "an unknown encoding": HEAD + b"Transfer-Encoding: xchunked\r\n\r\n" + CHUNKED + SMUGGLED,
    "two encodings": HEAD + b"Transfer-Encoding: gzip, chunked\r\n\r\n" + CHUNKED + SMUGGLED,
    "chunks that are not last": HEAD + b"Transfer-Encoding: chunked, identity\r\n\r\n" + CHUNKED + SMUGGLED,
    "a space before the colon": HEAD + b"Transfer-Encoding : chunked\r\n\r\n" + CHUNKED + SMUGGLED,
    "a control character": HEAD + b"Transfer-Encoding:\x0bchunked\r\n\r\n" + CHUNKED + SMUGGLED,
    "a chunk size with a prefix": HEAD
    + b"Transfer-Encoding: chunked\r\n\r\n0x1f\r\n"
    + BODY
    + b"\r\n0\r\n\r\n"
    + SMUGGLED,
    "a negative chunk": HEAD + b"Transfer-Encoding: chunked\r\n\r\n-1\r\n" + BODY + b"\r\n0\r\n\r\n" + SMUGGLED,
    "an endless chunk size": HEAD + b"Transfer-Encoding: chunked\r\n\r\n" + b"f" * 40 + b"\r\n" + BODY + SMUGGLED,
    "a header without a colon": HEAD + b"Transfer-Encoding\r\n\r\n" + SMUGGLED,
    "a header that begins with a space": b"GET / HTTP/1.1\r\n Host: 127.0.0.1\r\n\r\n" + SMUGGLED,
    "a NUL in a header": b"GET / HTTP/1.1\r\nHost: 127.0.0.1\r\nX: a\0b\r\n\r\n" + SMUGGLED,
    "no host": b"GET / HTTP/1.1\r\n\r\n" + SMUGGLED,
    "two hosts": b"GET / HTTP/1.1\r\nHost: 127.0.0.1\r\nHost: evil.example\r\n\r\n" + SMUGGLED,
    "an absolute target": b"GET http://evil.example/ HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n",
    "a target of a proxy": b"CONNECT evil.example:80 HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n",
    "a target of the server": b"OPTIONS * HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n",
    "no version": b"GET /\r\n\r\n",
    "another protocol": b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03" + bytes(200),
    "HTTP/2": b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n",
}
VALID = (
    HEAD + b"Content-Length: %d\r\n\r\n" % len(BODY) + BODY,
    HEAD + b"Transfer-Encoding: chunked\r\n\r\n" + CHUNKED,
    b"GET /v1/articles?limit=2&q=a HTTP/1.1\r\nHost: 127.0.0.1\r\nAccept: */*\r\n\r\n",
    b"HEAD /articles/1 HTTP/1.0\r\nHost: 127.0.0.1\r\n\r\n",
)
PIECES = (
    b"\r\n",
    b"\r",
    b"\n",
    b" ",
    b"\t",
    b"\0",
    b":",
    b"%00",
    b"%zz",
    b"/../",
    b"//",
    b"?",
    b"#",
    b"\xff",
    b"9" * 30,
    b"a" * 3000,
)


@pytest.fixture
def port(client) -> Iterator[int]:
    settings = {"http": Connection, "ws": "none", "log_config": None, "access_log": False, "proxy_headers": False}
    server = uvicorn.Server(uvicorn.Config(client.app, port=0, **settings))
    listener = socket.create_server(("127.0.0.1", 0))
    thread = Thread(target=server.run, kwargs={"sockets": [listener]})
    thread.start()
    yield listener.getsockname()[1]
    server.should_exit = True
    thread.join()
    listener.close()


async def answer(port: int, data: bytes) -> list[int]:
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    received = b""
    with suppress(ConnectionError, TimeoutError):
        writer.write(data)
        # What still waits for the rest of a request is answered nothing in this time.
        async with asyncio.timeout(0.5):
            while part := await reader.read(65536):
                received += part
    writer.transport.abort()
    return [int(status) for status in re.findall(rb"HTTP/1\.1 (\d+) ", received)]


def statuses(port: int, *requests: bytes) -> list[list[int]]:
    """The statuses of the answers to each of these, sent side by side."""

    async def answers() -> list[list[int]]:
        return await asyncio.gather(*(answer(port, data) for data in requests))

    return asyncio.run(answers())


def test_a_request_that_two_servers_could_read_differently_is_refused_and_nothing_after_it_is_read(port, redis, caplog):
    answers = dict(zip(SMUGGLING, statuses(port, *SMUGGLING.values()), strict=True))
    read = {
        name: codes
        for name, codes in answers.items()
        if len(codes) > 1 or any(code < 400 or code == 500 for code in codes)
    }
    assert read == {}
    assert "ERROR" not in {record.levelname for record in caplog.records}
    assert redis.keys("newsmill:triggers*") == []


def mangled(chance: random.Random) -> bytes:
    data = chance.choice(VALID)
    for _ in range(chance.randint(1, 6)):
        start = chance.randrange(len(data) + 1)
        end = min(len(data), start + chance.choice((0, 0, 1, 5, 40)))
        data = data[:start] + chance.choice((b"", data[start:end] * 2, chance.choice(PIECES))) + data[end:]
    return data


def test_seven_hundred_malformed_requests_are_no_error_of_the_server(port, caplog):
    chance = random.Random(17)
    for _ in range(20):
        requests = [mangled(chance) for _ in range(35)]
        answers = statuses(port, *requests)
        errors = [data for data, codes in zip(requests, answers, strict=True) if any(code >= 500 for code in codes)]
        assert errors == []
    assert "ERROR" not in {record.levelname for record in caplog.records}
    assert statuses(port, SMUGGLED) == [[200]]


def test_a_head_without_an_end_is_refused_while_it_grows(port):
    assert statuses(port, b"GET / HTTP/1.1\r\nHost: 127.0.0.1\r\nX: " + b"a" * 2**20)[0] in ([400], [])


def test_who_still_sends_when_it_is_refused_reads_the_refusal(client, port):
    client.app.state.admission._free = 0
    with socket.create_connection(("127.0.0.1", port), 10) as sender:
        sender.sendall(HEAD + b"Content-Length: 2000000\r\n\r\n")
        with suppress(ConnectionError):
            for _ in range(20):
                sender.sendall(b"1" * 100_000)
        assert sender.recv(4096).startswith(b"HTTP/1.1 503 ")


def test_half_a_head_is_answered_408_and_silence_nothing(port, monkeypatch):
    monkeypatch.setattr(connection, "_SECONDS", dict.fromkeys(connection._SECONDS, 0.2))
    for beginning, end in ((b"GET / HTTP/1.1\r\nHost: ", b"HTTP/1.1 408 "), (b"", b"")):
        with socket.create_connection(("127.0.0.1", port), 10) as half:
            half.sendall(beginning)
            assert half.recv(4096)[:13] == end


def test_more_connections_than_fit_end_those_that_linger_and_then_the_oldest(port, monkeypatch):
    monkeypatch.setattr(Connection, "max_connections", 2)
    monkeypatch.setattr(connection, "SPARED_SECONDS", 0.0)
    with ExitStack() as stack:
        half = [stack.enter_context(socket.create_connection(("127.0.0.1", port), 10)) for _ in range(5)]
        ends = [sender.recv(1) for sender in half[:3]]
        half[-1].sendall(b"GET /healthz HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n")
        assert half[-1].recv(4096).startswith(b"HTTP/1.1 200 ")
    assert ends == [b"", b"", b""]
