"""The canary: the reader's page is fetched at its private address, and nothing else is."""

from typing import Any

import pytest
from redis import Redis

from services.fetcher.canary import canary_settings, is_canary, once
from services.fetcher.politeness.turns import Politeness
from services.fetcher.settings import FetcherSettings
from services.fetcher.worker import make_fetcher
from shared.contracts import CANARY, FetchRequested, PageFetched, Reason
from shared.errors import Drop
from tests.fetcher.conftest import Site


@pytest.fixture
def reader(site: Site) -> Site:
    site.page(b"<h1>The canary</h1>", path="/canary")
    return site


def settings(reader: Site) -> FetcherSettings:
    return FetcherSettings(canary_url=f"http://127.0.0.1:{reader.server.server_port}/canary")


def fetched(redis: "Redis", settings: FetcherSettings, **fields: Any) -> Any:
    request = FetchRequested(**{"url": settings.canary_url, "via": CANARY} | fields)
    chosen = canary_settings(settings) if is_canary(request, settings) else settings
    fetcher = make_fetcher(chosen, redis, Politeness(redis, chosen))
    try:
        return once(fetcher, request)
    finally:
        fetcher._web.close()


def test_the_canary_comes_from_a_private_address(redis: "Redis", reader: Site) -> None:
    [message] = fetched(redis, settings(reader))
    assert isinstance(message, PageFetched)
    assert (message.via, message.page.status) == (CANARY, 200)
    assert [path for path, _ in reader.received] == ["/canary"]


@pytest.mark.parametrize(
    "change", [{"via": "stream"}, {"url": "/other"}, {"url": "/canary/../other"}, {"url": "/canary?x"}]
)
def test_nothing_else_does(redis: "Redis", reader: Site, change: dict[str, str]) -> None:
    set_up = settings(reader)
    if "url" in change:
        change = {"url": set_up.canary_url.removesuffix("/canary") + change["url"]}
    with pytest.raises(Drop) as dropped:
        fetched(redis, set_up, **change)
    assert dropped.value.reason is Reason.ADDRESS_REFUSED
    assert reader.received == []


def test_a_redirect_of_the_canary_leads_nowhere(redis: "Redis", reader: Site) -> None:
    reader.answers["/canary"] = (302, {"Location": "/secret"}, b"")
    with pytest.raises(Drop) as dropped:
        fetched(redis, settings(reader))
    assert dropped.value.reason is Reason.REDIRECTS
    assert [path for path, _ in reader.received] == ["/canary"]


def test_a_reader_that_is_away_ends_the_canary_at_once_and_is_asked_again_when_it_is_back(
    redis: "Redis", reader: Site
) -> None:
    reader.answers["/canary"] = (500, {}, b"")
    for _ in range(12):
        with pytest.raises(Drop):
            fetched(redis, settings(reader))
    reader.answers["/canary"] = (200, {"Content-Type": "text/html"}, b"<h1>The canary</h1>")
    assert fetched(redis, settings(reader))


def test_without_its_url_there_is_no_canary(reader: Site) -> None:
    assert not is_canary(FetchRequested(url=settings(reader).canary_url, via=CANARY), FetcherSettings())
