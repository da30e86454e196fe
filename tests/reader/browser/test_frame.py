"""What all pages share: the frame, the keys, light and dark, and no script at all."""

import pytest

from tests.reader.conftest import article, headline

pytestmark = pytest.mark.browser

LIGHTS = ("light", "dark")
WIDTHS = {"phone": {"width": 360, "height": 740}, "wide": {"width": 1600, "height": 900}}


@pytest.fixture(autouse=True)
def news(add):
    article_id = add(article(1, title="The quay opens"))
    add(headline(1, text="The quay opens", article_id=article_id, language="en"))
    add(headline(2, text="المدينة تفتح الميناء القديم", language="ar", direction="rtl"))
    add(headline(3, text="Le sénat vote la loi", language="fr"))


def focused(page) -> str:
    return page.evaluate("document.activeElement.innerText")


def test_j_and_k_move_between_headlines_and_o_opens_one(open_page, expect):
    page = open_page()
    page.keyboard.press("j")
    assert focused(page) == "Le sénat vote la loi"
    for _ in range(5):
        page.keyboard.press("j")
    assert focused(page) == "The quay opens"
    page.keyboard.press("k")
    assert focused(page) == "المدينة تفتح الميناء القديم"
    page.keyboard.press("j")
    with page.expect_navigation():
        page.keyboard.press("o")
    expect(page.locator("h1")).to_have_text("The quay opens")


def test_a_slash_goes_to_the_search_and_escape_leaves_it(open_page, expect):
    page = open_page()
    page.keyboard.press("/")
    page.keyboard.type("jok?")
    expect(page.locator("#search")).to_have_value("jok?")
    page.keyboard.press("Escape")
    page.keyboard.press("j")
    assert focused(page) == "Le sénat vote la loi"


def test_a_question_mark_shows_the_keys(open_page, expect, check_accessibility):
    page = open_page()
    page.keyboard.press("?")
    expect(page.locator("dialog")).to_be_visible()
    check_accessibility(page)
    page.keyboard.press("Escape")
    expect(page.locator("dialog")).to_be_hidden()


def test_g_and_a_letter_go_to_a_page(open_page):
    page = open_page("/articles/1")
    page.keyboard.press("g")
    with page.expect_navigation():
        page.keyboard.press("h")
    assert page.url.endswith("/")


def test_without_javascript_everything_is_there(open_page, expect):
    page = open_page(java_script_enabled=False)
    page.fill("#search", "senat")
    page.press("#search", "Enter")
    expect(page.locator(".item")).to_have_count(1)
    expect(page.locator(".item")).to_contain_text("Le sénat vote la loi")


@pytest.mark.parametrize("size", WIDTHS.values(), ids=WIDTHS)
@pytest.mark.parametrize("light", LIGHTS)
@pytest.mark.parametrize("path", ["/", "/?q=nothing", "/articles/1"], ids=["headlines", "none", "article"])
def test_a_page_is_accessible_and_no_wider_than_its_window(open_page, check_accessibility, path, light, size):
    page = open_page(path, color_scheme=light, viewport=size)
    check_accessibility(page)
    assert page.evaluate("document.documentElement.scrollWidth") <= size["width"]


def test_what_is_focused_is_seen(open_page):
    page = open_page()
    page.keyboard.press("Tab")
    assert page.evaluate("getComputedStyle(document.activeElement).outlineStyle") == "solid"
    assert page.locator(".skip").bounding_box()["y"] >= 0
