"""Articles whose pages refuse to be fetched are stored from their feeds' full texts."""

from datetime import timedelta
from typing import Any

import pytest
from redis import Redis
from sqlmodel import Session

from services.scheduler import retries
from services.storage.retention import Retention
from services.storage.settings import StorageSettings
from shared.contracts import Article, ArticleParsed, HeadlinesParsed, ItemTexts, Kind, PageDropped, Reason, now_utc
from shared.database.models import Article as ArticleRow
from shared.database.models import ArticleVersion, FeedText, Visit
from shared.database.models import Headline as HeadlineRow
from shared.database.models import Page as PageRow
from tests.storage.test_store import Bench, bench, events, headline

__all__ = ["bench"]

FEED, STORY, SECOND = (f"https://news.example/{path}" for path in ("feed", "a/1", "a/2"))
FEED_TEXT, PAGE_TEXT = "The quay is rebuilt.\nShips call again.", "The quay is rebuilt.\nShips call again in May."


def feed(bench: Bench, *urls: str, text: str = FEED_TEXT, minutes: int = 0) -> HeadlinesParsed:
    article = Article(title="Headline number 1", text=text, authors=("Ada Lind",), tags=("Sea",), text_from="feed")
    texts = ItemTexts(articles=dict.fromkeys(urls or (STORY,), article))
    key = bench.pages.put(texts.model_dump_json(exclude_defaults=True).encode())
    headlines = (headline(1), headline(2))
    return HeadlinesParsed(page=bench.page(FEED, minutes), kind=Kind.FEED, headlines=headlines, texts=key)


def refusal(reason: Reason = Reason.HTTP_403, url: str = STORY, **fields: Any) -> PageDropped:
    return PageDropped(url=url, stage="fetch", reason=reason, detail="HTTP 403", **fields)


def page_text(bench: Bench, minutes: int = 60, url: str = STORY, text: str = PAGE_TEXT) -> ArticleParsed:
    return ArticleParsed(page=bench.page(url, minutes), article=Article(title="Headline number 1", text=text))


def stored(bench: Bench) -> list[tuple[str, str, int]]:
    return [(row.text, row.text_from, row.version) for row in bench.rows(ArticleRow)]


@pytest.mark.parametrize(
    "reason",
    [Reason.HTTP_401, Reason.HTTP_403, Reason.HTTP_451, Reason.HTTP_4XX, Reason.BLOCKED_CHALLENGE, Reason.CONSENT_WALL,
     Reason.ROBOTS, Reason.NO_CONTENT],
)  # fmt: skip
def test_an_article_whose_page_refuses_is_stored_from_its_feed_and_says_so(
    bench: Bench, redis: "Redis", reason: Reason
) -> None:
    bench.store.handle(feed(bench))
    bench.store.handle(refusal(reason))
    [row] = bench.rows(ArticleRow)
    assert (row.text, row.text_from, row.authors, row.tags, row.url) == (
        FEED_TEXT,
        "feed",
        ["Ada Lind"],
        ["Sea"],
        STORY,
    )
    [page] = [page for page in bench.rows(PageRow) if page.url == STORY]
    assert (page.disposition, page.article_id) == (reason, row.id)
    assert page.detail == "HTTP 403; stored from its feed's text"
    assert [visit.article_id for visit in bench.rows(Visit) if visit.url == STORY] == [row.id]
    assert {line.position: line.article_id for line in bench.rows(HeadlineRow)} == {1: row.id, 2: None}
    assert [event["data"]["text_from"] for event in events(bench) if event["type"].endswith("article.stored")] == [
        "feed"
    ]
    assert bench.pages.bodies == {}


@pytest.mark.parametrize("reason", [Reason.HTTP_404, Reason.HTTP_410, Reason.HTTP_5XX, Reason.TIMEOUT, Reason.NOT_TEXT])
def test_a_page_that_is_gone_or_late_is_not_stored_from_its_feed(bench: Bench, reason: Reason) -> None:
    bench.store.handle(feed(bench))
    bench.store.handle(refusal(reason))
    assert bench.rows(ArticleRow) == []


def test_a_refusal_that_comes_twice_changes_nothing(bench: Bench) -> None:
    end = refusal()
    for message in (feed(bench), end, end):
        bench.store.handle(message)
    assert stored(bench) == [(FEED_TEXT, "feed", 1)]
    [page] = [page for page in bench.rows(PageRow) if page.url == STORY]
    assert page.detail == "HTTP 403; stored from its feed's text"


@pytest.mark.parametrize("minutes", [60, -60])
def test_the_pages_own_text_is_the_next_version_when_it_can_be_fetched(bench: Bench, minutes: int) -> None:
    for message in (feed(bench), refusal(), page_text(bench, minutes)):
        bench.store.handle(message)
    assert stored(bench) == [(PAGE_TEXT, "page", 2)]
    assert [version.text_from for version in bench.rows(ArticleVersion)] == ["feed", "page"]


def test_a_page_with_the_feeds_very_words_is_no_new_version_and_marked_as_read(bench: Bench) -> None:
    for message in (feed(bench), refusal(), page_text(bench, text=FEED_TEXT)):
        bench.store.handle(message)
    assert stored(bench) == [(FEED_TEXT, "page", 1)]


