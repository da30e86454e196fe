"""Reading by keys and by buttons, with and without scripts; and users, in a real Chromium."""

import re

import pytest
from sqlmodel import Session, select

from services.reader.access.accounts import add_account
from services.reader.access.roles import Role
from shared.database.models import ReadState
from tests.reader.conftest import article, headline

pytestmark = pytest.mark.browser
PHONE = {"width": 360, "height": 740}


@pytest.fixture
def news(add):
    for number in (1, 2, 3):
        add(article(number, id=number, title=f"Quay {number}"))
        add(headline(number, text=f"Quay {number}", article_id=number))


def item(page, number):
    return page.locator(f"#a{number}")


def test_keys_star_and_read_the_headline_that_has_the_focus(open_page, news):
    page = open_page("/")
    page.keyboard.press("j")
    page.keyboard.press("j")
    with page.expect_response("**/reading"):
        page.keyboard.press("s")
    item(page, 2).locator("button[name=unstar]").wait_for()
    assert page.evaluate("document.activeElement.textContent") == "Quay 2", "the focus stays where it was"
    with page.expect_response("**/reading"):
        page.keyboard.press("m")
    page.locator("#a2.read").wait_for()
    assert page.url.endswith("/")
    page.goto("/?show=unread")
    page.keyboard.press("j")
    page.keyboard.press("m")
    item(page, 3).wait_for(state="detached")
    assert page.evaluate("document.activeElement.textContent") == "Quay 1", "the next one has the focus"
    page.keyboard.press("Shift+A")
    page.get_by_text("No headline meets all of this.").wait_for()


@pytest.mark.parametrize("java_script", [True, False], ids=["script", "no-script"])
def test_buttons_star_and_read(open_page, expect, engine, news, java_script):
    page = open_page("/", java_script_enabled=java_script)
    item(page, 2).get_by_role("button", name="Star").click()
    item(page, 2).locator("button[name=unstar]").wait_for()
    page.get_by_role("link", name="Quay 1").click()
    page.get_by_role("button", name="☆ Star").click()
    expect(page.get_by_role("button", name="★ Starred")).to_be_visible()
    page.goto("/?show=starred")
    expect(page.locator("[data-item]")).to_have_count(2)
    page.goto("/articles/3")
    page.get_by_role("button", name="Keep unread").click()
    expect(item(page, 3).locator("button[name=read]")).to_be_visible()
    page.get_by_role("button", name="Mark all as read").click()
    expect(page.locator(".item.read")).to_have_count(3)
    with Session(engine) as session:
        assert {row.article_id for row in session.scalars(select(ReadState)) if row.starred_at} == {1, 2}


@pytest.mark.parametrize("options", [{}, {"color_scheme": "dark"}, {"viewport": PHONE}], ids=["light", "dark", "phone"])
def test_everybody_can_use_the_pages(open_page, check_accessibility, add, engine, news, options):
    add(ReadState(owner=0, article_id=2, is_read=True))
    with Session(engine) as session:
        add_account(session, "ada", Role.EDITOR, None)
        session.commit()
    page = open_page("/", **options)
    for path in ("/", "/articles/2", "/users", "/users/ada"):
        page.goto(path)
        check_accessibility(page)
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth"), path


def test_a_user_is_added_gets_a_token_and_is_kept_out(open_page, expect):
    page = open_page("/users", java_script_enabled=False)
    page.get_by_label("Name").fill("ada")
    page.get_by_label("Role").select_option("editor")
    page.get_by_label("Password").fill("a dozen ferries at dusk")
    page.get_by_role("button", name="Add").click()
    expect(page).to_have_url(re.compile("/users/ada$"))
    page.get_by_label("Label").fill("night job")
    page.get_by_role("button", name="Make a token").click()
    expect(page.get_by_role("status")).to_contain_text("newsmill_")
    page.get_by_role("button", name="Revoke night job").click()
    expect(page.get_by_text("revoked")).to_be_visible()
    page.get_by_role("button", name="Disable").click()
    expect(page.get_by_role("button", name="Enable")).to_be_visible()
    page.get_by_role("link", name="All users").click()
    expect(page.get_by_role("row").filter(has_text="ada").get_by_text("disabled")).to_be_visible()
