"""Images: what is recorded, reports by different people, blocks on every copy, undone and audited."""

import json
from collections.abc import Iterator
from typing import Any

import pytest
from redis import Redis
from sqlalchemy import select
from sqlmodel import Session

from services.storage.settings import StorageSettings
from services.storage.store import Store
from shared.contracts import (
    Article,
    ArticleParsed,
    FetchRequested,
    Image,
    ImageFetched,
    ImageJudged,
    ImageReported,
    Kind,
    Page,
    now_utc,
)
from shared.database.engine import make_engine
from shared.database.models import Image as Row
from shared.database.models import ImageAudit, ImageBlock, ImageReport, StoredEvent
from shared.later import Later
from shared.pages import MemoryPages

PICTURE = "https://img.example/1.jpg"
COPY = "https://cdn.example/same.jpg"


class Bench:
    def __init__(self, address: str, redis: "Redis", **settings: Any) -> None:
        self.engine = make_engine(address)
        self.redis = redis
        self.store = Store(self.engine, redis, Later(redis), MemoryPages(), StorageSettings(**settings))

    def article(self, name: str, *images: str) -> list[FetchRequested]:
        url = f"https://{name}.example/story"
        page = Page(url=url, final_url=url, key="", fetched_at=now_utc())
        pictures = tuple(Image(url=image, caption="A quay", credit="A. Person") for image in images)
        return self.store.handle(
            ArticleParsed(page=page, article=Article(title=f"Story {name}", text=f"Of {name}.", images=pictures))
        )

    def report(self, *reporters: str, url: str = PICTURE) -> list[FetchRequested]:
        return [
            fetch for reporter in reporters for fetch in self.store.handle(ImageReported(url=url, reporter=reporter))
        ]

    def judge(self, blocked: bool, url: str = PICTURE) -> None:
        self.store.handle(ImageJudged(url=url, blocked=blocked, actor="editor"))

    def fetched(self, url: str, content_hash: str = "ab" * 32) -> None:
        self.fetches = self.store.handle(
            ImageFetched(
                url=url, final_url=url, content_hash=content_hash, size=9, media_type="image/jpeg", width=4, height=3
            )
        )

    def rows(self, table: Any) -> Any:
        with Session(self.engine) as session:
            return session.scalars(select(table).order_by(*table.__table__.primary_key)).all()

    def blocked(self) -> set[str]:
        return {row.subject for row in self.rows(ImageBlock) if row.blocked}

    def events(self) -> list[str]:
        return [event.type for event in self.rows(StoredEvent) if event.type.startswith("image.")]


@pytest.fixture
def bench(database_url: str, redis: "Redis") -> Iterator[Bench]:
    bench = Bench(database_url, redis)
    yield bench
    bench.engine.dispose()


def test_an_image_is_recorded_with_what_is_known_of_it(bench: Bench) -> None:
    bench.article("a", PICTURE)
    bench.fetched(PICTURE)
    bench.article("b", PICTURE)
    assert [(row.caption, row.credit, row.size, row.media_type) for row in bench.rows(Row)] == [
        ("A quay", "A. Person", 9, "image/jpeg")
    ] * 2
    assert (bench.rows(Row)[0].width, bench.rows(Row)[0].height) == (4, 3)


def test_as_many_different_reporters_as_are_set_block_an_image_once(bench: Bench) -> None:
    bench.article("a", PICTURE)
    bench.report("one", "two", "two", "one", "two")
    assert (bench.blocked(), len(bench.rows(ImageReport))) == (set(), 2)
    bench.report("three", "four")
    assert len(bench.blocked()) == 1
    assert bench.events() == ["image.blocked"]
    assert [row.action for row in bench.rows(ImageAudit)].count("blocked") == 1


def test_who_reported_is_nowhere_in_clear(bench: Bench) -> None:
    bench.article("a", PICTURE)
    bench.report("192.0.2.7")
    kept = json.dumps([row.model_dump(mode="json") for table in (ImageReport, ImageAudit) for row in bench.rows(table)])
    assert "192.0.2.7" not in kept
    again = Store(bench.engine, bench.redis, Later(bench.redis), MemoryPages(), StorageSettings())
    again.handle(ImageReported(url=PICTURE, reporter="192.0.2.7"))
    assert len(bench.rows(ImageReport)) == 1, "the hash is the same after a restart"


def test_the_first_report_has_the_image_fetched_and_copies_by_hash_are_blocked_with_it(bench: Bench) -> None:
    bench.article("a", PICTURE)
    bench.article("b", COPY)
    [fetch] = bench.report("one")
    assert (fetch.url, fetch.kind, fetch.follow) == (PICTURE, Kind.IMAGE, False)
    bench.fetched(PICTURE)
    bench.fetched(COPY)
    bench.report("two", url=COPY)
    assert bench.report("two", url=PICTURE) == []
    assert bench.blocked() == set()
    bench.report("three", url=COPY)
    assert bench.blocked() == {"ab" * 32}


