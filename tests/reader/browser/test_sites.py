"""The list of sites and the page of a site in a real Chromium: scanned, filtered, and read in every colour and width."""

from collections.abc import Callable
from datetime import timedelta
from typing import TYPE_CHECKING, Any

import pytest
from sqlalchemy import Engine
from sqlmodel import Session

from shared.contracts import now_utc
from shared.database.models import Alert, Placement, Site, Source
from tests.reader.conftest import article, headline

if TYPE_CHECKING:
    from playwright.sync_api import Page

pytestmark = pytest.mark.browser
KEY = "a" * 32
NOW = now_utc()


@pytest.fixture
def filled(engine: Engine) -> None:
    """A silent site with a channel, articles and a front page, and one of which nothing is known."""
    polls = {
        "last_polled_at": NOW,
        "last_success_at": NOW,
        "last_disposition": "listed",
        "reason": "every 15 min, as set",
    }
    with Session(engine) as session:
        session.add(
            Site(key=KEY, name="صحيفة الميناء", home_page="https://harbour.example/", tags=["daily"], languages=["ar"])
        )
        session.add(Site(key="b" * 32, name="New paper", home_page="https://new.example/", tags=["weekly"]))
        session.add(
            Source(id=1, key=KEY, name="Front", url="https://harbour.example/", site_key=KEY, role="front", **polls)
        )
        session.add(Alert(
            subject=f"site:{KEY}", site_key=KEY, name="x", kind="silent", since=NOW - timedelta(hours=9), opened_at=NOW,
            evidence={}, cause="its channels answer and list nothing new",
        ))  # fmt: skip
        session.flush()
        for number in range(40):
            moment = NOW - timedelta(hours=12 * (40 - number))
            session.add(article(number, source_id=1, stored_at=moment, fetched_at=moment, updated_at=moment))
            session.add(headline(
                number, id=number + 1, source_id=1, in_front=True, link_key=f"k{number}", first_seen_at=moment, last_seen_at=moment
            ))  # fmt: skip
        session.flush()
        session.add(
            Placement(page_key=KEY, headline_id=1, page_url="https://harbour.example/", kind="front", position=0)
        )
        session.commit()


@pytest.mark.usefixtures("filled")
@pytest.mark.parametrize("path", ["/sites", f"/sites/{KEY}", "/sites/add", "/sites?q=nothing"])
@pytest.mark.parametrize("color_scheme", ["light", "dark"])
def test_nobody_is_kept_out(
    open_page: Callable[..., "Page"], check_accessibility: Callable[["Page"], None], path: str, color_scheme: str
) -> None:
    check_accessibility(open_page(path, color_scheme=color_scheme))


@pytest.mark.usefixtures("filled")
@pytest.mark.parametrize("path", ["/sites", f"/sites/{KEY}"])
def test_a_phone_needs_no_scrolling_sideways(open_page: Callable[..., "Page"], path: str) -> None:
    page = open_page(path, viewport={"width": 360, "height": 740})
    width: Any = page.evaluate("document.documentElement.scrollWidth")
    assert width <= 360


@pytest.mark.usefixtures("filled")
def test_a_choice_shows_the_sites_that_have_it_and_a_key_opens_one(
    open_page: Callable[..., "Page"], expect: Callable[..., Any]
) -> None:
    page = open_page("/sites")
    expect(page.get_by_role("link", name="New paper")).to_be_visible()
    page.get_by_label("Tag").select_option("daily")
    page.wait_for_url("**/sites?**tag=daily**")
    expect(page.get_by_role("link", name="New paper")).to_have_count(0)
    page.keyboard.press("j")
    page.keyboard.press("o")
    page.wait_for_url(f"**/sites/{KEY}")
    expect(page.get_by_text("its channels answer and list nothing new").first).to_be_visible()
