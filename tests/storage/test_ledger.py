"""What the ledger does by itself: retries, when headlines were last seen and where, and what imports leave alone."""

from collections.abc import Sequence
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import select, update
from sqlmodel import col

from shared.contracts import (
    ArticleParsed,
    Headline,
    HeadlinesParsed,
    Kind,
    Message,
    Origin,
    PageDropped,
    Reason,
    SourceDeclared,
    now_utc,
)
from shared.database.engine import transaction
from shared.database.models import Article as ArticleRow
from shared.database.models import ArticleVersion, Placement, Source
from shared.database.models import Headline as HeadlineRow
from shared.database.models import Page as PageRow
from tests.storage.test_store import NOON, Bench, bench, headline

__all__ = ["bench"]

FRONT, FEED = "https://news.example/", "https://news.example/feed"
STORY = "https://news.example/a/1"
MINUTES = (2, 10, 60, 360, 1440)


def dropped(reason: Reason = Reason.HTTP_404, url: str = STORY, **fields: Any) -> PageDropped:
    return PageDropped(url=url, stage=fields.pop("stage", "fetch"), reason=reason, **fields)


def page_of(bench: Bench, url: str = STORY) -> Any:
    [row] = [row for row in bench.rows(PageRow) if row.url == url]
    return row


def wait_of(bench: Bench) -> float | None:
    """Minutes from the end of the story's last visit to its next one."""
    row = page_of(bench)
    return (row.retry_at - row.ended_at).total_seconds() / 60 if row.retry_at else None


def feed(bench: Bench, *headlines: Headline, minutes: int = 0) -> HeadlinesParsed:
    return HeadlinesParsed(page=bench.page(FEED, minutes), kind=Kind.FEED, headlines=headlines)


# -- retries


@pytest.mark.parametrize(
    "reason", [Reason.HTTP_404, Reason.HTTP_5XX, Reason.HTTP_429, Reason.TIMEOUT, Reason.CONNECTION, Reason.HOST_DOWN]
)
def test_a_listed_story_that_could_not_be_fetched_is_due_again_later_each_time_and_in_the_end_never(
    bench: Bench, reason: Reason
) -> None:
    bench.store.handle(bench.listing(headline(1)))
    waits = []
    for _ in range(len(MINUTES) + 1):
        bench.store.handle(dropped(reason))
        waits.append(wait_of(bench))
    assert waits == [*MINUTES, None]


def test_a_story_that_was_fetched_in_the_end_is_not_due_again(bench: Bench) -> None:
    bench.store.handle(bench.listing(headline(1)))
    bench.store.handle(dropped())
    bench.store.handle(bench.article(STORY))
    assert (page_of(bench).disposition, page_of(bench).retry_at, page_of(bench).retries) == ("stored", None, 0)
    bench.store.handle(dropped())
    assert wait_of(bench) is None, "an article that is stored is no young story"


@pytest.mark.parametrize("reason", [Reason.HTTP_410, Reason.HTTP_403, Reason.ROBOTS, Reason.NO_CONTENT])
def test_an_end_that_will_not_pass_is_final(bench: Bench, reason: Reason) -> None:
    bench.store.handle(bench.listing(headline(1)))
    bench.store.handle(dropped(reason))
    assert wait_of(bench) is None


def test_a_page_that_no_listing_shows_is_not_tried_again(bench: Bench) -> None:
    bench.store.handle(dropped())
    assert wait_of(bench) is None


def test_retries_end_when_no_listing_shows_the_story_any_more(bench: Bench) -> None:
    bench.store.handle_batch([bench.listing(headline(1), headline(2)), feed(bench, headline(1))])
    bench.store.handle(dropped())
    bench.store.handle(bench.listing(headline(2), minutes=5))
    assert wait_of(bench) == 2, "the feed shows it still"
    bench.store.handle(feed(bench, minutes=6))
    assert wait_of(bench) is None


def test_an_old_story_is_not_tried_again(bench: Bench) -> None:
    bench.store.handle(bench.listing(headline(1)))
    with transaction(bench.engine) as session:
        session.execute(update(PageRow).values(first_seen_at=now_utc() - timedelta(days=9)))
    bench.store.handle(dropped())
    assert wait_of(bench) is None