def test_a_block_by_address_becomes_one_by_hash_when_that_is_known(bench: Bench) -> None:
    bench.article("a", PICTURE)
    bench.report("one", "two", "three")
    bench.fetched(PICTURE)
    assert "ab" * 32 in bench.blocked()


def test_a_block_can_be_undone_and_old_reports_count_no_more(bench: Bench) -> None:
    bench.article("a", PICTURE)
    bench.report("one", "two", "three")
    bench.judge(False)
    assert bench.blocked() == set()
    bench.report("four")
    assert bench.blocked() == set()
    bench.report("one", "two")
    assert len(bench.blocked()) == 1, "who reports again after it was shown again counts again"
    assert bench.events() == ["image.blocked", "image.unblocked", "image.blocked"]
    assert [row.actor for row in bench.rows(ImageAudit) if row.action != "reported"] == ["reports", "editor", "reports"]


def test_a_person_blocks_at_once_and_twice_is_once(bench: Bench) -> None:
    bench.article("a", PICTURE)
    bench.judge(True)
    bench.judge(True)
    assert len(bench.blocked()) == 1
    assert bench.events() == ["image.blocked"]


def test_an_image_that_no_article_has_is_recorded_nowhere(bench: Bench) -> None:
    bench.report("one", "two", "three", url="https://elsewhere.example/x.png")
    assert (bench.rows(ImageReport), bench.blocked()) == ([], set())
    assert Later(bench.redis).counts()["custody"] == 0


@pytest.mark.parametrize(
    ("setting", "expected"), [("none", []), ("reported", []), ("lead", [PICTURE]), ("all", [PICTURE, COPY])]
)
def test_which_images_are_fetched_is_a_setting(
    database_url: str, redis: "Redis", setting: str, expected: list[str]
) -> None:
    bench = Bench(database_url, redis, images=setting)
    assert [fetch.url for fetch in bench.article("a", PICTURE, COPY)] == expected
    assert bench.article("a", PICTURE, COPY) == []
    bench.engine.dispose()


@pytest.mark.parametrize("database_url", ["postgres"], indirect=True)
def test_reports_at_the_same_moment_block_once(database_url: str, redis: "Redis") -> None:
    from threading import Thread

    bench = Bench(database_url, redis)
    bench.article("a", PICTURE)
    threads = [Thread(target=bench.report, args=(f"reader {number}",)) for number in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert (len(bench.rows(ImageReport)), len(bench.blocked()), bench.events()) == (8, 1, ["image.blocked"])
    bench.engine.dispose()


def test_a_block_by_address_after_an_unblock_by_hash_can_be_undone(bench: Bench) -> None:
    bench.article("a", PICTURE)
    bench.fetched(PICTURE)
    bench.judge(True)
    bench.judge(False)
    bench.article("b", COPY)
    bench.judge(True, COPY)
    bench.fetched(COPY)
    assert bench.blocked()
    bench.judge(False, COPY)
    assert bench.blocked() == set()


def test_a_lead_image_that_stands_nowhere_in_the_text_can_be_reported(bench: Bench) -> None:
    page = Page(url="https://a.example/x", final_url="https://a.example/x", key="", fetched_at=now_utc())
    article = Article(title="Story", text="Of it.", lead_image=PICTURE)
    bench.store.handle(ArticleParsed(page=page, article=article))
    bench.report("one", "two", "three")
    assert len(bench.blocked()) == 1


def test_a_block_holds_for_the_same_bytes_under_another_address_of_a_stored_and_of_a_new_article(bench: Bench) -> None:
    assert bench.article("a", PICTURE) == []
    assert bench.article("b", COPY) == []
    bench.report("one", "two", "three")
    bench.fetched(PICTURE)
    [compared] = [fetch.url for fetch in bench.fetches]
    assert compared == COPY
    bench.fetched(COPY)
    again = "https://cdn.example/again.jpg"
    assert [fetch.url for fetch in bench.article("c", again)] == [again]
    bench.fetched(again)
    assert {row.url for row in bench.rows(Row) if row.content_hash in bench.blocked()} == {PICTURE, COPY, again}


def test_while_nothing_is_blocked_no_image_is_fetched_unasked(bench: Bench) -> None:
    bench.article("a", PICTURE)
    bench.fetched(PICTURE)
    bench.judge(True)
    bench.judge(False)
    assert bench.article("b", COPY) == []
