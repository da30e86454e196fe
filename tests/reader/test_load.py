"""A reader as a process, and more clients than it can serve."""

import asyncio
import os
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing
from time import monotonic, sleep

import pytest
from sqlalchemy import Engine
from sqlmodel import Session

from tests.reader import load
from tests.reader.conftest import article

pytestmark = [pytest.mark.hostile, pytest.mark.process]
SQLITE = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
STREAMS = 300


@pytest.fixture
def port(engine: Engine, database_url: str, redis_url: str) -> Iterator[int]:
    """The port of a running reader with two hundred articles."""
    with Session(engine) as session:
        session.add_all(article(number, text="A paragraph of invented news.\n" * 100) for number in range(200))
        session.commit()
    with closing(socket.socket()) as probe:
        probe.bind(("127.0.0.1", 0))
        number = probe.getsockname()[1]
    settings = {
        "READER_PORT": str(number), "DATABASE_URL": database_url, "REDIS_URL": redis_url, "READER_STREAMS": str(STREAMS),
    }  # fmt: skip
    environment = os.environ | {f"NEWSMILL_{name}": value for name, value in settings.items()}
    reader = subprocess.Popen([sys.executable, "-m", "services.reader.worker"], env=environment)
    try:
        wait_for(number)
        yield number
    finally:
        reader.terminate()
        reader.wait(15)


def wait_for(port: int) -> None:
    deadline = monotonic() + 60
    while asyncio.run(load.get(port, "/healthz"))[0] != "200":
        assert monotonic() < deadline, "the reader does not start"
        sleep(0.1)


def run(scenario, port: int, number: int) -> load.Result:
    """A load, and the reader's answers to others a second after it."""

    async def loaded() -> load.Result:
        result = await scenario(port, number)
        await asyncio.sleep(1)
        for path in ("/healthz", "/v1/articles", "/"):
            assert (await load.get(port, path))[0] == "200", path
        return result

    return asyncio.run(loaded())


def test_two_thousand_requests_at_a_time_are_answered_or_refused_and_the_reader_is_well_afterwards(port):
    outcomes = run(load.requests, port, 2000).outcomes
    assert set(outcomes) == {"200", "503"}
    assert outcomes["200"] >= 8 * 5


@SQLITE
def test_half_open_connections_slow_heads_and_slow_bodies_are_cut_off(port):
    # A client that still sends when its connection is closed may be reset before it reads the 408.
    assert set(run(load.half_open, port, 2000).outcomes) == {"408"}
    assert {"408", "closed"}.issuperset(run(load.slow_heads, port, 200).outcomes)
    assert {"408", "closed"}.issuperset(run(load.slow_bodies, port, 100).outcomes)


@SQLITE
def test_slow_clients_keep_nobody_out(port):
    async def beside_slow_ones() -> list[str]:
        slow = asyncio.gather(load.slow_bodies(port, 100), load.half_open(port, 500))
        await asyncio.sleep(0.5)
        answers = [(await load.get(port, "/v1/articles"))[0] for _ in range(10)]
        await slow
        return answers

    assert asyncio.run(beside_slow_ones()) == ["200"] * 10


@SQLITE
def test_open_streams_hold_up_nobody_and_one_more_is_refused(port):
    async def beside_streams() -> tuple[load.Result, list[str]]:
        streams = [await load.open_stream(port) for _ in range(STREAMS)]
        one_more = (await load.get(port, "/v1/stream"))[0]
        result = await load.requests(port, 500)
        await asyncio.sleep(1)
        statuses = [(await load.get(port, path))[0] for path in ("/healthz", "/v1/articles", "/")]
        open_streams = [not reader.at_eof() for reader, _ in streams]
        for _, writer in streams:
            writer.transport.abort()
        assert open_streams == [True] * STREAMS
        return result, [one_more, *statuses]

    result, statuses = asyncio.run(beside_streams())
    assert set(result.outcomes) == {"200", "503"}
    assert statuses == ["503", "200", "200", "200"]
