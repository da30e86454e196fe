"""Invented newspapers on real sockets, and what looks at them."""

from collections.abc import Callable, Iterator

import pytest
from redis import Redis

from bench.invented_sites import Newspapers
from newsmill.discovery.inspection import inspect
from newsmill.discovery.look import MOST_REQUESTS, Looker
from newsmill.discovery.page_reader import PageReader
from services.fetcher.settings import FetcherSettings
from services.fetcher.visitor import Visitor
from services.parser.settings import ParserSettings
from services.storage.settings import StorageSettings
from shared.discovery.entries import Entry
from shared.discovery.report import SiteReport

HOST = "127.1.0.1"
Inspect = Callable[[Entry], SiteReport]


@pytest.fixture
def newspapers() -> Iterator[Newspapers]:
    with Newspapers() as papers:
        yield papers


@pytest.fixture(scope="session")
def reader() -> Iterator[PageReader]:
    with PageReader(ParserSettings()) as page_reader:
        yield page_reader


@pytest.fixture
def looker(redis: "Redis", reader: PageReader) -> Iterator[Looker]:
    settings = FetcherSettings(fetch_allow_networks="127.0.0.0/8", fetch_allow_ports="", host_interval=0)
    visitor = Visitor(settings, redis, most=MOST_REQUESTS)
    yield Looker(visitor, reader)
    visitor.close()


@pytest.fixture
def look(looker: Looker) -> Inspect:
    return lambda entry: inspect(entry, looker, StorageSettings().pace())
