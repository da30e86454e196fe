"""Each page's main use in a real Chromium, and that everybody can use it."""

from datetime import timedelta

import pytest

from shared.contracts import now_utc
from shared.database.models import ArticleVersion, Image, Placement, Site, Source, StoredEvent, Visit
from tests.reader.conftest import article, headline

pytestmark = pytest.mark.browser

NOW = now_utc()
PICTURE = '<svg xmlns="http://www.w3.org/2000/svg" width="40" height="30"/>'
PHONE = {"width": 360, "height": 740}


@pytest.fixture
def news(add):
    """A story in two papers, one of them with two versions, a picture and a place on the front page; and news in Arabic."""
    add(
        Site(
            key="g",
            name="Harrow Gazette",
            home_page="https://gazette.example/",
            country="GB",
            languages=["en"],
            tags=["local"],
        )
    )
    source = add(Source(key="s", name="Front", url="https://gazette.example/", site_key="g"))
    texts = ("The quay opens on Monday.\nTolls stay.", "The quay opens on Friday.\nTolls stay.")
    at = NOW - timedelta(minutes=50)
    for number, paper in ((1, "Varenne Mail"), (2, "Harrow Gazette")):
        moment = at + timedelta(minutes=number)
        add(
            article(number, title="The quay opens", text=texts[1], publisher=paper, story_id=5, language="en", source_id=source,
                    published_at=moment, published=moment.isoformat(), stored_at=moment, version=number, tags=["harbour"],
                    evidence={"title": [{"value": "The quay opens", "source": "h1", "confidence": 0.9}]})
        )  # fmt: skip
        add(
            headline(
                number,
                text="The quay opens",
                article_id=number,
                source_id=source,
                in_front=True,
                language="en",
                first_seen_at=moment,
            )
        )
    for number, text in enumerate(texts, 1):
        changes = {"text": {"added": 1, "removed": 1, "diff": "", "whole": True}} if number > 1 else None
        add(
            ArticleVersion(
                article_id=2, number=number, title="The quay opens", text=text, body_hash="0", changes=changes
            )
        )
    add(Image(article_id=2, key="1", url="https://gazette.example/quay.jpg", caption="The quay", credit="M. Ellison"))
    add(Placement(page_key="p", headline_id=2, page_url="https://gazette.example/", kind="front", position=2))
    add(Visit(trace_id="t", page_key="p", url="https://example.org/2", via="headline", article_id=2, triggered_at=at,
              ended_at=NOW, disposition="stored", status=200, steps=[]))  # fmt: skip
    add(
        article(
            3, title="المدينة تفتح الميناء القديم", text="النص الأول.", language="ar", direction="rtl", stored_at=NOW
        )
    )
    add(
        headline(3, text="المدينة تفتح الميناء القديم", language="ar", direction="rtl", article_id=3, first_seen_at=NOW)
    )


PATHS = {
    "headlines": "/", "search": "/?q=quay", "filtered": "/?language=ar&hours=24", "article": "/articles/2?q=quay",
    "arabic": "/articles/3", "version": "/articles/2/versions/2", "stories": "/stories", "story": "/stories/5",
    "trends": "/trends", "trend": "/trends?q=quay&by=tag&days=7",
}  # fmt: skip


@pytest.mark.parametrize("light", ["light", "dark"])
@pytest.mark.parametrize("path", PATHS.values(), ids=PATHS)
def test_everybody_can_use_a_page(open_page, check_accessibility, news, path, light):
    page = open_page(path, color_scheme=light)
    check_accessibility(page)
    page.set_viewport_size(PHONE)
    check_accessibility(page)
    assert page.evaluate("document.documentElement.scrollWidth") <= PHONE["width"]


@pytest.mark.parametrize("path", PATHS.values(), ids=PATHS)
def test_a_page_read_from_right_to_left_is_no_wider_than_its_window(open_page, news, path):
    page = open_page(path, viewport=PHONE)
    page.evaluate("document.documentElement.dir = 'rtl'")
    assert page.evaluate("document.documentElement.scrollWidth") <= PHONE["width"]


def test_headlines_are_scanned_filtered_and_read(open_page, expect, news):
    page = open_page()
    expect(page.locator(".item")).to_have_count(2)
    expect(page.locator(".item .badge")).to_have_text("in 2 papers")
    expect(page.locator(".item").nth(1)).to_contain_text("№ 3")
    with page.expect_navigation():
        page.select_option("[name=language]", "en")
    expect(page.locator(".item .text")).to_have_text(["The quay opens"])
    page.keyboard.press("Escape")
    page.keyboard.press("j")
    with page.expect_navigation():
        page.keyboard.press("Enter")
    expect(page.locator("aside .badge")).to_have_text("first")


def test_filters_work_without_javascript(open_page, expect, news):
    page = open_page(java_script_enabled=False)
    page.fill("[name=site]", "Harrow Gazette")
    page.click("text=Filter")
    expect(page.locator(".item")).to_have_count(1)


def test_a_search_marks_what_matched_and_leads_to_a_watch(open_page, news):
    page = open_page("/?q=quay+opens&language=en")
    assert page.locator(".item mark").all_inner_texts() == ["quay", "opens"]
    watch = page.get_by_text("Save as a watch").get_attribute("href")
    assert watch == "/watches/new?q=quay+opens+language%3A%22en%22"


def test_what_an_edit_changed_is_seen_word_by_word(open_page, expect, news):
    page = open_page("/articles/2")
    page.get_by_role("link", name="version 2").click()
    expect(page.locator(".prose del")).to_have_text("Monday")
    expect(page.locator(".prose ins")).to_have_text("Friday")


def test_pictures_are_loaded_from_newspapers_only_where_they_are_wanted(open_page, news):
    page = open_page("/articles/2")
    assert page.locator(".prose img").count() == 0
    page.goto("/")
    page.get_by_text("Show pictures").click()
    page.context.route("**/quay.jpg", lambda route: route.fulfill(body=PICTURE, content_type="image/svg+xml"))
    page.goto("/articles/2")
    page.wait_for_function("document.querySelector('.prose img').naturalWidth == 40")


def test_an_image_is_reported(open_page, expect, news):
    page = open_page("/articles/2")
    page.get_by_role("button", name="Report this image").click()
    expect(page.locator("main")).to_contain_text("Thank you")


def test_a_trend_is_counted_drawn_and_taken_out(open_page, expect, news):
    page = open_page("/trends")
    page.fill("main [name=q]", "quay")
    with page.expect_navigation():
        page.press("main [name=q]", "Enter")
    with page.expect_navigation():
        page.select_option("[name=by]", "site")
    expect(page.locator(".legend bdi")).to_have_text(["Harrow Gazette", "Varenne Mail"])
    expect(page.locator(".chart polyline")).to_have_count(2)
    with page.expect_download() as download:
        page.click("text=CSV")
    assert "Harrow Gazette" in download.value.path().read_text()


def test_what_is_new_is_announced_and_nothing_moves_before_it_is_asked_for(open_page, expect, news, add):
    page = open_page("/?language=en")
    add(headline(8, text="Ferry strike ends", language="en", first_seen_at=NOW))
    add(headline(9, text="La grève est finie", language="fr", first_seen_at=NOW))
    add(StoredEvent(event_id="e", type="headline.seen", subject="s", time=NOW, data={}))
    page.get_by_role("link", name="1 new").wait_for()
    assert "Ferry strike ends" not in page.inner_text("main")
    page.get_by_role("link", name="1 new").click()
    expect(page.locator(".item .text").first).to_have_text("Ferry strike ends")