def test_a_redelivered_end_plans_no_second_retry(bench: Bench) -> None:
    bench.store.handle(bench.listing(headline(1)))
    end = dropped()
    for _ in range(3):
        bench.store.handle(end)
    assert page_of(bench).retries == 1


def test_an_end_from_memory_and_a_failed_import_leave_a_retry_as_it_is(bench: Bench) -> None:
    bench.store.handle(bench.listing(headline(1)))
    bench.store.handle(dropped())
    planned = page_of(bench).retry_at
    bench.store.handle(dropped(stage="trigger"))
    bench.store.handle(dropped(Reason.TIMEOUT, origin=Origin.BACKFILL))
    assert (page_of(bench).retry_at, page_of(bench).retries) == (planned, 1)


# -- when and where headlines were last seen


def rows_by_key(bench: Bench) -> Sequence[Any]:
    return sorted(bench.rows(HeadlineRow), key=lambda row: row.url or "")


@pytest.mark.parametrize("downloaded", [True, False])
def test_headlines_of_a_listing_that_has_not_changed_were_seen_again(bench: Bench, downloaded: bool) -> None:
    bench.store.handle(bench.listing(headline(1), headline(2)))
    bench.store.handle(bench.listing(headline(2), minutes=5))
    page = bench.page(FRONT, minutes=20) if downloaded else None
    bench.store.handle(dropped(Reason.NOT_MODIFIED, FRONT, status=200 if downloaded else 304, page=page))
    gone, shown = rows_by_key(bench)
    assert gone.last_seen_at == NOON
    assert shown.last_seen_at == (NOON + timedelta(minutes=20) if downloaded else page_of(bench, FRONT).ended_at)


def test_a_listing_that_comes_late_shows_nothing_now(bench: Bench) -> None:
    bench.store.handle(bench.listing(headline(2), minutes=10))
    bench.store.handle(bench.listing(headline(1), headline(2), minutes=5))
    assert len(bench.rows(Placement)) == 1


def test_positions_in_a_feed_and_on_a_front_page_are_kept_apart(bench: Bench) -> None:
    lead = Headline(text="The quay is open", url=STORY, position=0, block="lead")
    entry = Headline(text="Quay opens | News", url=STORY, position=7)
    bench.store.handle(feed(bench, entry))
    for minute in range(1, 9, 2):
        bench.store.handle(bench.listing(lead, minutes=minute))
        bench.store.handle(feed(bench, entry, minutes=minute + 1))
    [row] = bench.rows(HeadlineRow)
    assert (row.text, row.position, row.block, row.top_position, row.page_url) == (lead.text, 0, "lead", 0, FRONT)
    assert [(place["page"], place["position"]) for place in row.places] == [(FEED, 7), (FRONT, 0)]
    assert len(row.wordings) == 1
    placements = {placement.page_url: placement.position for placement in bench.rows(Placement)}
    assert placements == {FEED: 7, FRONT: 0}
    assert row.last_seen_at == NOON + timedelta(minutes=8)


def test_when_a_front_page_drops_a_headline_the_feed_leads_with_it(bench: Bench) -> None:
    bench.store.handle(bench.listing(Headline(text="Quay", url=STORY, position=0, block="lead")))
    entry = Headline(text="Quay", url=STORY, position=7)
    bench.store.handle(feed(bench, entry, minutes=1))
    bench.store.handle(bench.listing(headline(2), minutes=2))
    bench.store.handle(feed(bench, entry, minutes=3))
    row = rows_by_key(bench)[0]
    assert (row.position, row.block, row.page_url) == (7, None, FEED)


# -- what imports and replays leave alone


def backfill(message: Message, **fields: Any) -> Any:
    return message.model_copy(update={"origin": Origin.BACKFILL, "via": "import", "trace_id": "imported", **fields})