def test_a_feeds_text_never_replaces_a_text_that_was_read_from_the_page(bench: Bench) -> None:
    bench.store.handle(feed(bench, STORY, SECOND))
    bench.store.handle(page_text(bench))
    bench.store.handle(refusal(trace_id="later"))
    assert stored(bench) == [(PAGE_TEXT, "page", 1)]
    assert [text.url for text in bench.rows(FeedText)] == [SECOND]


def test_texts_are_taken_out_of_the_page_store_only_for_pages_without_an_article(bench: Bench) -> None:
    for message in (feed(bench), page_text(bench), page_text(bench, url=SECOND, text="Another story.")):
        bench.store.handle(message)
    again = feed(bench, STORY, SECOND, minutes=90)
    bench.pages.bodies[again.texts or ""] = b"no texts, and nobody looks"
    bench.store.handle(again)
    assert bench.rows(FeedText) == []


def test_a_text_that_comes_after_the_refusal_has_the_page_asked_for_once_more(bench: Bench) -> None:
    bench.store.handle(bench.listing(headline(1)))
    bench.store.handle(refusal())
    bench.store.handle(feed(bench, minutes=10))
    with Session(bench.engine) as session:
        [(_, fetch)] = retries.due(session, now_utc(), 10)
    assert fetch.url == STORY
    bench.store.handle(refusal(trace_id=fetch.trace_id, via="retry"))
    assert stored(bench) == [(FEED_TEXT, "feed", 1)]
    bench.store.handle(feed(bench, minutes=20))
    with Session(bench.engine) as session:
        assert retries.due(session, now_utc() + timedelta(days=9), 10) == []


def test_a_text_that_nobody_needed_is_removed_when_its_time_is_over(bench: Bench) -> None:
    bench.store.handle(feed(bench))
    assert Retention(bench.engine, StorageSettings(keep_feed_texts_days=0)).step().get("feed-texts") is None
    assert Retention(bench.engine, StorageSettings(keep_feed_texts_days=1)).step()["feed-texts"] == 1
    assert bench.rows(FeedText) == []


STUB, FULL_TEXT = "The quay is rebuilt.", "The quay is rebuilt.\nShips call again.\nSubscribers read this."


def cut_off(bench: Bench, minutes: int = 60, text: str = STUB) -> ArticleParsed:
    message = page_text(bench, minutes, text=text)
    article = message.article.model_copy(update={"paywalled": True, "section": "Harbour"})
    return message.model_copy(update={"article": article, "trace_id": f"page {minutes}"})


def test_of_a_page_behind_a_paywall_the_longer_text_of_its_feed_is_stored(bench: Bench) -> None:
    bench.store.handle(feed(bench, text=FULL_TEXT))
    bench.store.handle(cut_off(bench))
    assert stored(bench) == [(FULL_TEXT, "feed", 1)]
    [row] = bench.rows(ArticleRow)
    assert (row.section, row.paywalled) == ("Harbour", True)
    [page] = [page for page in bench.rows(PageRow) if page.url == STORY]
    assert (page.disposition, page.detail, page.article_id) == (
        "stored",
        "behind a paywall; stored from its feed's text",
        row.id,
    )
    assert bench.rows(FeedText) == []


def test_a_later_look_at_a_page_behind_a_paywall_does_not_cut_off_what_the_feed_gave(bench: Bench) -> None:
    for message in (feed(bench, text=FULL_TEXT), cut_off(bench), cut_off(bench, 90)):
        bench.store.handle(message)
    assert stored(bench) == [(FULL_TEXT, "feed", 1)]
    bench.store.handle(cut_off(bench, 120, text=f"{FULL_TEXT}\nNow for all."))
    assert [(text_from, version) for _, text_from, version in stored(bench)] == [("page", 2)]


def test_a_page_behind_a_paywall_that_shows_more_than_its_feed_keeps_its_text(bench: Bench) -> None:
    bench.store.handle(feed(bench, text="The quay."))
    bench.store.handle(cut_off(bench))
    bench.store.handle(feed(bench, text="The quay.", minutes=90))
    assert stored(bench) == [(STUB, "page", 1)]
    assert bench.rows(FeedText) == []


def test_a_text_that_comes_after_a_page_behind_a_paywall_has_it_asked_for_once_more(bench: Bench) -> None:
    bench.store.handle(bench.listing(headline(1)))
    bench.store.handle(cut_off(bench))
    bench.store.handle(feed(bench, text=FULL_TEXT, minutes=70))
    with Session(bench.engine) as session:
        [(_, fetch)] = retries.due(session, now_utc(), 10)
    bench.store.handle(cut_off(bench, 80).model_copy(update={"trace_id": fetch.trace_id, "via": "retry"}))
    assert stored(bench) == [(FULL_TEXT, "feed", 2)]
    bench.store.handle(feed(bench, text=FULL_TEXT, minutes=90))
    with Session(bench.engine) as session:
        assert retries.due(session, now_utc() + timedelta(days=9), 10) == []


def test_a_text_of_an_article_that_all_may_read_stays_however_long_its_feed_s_is(bench: Bench) -> None:
    bench.store.handle(feed(bench, text=FULL_TEXT))
    bench.store.handle(page_text(bench, text=STUB))
    bench.store.handle(feed(bench, text=FULL_TEXT, minutes=90))
    assert stored(bench) == [(STUB, "page", 1)]
