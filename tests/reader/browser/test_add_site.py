"""A site is added, paused and taken back in a real Chromium, while fetcher, parser and storage do what the pages ask of them."""

import json
from collections.abc import Callable, Iterator
from threading import Event, Thread
from typing import TYPE_CHECKING, Any

import pytest
from redis import Redis
from sqlalchemy import Engine, select
from sqlmodel import Session

from bench.invented_sites import Newspapers, newspaper
from shared.contracts import FetchRequested, decode
from shared.database.models import Site, Source
from shared.later import MESSAGES, Later
from tests.discovery.conftest import HOST, newspapers
from tests.discovery.test_services import Services

if TYPE_CHECKING:
    from playwright.sync_api import Page

__all__ = ["newspapers"]

pytestmark = pytest.mark.browser
Open = Callable[..., "Page"]


@pytest.fixture
def workers(engine: Engine, redis: "Redis") -> Iterator[Services]:
    """The services, which take each message that the reader sends until the test ends."""
    services, later, stopped = Services(engine, redis), Later(redis), Event()

    def work() -> None:
        while not stopped.wait(0.05):
            for message in [decode(json.loads(packed)) for packed in redis.hvals(MESSAGES)]:
                if isinstance(message, FetchRequested):
                    services.handle(message)
                else:
                    services.store.handle(message)
                later.release([message.trace_id])

    thread = Thread(target=work, daemon=True)
    thread.start()
    yield services
    stopped.set()
    thread.join(30)
    services.web.close()


def rows(engine: Engine, table: Any) -> list[Any]:
    with Session(engine) as session:
        return list(session.scalars(select(table)))


@pytest.mark.usefixtures("workers")
def test_a_site_is_looked_at_its_channels_are_chosen_and_it_is_added(
    open_page: Open, check_accessibility: Callable[["Page"], None], newspapers: Newspapers, engine: Engine
) -> None:
    home = newspapers.add(HOST, newspaper())
    page = open_page("/sites")
    page.get_by_role("link", name="Add a site").click()
    check_accessibility(page)
    page.get_by_label("Address of its home page").fill(home)
    page.get_by_role("button", name="Look").click()
    page.get_by_role("button", name="Add this site").wait_for()
    check_accessibility(page)
    assert page.get_by_role("row").filter(has_text="feed.xml").get_by_role("checkbox").is_checked()
    assert rows(engine, Site) == []
    page.get_by_label("Name", exact=True).fill("My <b>paper</b>")
    page.get_by_label("Tags").fill("daily, south")
    page.get_by_role("button", name="Add this site").click()
    page.get_by_role("heading", name="My <b>paper</b>").wait_for()
    check_accessibility(page)
    [site] = rows(engine, Site)
    assert (site.home_page, site.tags, site.declared_by) == (home, ["daily", "south"], "page")
    assert {source.url for source in rows(engine, Source)} >= {home, f"{home}feed.xml"}


@pytest.mark.parametrize("java_script_enabled", [True, False], ids=["with-scripts", "without-scripts"])
@pytest.mark.usefixtures("workers")
def test_a_site_is_paused_and_that_is_taken_back(
    open_page: Open, engine: Engine, check_accessibility: Callable[["Page"], None], *, java_script_enabled: bool
) -> None:
    with Session(engine) as session:
        session.add(Site(key="a" * 32, name="Gazette", home_page="https://gazette.example/"))
        session.commit()
    page = open_page(f"/sites/{'a' * 32}", java_script_enabled=java_script_enabled)
    page.get_by_role("button", name="Pause").click()
    page.get_by_text("state active → paused").wait_for()
    assert [site.state for site in rows(engine, Site)] == ["paused"]
    if java_script_enabled:
        check_accessibility(page)
    page.get_by_role("button", name="Undo").click()
    page.get_by_text("state paused → active").wait_for()
    assert [(site.state, site.edits) for site in rows(engine, Site)] == [("active", [])]