def test_an_import_moves_no_source_on_and_makes_no_live_page_old(bench: Bench) -> None:
    bench.store.handle(SourceDeclared(name="News", url=FRONT, interval_seconds=600))
    bench.store.handle(bench.listing(headline(1)))
    [before] = bench.rows(Source)
    copy = bench.listing(headline(1), minutes=-90)
    old = copy.page.model_copy(update={"etag": '"old"', "body_hash": "old"})
    bench.store.handle(backfill(copy, page=old))
    bench.store.handle(backfill(dropped(Reason.HTTP_404, FRONT), trace_id="imported too"))
    [after] = bench.rows(Source)
    assert after == before
    row = page_of(bench, FRONT)
    assert (row.origin, row.etag, row.body_hash, row.fetched_at) == ("live", '"1"', "ab", NOON)


def versions(bench: Bench) -> list[str]:
    with transaction(bench.engine) as session:
        return list(session.scalars(select(col(ArticleVersion.text)).order_by(col(ArticleVersion.number))))


def worded(bench: Bench, text: str, minutes: int, **fields: Any) -> ArticleParsed:
    message = bench.article(STORY, minutes=minutes, **fields)
    return message.model_copy(update={"article": message.article.model_copy(update={"text": text})})


def test_an_import_never_rolls_an_article_back(bench: Bench) -> None:
    bench.store.handle(worded(bench, "New.", 10, section="Harbour"))
    bench.store.handle(backfill(worded(bench, "Old, and nobody knows from when.", 20, section="Old section")))
    [row] = bench.rows(ArticleRow)
    assert (row.text, row.section, versions(bench)) == ("New.", "Harbour", ["New.", "Old, and nobody knows from when."])


def test_a_copy_that_says_that_it_was_modified_later_is_an_edit(bench: Bench) -> None:
    bench.store.handle(worded(bench, "First.", 10, modified_at="2026-03-01T10:00:00Z"))
    bench.store.handle(backfill(worded(bench, "Second.", 20, modified_at="2026-03-01T11:00:00Z")))
    assert bench.rows(ArticleRow)[0].text == "Second."


def test_copies_of_an_article_that_was_only_imported_follow_one_another(bench: Bench) -> None:
    bench.store.handle(backfill(worded(bench, "First.", 10)))
    bench.store.handle(backfill(worded(bench, "Second.", 20), trace_id="second copy"))
    assert bench.rows(ArticleRow)[0].text == "Second."


def test_a_replay_of_a_live_blog_leaves_its_newest_text_and_adds_no_version(bench: Bench) -> None:
    pages = [worded(bench, f"At minute {minute}.", minute, live_blog=True) for minute in (0, 5, 10)]
    for page in pages:
        bench.store.handle(page)
    for number, page in enumerate(pages):
        bench.store.handle(backfill(page, reparsed=True, trace_id=f"replay {number}"))
    [row] = bench.rows(ArticleRow)
    assert (row.text, versions(bench)) == ("At minute 10.", ["At minute 10."])


# -- sources and addresses


def test_a_shorter_interval_takes_effect_at_once_and_a_longer_one_after_the_next_poll(bench: Bench) -> None:
    def declare(seconds: int) -> float:
        bench.store.handle(SourceDeclared(name="News", url=FRONT, interval_seconds=seconds))
        [source] = bench.rows(Source)
        return (source.next_poll_at - source.last_polled_at).total_seconds() if source.last_polled_at else 0

    declare(3600)
    bench.store.handle(bench.listing(headline(1)))
    assert [declare(3600), declare(60), declare(600)] == [3600, 60, 60]


@pytest.mark.parametrize("declares", [True, False])
def test_an_amp_address_that_came_first_gives_way_to_the_canonical_one(bench: Bench, declares: bool) -> None:
    plain, amp = "https://news.example/council-weighs-quay", "https://news.example/council-weighs-quay/amp"
    canonical = {"canonical_url": plain} if declares else {}
    bench.store.handle(bench.article(amp, minutes=0, **canonical))
    assert bench.rows(ArticleRow)[0].url == amp
    bench.store.handle(bench.article(plain, minutes=1, canonical_url=plain))
    bench.store.handle(bench.article(amp, minutes=2, **canonical))
    [row] = bench.rows(ArticleRow)
    assert (row.url, row.canonical_url) == (plain, plain)
