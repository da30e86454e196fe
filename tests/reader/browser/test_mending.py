"""Signing in, mending the pipeline and judging images in a real Chromium, and that everybody can do it."""

import json
import re

import pytest
from sqlmodel import Session

from services.reader.access.passwords import hash_password
from services.reader.settings import ReaderSettings
from shared.brake import Brake
from shared.contracts import FetchRequested, encode, now_utc
from shared.database.models import Account, ApiToken, Audit, ImageAudit, ImageBlock, ImageReport
from shared.dead import DeadLetters, letter
from shared.later import MESSAGES, TURNS
from shared.urls import fingerprint

pytestmark = pytest.mark.browser
PASSWORD = "a dozen ferries at dusk"
PICTURE = "https://img.example/quay.jpg"
PHONE = {"width": 360, "height": 740}


@pytest.fixture
def settings() -> ReaderSettings:
    return ReaderSettings(reader_accounts=True)


@pytest.fixture
def store(engine, redis) -> DeadLetters:
    """An admin; a day on which something went wrong in every part."""
    with Session(engine) as session:
        admin = Account(name="ada", role="admin", password_hash=hash_password(PASSWORD))
        session.add(admin)
        session.flush()
        session.add(ApiToken(account_id=admin.id, label="night job", digest="0" * 64, scopes=["read"]))
        session.add(Audit(actor="ada", via="token", action="change_site", subject="k", detail={"state": "paused"}))
        session.add(
            ImageReport(image_key=fingerprint(PICTURE), url=PICTURE, reporter="r", reason="gore", reported_at=now_utc())
        )
        session.add(ImageBlock(subject="b" * 32, url="https://img.example/other.jpg", reports=3, changed_at=now_utc()))
        session.add(
            ImageAudit(
                subject="b" * 32, url="https://img.example/other.jpg", action="blocked", actor="reports", at=now_utc()
            )
        )
        session.commit()
    store = DeadLetters(redis)
    for number, cause in enumerate(("crashed", "crashed", "malformed")):
        request = FetchRequested(trace_id=f"t{number}", url=f"https://gazette.example/{number}")
        aside = letter(
            "fetch", cause, "no luck", encode(request), trace_id=request.trace_id, where="services/fetcher/fetch.py:9"
        )
        store.set_aside(aside)
    Brake(redis).count("fetch", 40, 2)
    redis.zadd(TURNS, {"gazette.example": 1})
    redis.zadd(f"{TURNS}:gazette.example", {"t": 1})
    redis.hset("newsmill:paused", "parse there-7", json.dumps([now_utc().timestamp(), "queue store: 9 messages of 4"]))
    return store


def enter(page) -> None:
    """Signs in on the form on which a browser that is nobody's ends."""
    page.get_by_label("Name").fill("ada")
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Sign in").click()


@pytest.mark.parametrize("java_script", [True, False], ids=["script", "no-script"])
def test_a_dead_letter_is_tried_again_by_who_has_signed_in(open_page, expect, store, java_script) -> None:
    page = open_page("/pipeline", java_script_enabled=java_script)
    expect(page).to_have_url(re.compile(r"/login\?next=%2Fpipeline$"))
    enter(page)
    expect(page).to_have_url(re.compile("/pipeline$"))
    page.get_by_role("link", name="crashed").click()
    page.get_by_role("row").filter(has_text="https://gazette.example/0").get_by_role("link").first.click()
    page.get_by_role("button", name="Try 1 again").click()
    expect(page.get_by_text("1 dead letters were sent")).to_be_visible()
    assert sum(store.counts().values()) == 2
    page.get_by_text("All of them").locator("xpath=following-sibling::ul").get_by_text("Drop …").click()
    page.get_by_role("button", name="Drop 2 for good").click()
    expect(page.get_by_text("2 dead letters were dropped")).to_be_visible()
    assert store.counts() == {}


def test_a_reported_image_is_blocked_with_a_reason_and_the_block_is_undone(open_page, expect, store, redis) -> None:
    page = open_page("/images")
    enter(page)
    row = page.get_by_role("row").filter(has_text=PICTURE).first
    row.get_by_label("Why").fill("gore, indeed")
    row.get_by_role("button", name="Block").click()
    page.get_by_role("button", name="Undo").click()
    expect(page.get_by_text("Shown again")).to_be_visible()
    judged = [json.loads(packed) for packed in redis.hvals(MESSAGES)]
    assert sorted((message["blocked"], message["actor"]) for message in judged) == [(False, "ada"), (True, "ada")]


def test_a_token_is_made_and_the_password_changed(open_page, expect, store) -> None:
    page = open_page("/account")
    enter(page)
    page.get_by_label("Label").fill("morning job")
    page.get_by_role("button", name="Make a token").click()
    expect(page.get_by_role("status")).to_contain_text(re.compile(r"newsmill_[\w-]{43}"))
    page.get_by_label("Present password").fill(PASSWORD)
    page.get_by_label("New password").fill("another ferry at dawn")
    page.get_by_role("button", name="Change the password").click()
    expect(page.get_by_text("The password is changed")).to_be_visible()
    page.get_by_role("button", name="Sign out", exact=True).click()
    expect(page).to_have_url(re.compile("/login$"))


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("viewport", [None, PHONE], ids=["wide", "phone"])
def test_everybody_can_use_these_pages(open_page, store, check_accessibility, scheme, viewport) -> None:
    options = {"viewport": viewport} if viewport else {}
    page = open_page("/login", color_scheme=scheme, **options)
    check_accessibility(page)
    enter(page)
    letter_id = next(iter(store.every())).id
    for path in (
        "/account",
        "/audit",
        "/pipeline",
        "/pipeline/dead?stage=fetch&cause=crashed",
        f"/pipeline/dead/{letter_id}",
        "/images",
    ):
        page.goto(path)
        check_accessibility(page)
        width = page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
        assert width <= 0, f"{path} is wider than its window"
