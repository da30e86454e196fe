"""Watches as people make and follow them, in a real Chromium."""

import re

import pytest

from shared.contracts import now_utc
from shared.database.models import Delivery, Match, Receiver, Watch
from tests.reader.conftest import article, headline

pytestmark = pytest.mark.browser


@pytest.fixture
def watch(add) -> int:
    """A watch with a match, a webhook that fails, and a delivery that was given up."""
    article_id = add(article(1, title="The quay opens"))
    watch_id = add(
        Watch(name="Harbour", query="quay", feed_secret="s" * 24, created_at=now_utc(), changed_at=now_utc())
    )
    receiver = add(
        Receiver(watch_id=watch_id, kind="webhook", url="https://hook.example/x", state="disabled", reason="gone (410)")
    )
    add(Match(watch_id=watch_id, subject="article:1", article_id=article_id, kind="new", title="The quay opens"))
    add(
        Delivery(
            receiver_id=receiver,
            message_id="m",
            state="failed",
            attempts=9,
            status=500,
            error="refused",
            payload={"type": "watch.matched"},
        )
    )
    return watch_id


PATHS = {
    "watches": "/watches", "new": "/watches/new?q=quay", "watch": "/watches/1", "deliveries": "/watches/1/deliveries",
}  # fmt: skip


@pytest.mark.parametrize("light", ["light", "dark"])
@pytest.mark.parametrize("path", PATHS.values(), ids=PATHS)
def test_everybody_can_use_a_page(open_page, check_accessibility, watch, path, light):
    page = open_page(path, color_scheme=light)
    for part in page.locator("details").all():
        part.evaluate("part => { part.open = true }")
    check_accessibility(page)
    page.set_viewport_size({"width": 360, "height": 740})
    check_accessibility(page)
    assert page.evaluate("document.documentElement.scrollWidth") <= 360


def test_a_search_becomes_a_watch_that_tells_a_webhook_whose_secret_is_shown_once(open_page, expect, add):
    add(headline(1, text="The quay opens", article_id=add(article(1, title="The quay opens", stored_at=now_utc()))))
    page = open_page("/?q=quay")
    page.get_by_role("link", name="Save as a watch").click()
    expect(page.locator("aside")).to_contain_text("In the last seven days: 1")
    page.fill("form.stack [name=name]", "Harbour")
    page.fill("form.stack [name=url]", "https://hook.example/quay?key=secret")
    page.get_by_role("button", name="Make the watch").click()
    expect(page.locator(".flash code")).to_have_text(re.compile("^whsec_"))
    assert "key=secret" not in page.content()
    page.get_by_role("link", name="Harbour").first.or_(page.get_by_role("link", name="Watches")).first.click()
    assert "whsec_" not in page.content()


def test_what_asks_for_nothing_is_refused_in_words_and_keeps_what_was_written(open_page, expect):
    page = open_page("/watches/new")
    page.fill("[name=name]", "Nothing")
    page.fill("[name=query]", "-")
    with page.expect_response(lambda answer: answer.status == 422):
        page.get_by_role("button", name="Make the watch").click()
    expect(page.locator("[role=alert]")).to_contain_text("asks for nothing")
    expect(page.locator("[name=name]")).to_have_value("Nothing")


def test_a_watch_is_paused_edited_and_removed_without_javascript(open_page, expect, watch):
    page = open_page(f"/watches/{watch}", java_script_enabled=False)
    page.get_by_role("button", name="Pause").click()
    expect(page.locator("h1 .badge")).to_have_text("paused")
    page.get_by_text("Edit", exact=True).click()
    page.fill("[name=query]", "quay or pier")
    page.get_by_role("button", name="Save").click()
    expect(page.locator("main")).to_contain_text("quay or pier")
    page.locator("summary", has_text="Remove").click()
    page.get_by_role("button", name="Remove the watch").click()
    expect(page.locator("main")).to_contain_text("No watch yet")


def test_a_failed_delivery_is_sent_again_once_its_receiver_is_enabled(open_page, expect, watch):
    page = open_page(f"/watches/{watch}")
    page.get_by_role("button", name="Enable").click()
    expect(page.get_by_role("button", name="Enable")).to_have_count(0)
    page.get_by_role("link", name="Deliveries").click()
    page.get_by_role("button", name="Send again").click()
    expect(page.locator("tbody .badge")).to_have_text("waiting")
