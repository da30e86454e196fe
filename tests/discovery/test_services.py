"""A home page alone in the file: scheduler, fetcher, parser and storage find its channels by messages."""

from collections.abc import Iterator

import pytest
from redis import Redis
from sqlalchemy import Engine
from sqlmodel import Session, select

from bench.invented_sites import Answer, Newspapers, feed, feedless, front, newspaper, robots, stories
from services.fetcher.fetch import Fetcher
from services.fetcher.listed_sitemaps import ListedSitemaps
from services.fetcher.politeness.robots import Robots
from services.fetcher.politeness.turns import Politeness
from services.fetcher.settings import FetcherSettings
from services.fetcher.wire.web import make_web
from services.parser.discovery.handler import parse_and_discover
from services.scheduler import inspections
from services.storage.settings import StorageSettings
from services.storage.store import Store
from shared.contracts import FetchRequested, Message, PageDropped, PageFetched, SiteDeclared, now_utc
from shared.database.engine import make_engine
from shared.database.models import Site, Source
from shared.errors import Drop
from shared.later import Later
from shared.pages import MemoryPages
from tests.discovery.conftest import HOST


class Services:
    """The services as functions: each message goes to the next one at once."""

    def __init__(self, engine: Engine, redis: "Redis") -> None:
        settings = FetcherSettings(fetch_allow_networks="127.0.0.0/8", fetch_allow_ports="", host_interval=0)
        self.engine, self.pages = engine, MemoryPages()
        self.web = make_web(settings)
        self.fetcher = Fetcher(
            settings, web=self.web, robots=Robots(settings, redis), politeness=Politeness(redis, settings),
            pages=self.pages, listed_sitemaps=ListedSitemaps(redis),
        )  # fmt: skip
        self.store = Store(engine, redis, Later(redis), self.pages, StorageSettings())

    def add(self, home_page: str) -> list[Source]:
        """Declares a site, lets its home page and its candidates be looked at, and returns its channels by role."""
        self.store.handle(SiteDeclared(home_page=home_page))
        self.inspect()
        return self.channels()

    def inspect(self) -> None:
        with Session(self.engine) as session:
            requests = [request for _, request in inspections.due(session, now_utc(), 10)]
        for request in requests:
            self.handle(request)

    def handle(self, request: FetchRequested) -> None:
        messages: list[Message] = []
        try:
            for page in self.fetcher.fetch(request):
                assert isinstance(page, PageFetched)
                messages += parse_and_discover(page, self.pages)
        except Drop as end:
            messages.append(PageDropped(**request.envelope(), url=request.url, stage="fetch", reason=end.reason))
        self.store.handle_batch([message for message in messages if not isinstance(message, FetchRequested)])
        for message in messages:
            if isinstance(message, FetchRequested):
                self.handle(message)

    def channels(self) -> list[Source]:
        with Session(self.engine) as session:
            return list(session.scalars(select(Source).order_by(Source.role, Source.url)))

    def site(self) -> Site:
        with Session(self.engine) as session:
            return session.scalars(select(Site)).one()


@pytest.fixture
def services(database_url: str, redis: "Redis") -> Iterator[Services]:
    engine = make_engine(database_url)
    services = Services(engine, redis)
    yield services
    services.web.close()
    engine.dispose()


def test_a_home_page_leads_to_its_feed_its_sitemap_and_their_hub(services: Services, newspapers: Newspapers) -> None:
    home = newspapers.add(HOST, newspaper())
    channels = services.add(home)
    site = services.site()
    assert (site.name, site.languages, site.discovery_end) == ("The Harbourtown Gazette", ["en"], "listed")
    assert [(channel.role, channel.found_by, channel.declared_by) for channel in channels] == [
        ("feed", "alternate", "discovery"), ("front", "home-page", "discovery"), ("sitemap", "robots", "discovery"),
    ]  # fmt: skip
    assert {channel.site_key for channel in channels} == {site.key}
    assert channels[0].hub_url == f"{home}hub"
    # The look was their first poll.
    assert all(channel.last_polled_at and channel.next_poll_at > now_utc() for channel in channels)
    assert newspapers.requests[HOST] <= 10


def test_a_site_without_feeds_leads_to_its_sections(services: Services, newspapers: Newspapers) -> None:
    channels = services.add(newspapers.add(HOST, feedless()))
    assert {channel.role for channel in channels} == {"front", "section"}
    assert newspapers.requests[HOST] <= 10


def test_a_home_page_without_headlines_leads_to_its_feed_all_the_same(
    services: Services, newspapers: Newspapers
) -> None:
    head = '<link rel="alternate" type="application/rss+xml" href="/feed.xml">'
    home = newspapers.add(HOST, lambda home: newspaper()(home) | {
        "/": Answer(f"<html><head><title>App</title>{head}</head><body><div id=app></div></body></html>"),
        "/robots.txt": robots(),
    })  # fmt: skip
    assert [channel.role for channel in services.add(home)] == ["feed"]
    assert services.site().discovery_failures == 0


def test_a_wall_is_how_the_look_at_a_site_ended_and_it_is_tried_again(
    services: Services, newspapers: Newspapers
) -> None:
    wall = Answer("<title>Just a moment...</title>", status=403, headers={"cf-mitigated": "challenge"})
    assert services.add(newspapers.add(HOST, lambda _: {"/": wall})) == []
    site = services.site()
    assert (site.discovery_end, site.discovery_failures) == ("blocked-challenge", 1)
    assert site.discover_at is not None


def test_a_second_look_says_which_channel_the_site_no_longer_names(services: Services, newspapers: Newspapers) -> None:
    home = newspapers.add(HOST, newspaper())
    services.add(home)
    address = home.removesuffix("/")
    head = '<link rel="alternate" type="application/rss+xml" href="/new.xml">'
    newspapers.paths[HOST] |= {
        "/": front("Gazette", stories(address)[:12], head), "/new.xml": feed("Gazette", address, stories(address)),
    }  # fmt: skip
    with Session(services.engine) as session, session.begin():
        session.scalars(select(Site)).one().discover_at = now_utc()
    services.inspect()
    named = {channel.url.removeprefix(home): channel.unnamed_since is None for channel in services.channels()}
    assert named == {"": True, "feed.xml": False, "new.xml": True, "news-sitemap.xml": True}
