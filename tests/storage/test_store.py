"""What a batch of messages makes of a database, on SQLite and PostgreSQL."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from redis import Redis
from sqlalchemy import Engine, func, select
from sqlmodel import Session, SQLModel

from services.storage.settings import StorageSettings
from services.storage.store import Store
from shared.contracts import (
    Access,
    Article,
    ArticleParsed,
    Headline,
    HeadlinesParsed,
    Image,
    Kind,
    Page,
    PageDropped,
    Reason,
    SourceDeclared,
)
from shared.database import event_log
from shared.database.engine import make_engine
from shared.database.models import Article as ArticleRow
from shared.database.models import ArticleChange, ArticleVersion, Source
from shared.database.models import Headline as HeadlineRow
from shared.database.models import Image as ImageRow
from shared.database.models import Page as PageRow
from shared.errors import Unavailable
from shared.later import Later
from shared.pages import MemoryPages
from shared.queues import STORED

NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)


class Bench:
    """A store on a real database, with short words for what tests do to it."""

    def __init__(self, engine: Engine, redis: "Redis") -> None:
        self.engine = engine
        self.later = Later(redis)
        self.pages = MemoryPages()
        self.store = Store(engine, redis, self.later, self.pages, StorageSettings())

    def page(self, url: str, minutes: int = 0) -> Page:
        key = self.pages.put(b"x")
        return Page(
            url=url, final_url=url, key=key, fetched_at=NOON + timedelta(minutes=minutes), body_hash="ab", etag='"1"'
        )

    def article(self, url: str, title: str = "A title", minutes: int = 0, **fields: Any) -> ArticleParsed:
        article = Article(title=title, text="One.\nTwo.", **fields)
        return ArticleParsed(page=self.page(url, minutes), article=article)

    def listing(
        self, *headlines: Headline, url: str = "https://news.example/", minutes: int = 0, **fields: Any
    ) -> HeadlinesParsed:
        return HeadlinesParsed(page=self.page(url, minutes), kind=Kind.FRONT, headlines=headlines, **fields)

    def rows(self, table: type[SQLModel]) -> list[Any]:
        with Session(self.engine) as session:
            return list(session.scalars(select(table).order_by(*table.__table__.primary_key)))

    def count(self, table: type[SQLModel]) -> int:
        with Session(self.engine) as session:
            return session.scalar(select(func.count()).select_from(table)) or 0


@pytest.fixture
def bench(database_url: str, redis: "Redis") -> Iterator[Bench]:
    engine = make_engine(database_url)
    yield Bench(engine, redis)
    engine.dispose()


def headline(number: int, text: str | None = None) -> Headline:
    return Headline(text=text or f"Headline number {number}", url=f"https://news.example/a/{number}", position=number)


def test_article_becomes_a_row_with_its_version_images_and_disposition(bench: Bench) -> None:
    image = Image(url="https://news.example/i.jpg", caption="A port")
    message = bench.article("https://news.example/a/1", published_at="2026-03-01T10:00:00+01:00", images=(image,))
    bench.later.hold([message])
    bench.store.handle(message)
    [row] = bench.rows(ArticleRow)
    assert (row.title, row.published, row.published_at) == (
        "A title",
        "2026-03-01T10:00:00+01:00",
        datetime(2026, 3, 1, 9, tzinfo=UTC),
    )
    assert [version.number for version in bench.rows(ArticleVersion)] == [1]
    assert [image.caption for image in bench.rows(ImageRow)] == ["A port"]
    [page] = bench.rows(PageRow)
    assert (page.disposition, page.article_id, page.etag) == ("stored", row.id, '"1"')
    assert bench.later.counts()["custody"] == 0
    assert bench.pages.bodies == {}


def test_storing_twice_is_storing_once(bench: Bench) -> None:
    messages = [bench.article("https://news.example/a/1"), bench.listing(headline(1), headline(2))]
    bench.store.handle_batch(messages)
    before = {table: bench.count(table) for table in (ArticleRow, ArticleVersion, HeadlineRow, PageRow)}
    bench.store.handle_batch(messages)
    assert {table: bench.count(table) for table in before} == before


def test_same_article_twice_in_a_batch_is_one_row(bench: Bench) -> None:
    bench.store.handle_batch(
        [bench.article("https://news.example/a/1"), bench.article("https://news.example/a/1?utm_source=x")]
    )
    assert bench.count(ArticleRow) == 1
    assert {page.disposition for page in bench.rows(PageRow)} <= {"stored", "unchanged"}


def events(bench: Bench) -> list[dict[str, Any]]:
    with Session(bench.engine) as session:
        return [event_log.cloud_event(event) for event in event_log.read(session, 0, 1000)]


def test_an_edit_is_a_version_and_a_late_older_copy_is_kept_behind_it(bench: Bench) -> None:
    bench.store.handle(bench.article("https://news.example/a/1", "First", minutes=10))
    bench.store.handle(bench.article("https://news.example/a/1", "Second", minutes=20))
    bench.store.handle(bench.article("https://news.example/a/1", "Older", minutes=5))
    [row] = bench.rows(ArticleRow)
    assert (row.title, row.version) == ("Second", 3)
    numbered = sorted((version.number, version.title) for version in bench.rows(ArticleVersion))
    assert numbered == [(1, "First"), (2, "Second"), (3, "Older")]
    [event] = [event for event in events(bench) if event["type"] == "article.updated"]
    assert event["data"]["changes"] == {"title": ["First", "Second"]}


def test_canonical_link_is_believed_on_its_own_site_only(bench: Bench) -> None:
    bench.store.handle(bench.article("https://m.news.example/a/1", canonical_url="https://www.news.example/story"))
    bench.store.handle(bench.article("https://news.example/a/2", canonical_url="https://partner.example/x"))
    bench.store.handle(bench.article("https://news.example/a/3", canonical_url="https://news.example/"))
    assert {row.canonical_url for row in bench.rows(ArticleRow)} == {
        "https://www.news.example/story",
        "https://news.example/a/2",
        "https://news.example/a/3",
    }


def test_a_headline_never_seen_becomes_a_fetch_in_custody(bench: Bench) -> None:
    message = bench.listing(headline(1), headline(2))
    follow = bench.store.handle(message)
    assert [fetch.url for fetch in follow] == ["https://news.example/a/1", "https://news.example/a/2"]
    assert all(fetch.cause == message.trace_id and not fetch.follow for fetch in follow)
    assert bench.later.counts()["custody"] == 2
    assert bench.store.handle(bench.listing(headline(1), headline(2))) == []


def test_a_redelivered_listing_repeats_its_fetches_with_the_same_traces(bench: Bench) -> None:
    message = bench.listing(headline(1), headline(2))
    first = bench.store.handle(message)
    bench.store.handle(bench.article("https://news.example/a/1"))
    again = bench.store.handle(message)
    assert [fetch.trace_id for fetch in again] == [first[1].trace_id]


def test_follow_false_only_records(bench: Bench) -> None:
    assert bench.store.handle(bench.listing(headline(1), follow=False)) == []
    assert bench.count(HeadlineRow) == 1


def test_an_article_joins_the_headlines_that_led_to_it_in_either_order(bench: Bench) -> None:
    bench.store.handle(bench.listing(headline(1)))
    bench.store.handle(bench.article("https://news.example/a/1"))
    bench.store.handle(bench.article("https://news.example/a/2"))
    bench.store.handle(bench.listing(headline(2)))
    articles = {row.url: row.id for row in bench.rows(ArticleRow)}
    assert {row.url: row.article_id for row in bench.rows(HeadlineRow)} == articles


def test_headlines_remember_wordings_and_when_they_were_seen(bench: Bench) -> None:
    bench.store.handle(bench.listing(headline(1, "Ten missing"), minutes=0))
    bench.store.handle(bench.listing(headline(1, "Two found"), minutes=5))
    [row] = bench.rows(HeadlineRow)
    assert (row.text, [worn["text"] for worn in row.wordings]) == ("Two found", ["Ten missing"])
    assert (row.first_seen_at, row.last_seen_at) == (NOON, NOON + timedelta(minutes=5))


def test_headlines_without_links_are_told_apart_by_their_words(bench: Bench) -> None:
    ticker = [Headline(text=f"Ticker {number}", position=number) for number in range(3)]
    bench.store.handle(bench.listing(*ticker))
    bench.store.handle(bench.listing(*ticker, minutes=1))
    assert bench.count(HeadlineRow) == 3


def test_a_drop_is_the_disposition_unless_the_trace_has_ended_well(bench: Bench) -> None:
    dropped = PageDropped(url="https://news.example/gone", stage="fetch", reason=Reason.HTTP_404, status=404)
    stored = bench.article("https://news.example/a/1")
    late = PageDropped(trace_id=stored.trace_id, url=stored.page.url, stage="parse", reason=Reason.PAGE_EXPIRED)
    bench.store.handle_batch([dropped, stored])
    bench.store.handle(late)
    assert {page.url: page.disposition for page in bench.rows(PageRow)} == {
        "https://news.example/gone": "http-404",
        "https://news.example/a/1": "stored",
    }


def test_a_drop_of_a_url_that_cannot_be_read_is_kept(bench: Bench) -> None:
    bench.store.handle(PageDropped(url="javascript:alert(1)", stage="fetch", reason=Reason.BAD_URL))
    assert [page.disposition for page in bench.rows(PageRow)] == ["bad-url"]


def test_a_source_is_declared_once_and_moved_on_when_its_page_ends(bench: Bench) -> None:
    source = SourceDeclared(name="News", url="https://news.example/", interval_seconds=600)
    bench.store.handle_batch([source, source])
    bench.store.handle(SourceDeclared(name="News, renamed", url="https://news.example/", interval_seconds=600))
    bench.store.handle(bench.listing(headline(1)))
    [row] = bench.rows(Source)
    assert (row.name, row.last_disposition) == ("News, renamed", "listed")
    assert row.next_poll_at == row.last_polled_at + timedelta(seconds=600)


def test_events_are_in_the_log_in_their_order_and_those_who_wait_are_woken(bench: Bench, redis: "Redis") -> None:
    with redis.pubsub() as channel:
        channel.subscribe(STORED)
        bench.store.handle_batch([bench.article("https://news.example/a/1"), bench.listing(headline(2))])
        kinds = [event["type"] for event in events(bench)]
        assert kinds == ["article.stored", "headline.seen"]
        assert [message["type"] for message in iter(lambda: channel.get_message(timeout=1), None)] == [
            "subscribe",
            "message",
        ]


def test_an_article_moves_to_the_place_of_its_newest_event_and_a_redelivery_moves_nothing(bench: Bench) -> None:
    messages = [bench.article(f"https://news.example/a/{number}") for number in (1, 2)]
    edit = bench.article("https://news.example/a/1", "Another title", minutes=5)
    bench.store.handle_batch(messages)
    bench.store.handle(edit)
    places = {row.article_id: row.position for row in bench.rows(ArticleChange)}
    assert places == {event["data"]["article_id"]: int(event["sequence"]) for event in events(bench)}
    bench.store.handle_batch([*messages, edit])
    assert places == {row.article_id: row.position for row in bench.rows(ArticleChange)}


def test_a_database_that_is_away_is_not_the_messages_fault(bench: Bench, redis: "Redis") -> None:
    away = make_engine("postgresql+psycopg://nobody@127.0.0.1:9/none")
    store = Store(away, redis, bench.later, bench.pages, StorageSettings())
    with pytest.raises(Unavailable, match="database"):
        store.handle(bench.article("https://news.example/a/1"))
    away.dispose()


def test_text_that_a_database_cannot_hold_is_no_reason_to_lose_an_article(bench: Bench) -> None:
    message = ArticleParsed(
        page=bench.page("https://news.example/a/9"), article=Article(title="NUL\x00 in it", text="a\x00b \ud83d"[:3])
    )
    bench.store.handle(message)
    assert bench.count(ArticleRow) == 1


# -- what the ledger keeps for the next time


def the_page(bench: Bench) -> Any:
    [page] = bench.rows(PageRow)
    return page


def again(message: ArticleParsed, **page: Any) -> ArticleParsed:
    """The same article from another download."""
    return ArticleParsed(page=message.page.model_copy(update=page), article=message.article)


def test_where_a_page_has_moved_is_kept_until_it_is_found_where_it_was(bench: Bench) -> None:
    first = bench.article("https://news.example/a/1")
    bench.store.handle(again(first, moved_to="https://news.example/b/1"))
    assert the_page(bench).moved_to == "https://news.example/b/1"
    bench.store.handle(PageDropped(url="https://news.example/a/1", stage="fetch", reason=Reason.HTTP_5XX))
    assert the_page(bench).moved_to == "https://news.example/b/1"
    bench.store.handle(again(first))
    assert the_page(bench).moved_to is None


def test_validators_that_are_not_believed_replace_the_known_ones(bench: Bench) -> None:
    message = bench.article("https://news.example/a/1")
    bench.store.handle(message)
    bench.store.handle(again(message, etag="", last_modified=""))
    assert (the_page(bench).etag, the_page(bench).last_modified) == ("", "")


def test_a_whole_copy_that_was_the_same_is_remembered_as_seen_and_loses_nothing(bench: Bench) -> None:
    bench.store.handle(bench.article("https://news.example/a/1"))
    article_id = the_page(bench).article_id
    page = bench.page("https://news.example/a/1", minutes=90).model_copy(update={"key": ""})
    url = "https://news.example/a/1"
    bench.store.handle(PageDropped(url=url, stage="fetch", reason=Reason.NOT_MODIFIED, page=page, status=200))
    row = the_page(bench)
    assert (row.disposition, row.article_id, row.fetched_at) == (
        "not-modified",
        article_id,
        NOON + timedelta(minutes=90),
    )
    bench.store.handle(PageDropped(url=url, stage="fetch", reason=Reason.NOT_MODIFIED, status=304))
    assert the_page(bench).fetched_at == NOON + timedelta(minutes=90)


def test_an_end_from_memory_does_not_make_the_memory_younger(bench: Bench) -> None:
    url = "https://news.example/gone"
    bench.store.handle(PageDropped(url=url, stage="fetch", reason=Reason.HTTP_404, status=404))
    ended = the_page(bench).ended_at
    bench.store.handle(PageDropped(url=url, stage="trigger", reason=Reason.HTTP_404, status=404, trace_id="later"))
    assert (the_page(bench).ended_at, the_page(bench).trace_id) == (ended, "later")


def test_a_source_that_fails_is_asked_less_often_and_never_forgotten(bench: Bench) -> None:
    url = "https://news.example/"
    bench.store.handle(SourceDeclared(name="News", url=url, interval_seconds=7200, access=Access(login="news")))
    waits = []
    for _ in range(20):
        bench.store.handle(PageDropped(url=url, stage="fetch", reason=Reason.HTTP_404))
        [row] = bench.rows(Source)
        waits.append((row.next_poll_at - row.last_polled_at).total_seconds())
    assert (waits[:3], waits[-1], row.failures) == ([14_400, 21_600, 28_800], 86_400, 20)
    bench.store.handle(PageDropped(url=url, stage="fetch", reason=Reason.NOT_MODIFIED))
    [row] = bench.rows(Source)
    assert (row.failures, row.access["login"]) == (0, "news")
    assert row.next_poll_at == row.last_polled_at + timedelta(seconds=7200)


def test_what_a_source_leads_to_is_reached_as_the_source_is(bench: Bench) -> None:
    access = Access(login="news", sitemaps=True)
    [request] = bench.store.handle(bench.listing(headline(1), access=access))
    assert request.access == Access(login="news")
