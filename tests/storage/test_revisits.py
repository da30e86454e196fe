"""Articles are looked at again while they may change; what became of them is events, and they are marked when they are gone."""

from datetime import datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import select, update
from sqlmodel import Session

from services.storage.edit_kinds import edit_kinds
from shared.contracts import (
    Article,
    ArticleParsed,
    Headline,
    HeadlinesParsed,
    Kind,
    Origin,
    PageDropped,
    Reason,
    SiteDeclared,
    SourceDeclared,
    now_utc,
)
from shared.database.models import Article as ArticleRow
from shared.database.models import ArticleVersion, Page, Source
from shared.urls import fingerprint
from tests.storage.test_store import Bench, bench, events

__all__ = ["bench"]

URL = "https://news.example/a/1"
HOUR, DAY = timedelta(hours=1), timedelta(days=1)


def parsed(bench: Bench, minutes: int = 0, text: str = "One.\nTwo.", trace: str = "t", **fields: Any) -> ArticleParsed:
    article = Article(**{"title": "Ferry", "text": text} | fields)
    return ArticleParsed(
        trace_id=trace, page=bench.page(URL, minutes), article=article, via="revisit" if minutes else None
    )


def dropped(reason: Reason, trace: str, via: str = "revisit") -> PageDropped:
    return PageDropped(trace_id=trace, url=URL, stage="fetch", reason=reason, status=404, via=via)


def page(bench: Bench) -> Page:
    [row] = [row for row in bench.rows(Page) if row.url == URL]
    return row


def wait(bench: Bench) -> timedelta | None:
    """The time from the end of the page's last visit to the next."""
    row = page(bench)
    assert row.ended_at is not None
    return row.revisit_at - row.ended_at if row.revisit_at else None


def age(bench: Bench, time: timedelta) -> None:
    """Makes everything that the page and its article remember so much older."""
    with Session(bench.engine) as session, session.begin():
        for table, names in (
            (Page, ("ended_at", "revisit_at", "missing_since")),
            (ArticleRow, ("stored_at", "updated_at")),
        ):
            for row in session.scalars(select(table)):
                for name in names:
                    value: datetime | None = getattr(row, name)
                    setattr(row, name, value - time if value else None)


def types(bench: Bench) -> list[str]:
    return [event["type"] for event in events(bench) if event["type"].startswith("article.")]


def test_a_new_article_is_looked_at_again_at_its_ages_and_then_no_more(bench: Bench) -> None:
    bench.store.handle(parsed(bench))
    assert wait(bench) == HOUR
    for minutes, passed, ahead in ((60, HOUR, 5 * HOUR), (360, 5 * HOUR, 18 * HOUR), (1440, 18 * HOUR, 6 * DAY)):
        age(bench, passed)
        bench.store.handle(dropped(Reason.NOT_MODIFIED, f"t{minutes}"))
        assert abs((wait(bench) or DAY) - ahead) < timedelta(minutes=1)
    age(bench, 6 * DAY)
    bench.store.handle(dropped(Reason.NOT_MODIFIED, "last"))
    assert wait(bench) is None


def test_a_visit_for_another_cause_leaves_the_plan_as_it_is(bench: Bench) -> None:
    bench.store.handle(parsed(bench))
    planned = page(bench).revisit_at
    bench.store.handle(dropped(Reason.NOT_MODIFIED, "t2", via="api"))
    bench.store.handle(parsed(bench, 5, "Three.", "t3").model_copy(update={"via": "api"}))
    assert page(bench).revisit_at == planned


@pytest.mark.parametrize(
    "message",
    [
        {"origin": Origin.BACKFILL},
        {"article": Article(title="Ferry", text="One.", published_at="2025-01-01T10:00:00Z")},
    ],
)
def test_an_old_article_is_not_looked_at_again(bench: Bench, message: dict[str, Any]) -> None:
    bench.store.handle(parsed(bench).model_copy(update=message))
    assert page(bench).revisit_at is None


def test_a_live_blog_is_looked_at_every_few_minutes_until_it_is_silent(bench: Bench) -> None:
    bench.store.handle(parsed(bench, live_blog=True))
    assert wait(bench) == timedelta(minutes=5)
    bench.store.handle(dropped(Reason.NOT_MODIFIED, "t1"))
    assert wait(bench) == timedelta(minutes=5)
    age(bench, 7 * HOUR)
    bench.store.handle(dropped(Reason.NOT_MODIFIED, "t2"))
    assert abs((wait(bench) or DAY) - 17 * HOUR) < timedelta(minutes=1)


@pytest.mark.parametrize(("hours", "first"), [((2.0, 3.0), 2 * HOUR), ((), None)])
def test_a_site_has_ages_of_its_own(bench: Bench, hours: tuple[float, ...], first: timedelta | None) -> None:
    home = "https://news.example/"
    bench.store.handle(SiteDeclared(home_page=home, revisit_hours=hours))
    bench.store.handle(SourceDeclared(name="Feed", url=home, site_key=fingerprint(home)))
    [source] = bench.rows(Source)
    bench.store.handle(parsed(bench).model_copy(update={"source_id": source.id}))
    assert wait(bench) == first


def test_a_page_that_vanishes_is_asked_for_once_more_and_then_its_article_is_gone(bench: Bench) -> None:
    bench.store.handle(parsed(bench))
    bench.store.handle(dropped(Reason.HTTP_404, "t1"))
    assert wait(bench) == HOUR
    assert bench.rows(ArticleRow)[0].gone_at is None
    bench.store.handle(dropped(Reason.HTTP_404, "t1"))
    assert bench.rows(ArticleRow)[0].gone_at is None, "the same visit, delivered twice"
    age(bench, HOUR)
    since = page(bench).missing_since
    bench.store.handle(dropped(Reason.HTTP_410, "t2"))
    [article] = bench.rows(ArticleRow)
    assert article.gone_at == since
    assert page(bench).revisit_at is None
    assert types(bench) == ["article.stored", "article.gone"]


def test_a_page_that_is_there_again_is_not_gone(bench: Bench) -> None:
    bench.store.handle(parsed(bench))
    bench.store.handle(dropped(Reason.HTTP_404, "t1"))
    age(bench, HOUR)
    bench.store.handle(dropped(Reason.NOT_MODIFIED, "t2"))
    assert page(bench).missing_since is None
    bench.store.handle(dropped(Reason.HTTP_404, "t3"))
    assert bench.rows(ArticleRow)[0].gone_at is None


def test_an_article_that_was_gone_and_is_there_again_returns(bench: Bench) -> None:
    bench.store.handle(parsed(bench))
    with Session(bench.engine) as session, session.begin():
        session.execute(update(ArticleRow).values(gone_at=now_utc()))
    bench.store.handle(parsed(bench, 60, trace="t2"))
    assert bench.rows(ArticleRow)[0].gone_at is None
    assert types(bench) == ["article.stored", "article.returned"]


def test_a_failure_that_may_pass_leaves_the_article_as_it_is(bench: Bench) -> None:
    bench.store.handle(parsed(bench))
    age(bench, HOUR)
    bench.store.handle(dropped(Reason.HTTP_5XX, "t1"))
    assert abs((wait(bench) or DAY) - 5 * HOUR) < timedelta(minutes=1)
    assert page(bench).missing_since is None


def test_edits_are_versions_with_events_of_their_kinds(bench: Bench) -> None:
    stated = {"modified_at": "2026-03-01T10:00:00Z"}
    bench.store.handle(parsed(bench, **stated))
    bench.store.handle(parsed(bench, 60, trace="t1", title="Ferry sinks", **stated))
    bench.store.handle(parsed(bench, 90, "One.\nThree.", trace="t2", title="Ferry sinks", **stated))
    note = "One.\nThree.\nCorrection: the ferry carried 12 people, not 21."
    bench.store.handle(parsed(bench, 120, note, trace="t3", title="Ferry sinks", **stated))
    kinds = ["article.retitled", "article.stealth-edited", "article.corrected"]
    assert [name for name in types(bench) if name in kinds] == kinds
    assert [version.number for version in bench.rows(ArticleVersion)] == [1, 2, 3, 4]


def wording(
    text: str = "One.", title: str = "Ferry", modified: str | None = "2026-03-01", **fields: Any
) -> dict[str, Any]:
    return {"text": text, "title": title, "modified": modified, "live_blog": False} | fields


@pytest.mark.parametrize(
    ("new", "changes", "kinds"),
    [
        (wording(title="Boat"), {"title": []}, ("retitled",)),
        (wording("Two.", "Boat"), {"title": [], "text": {}}, ("stealth-edited",)),
        (wording("Two.", modified="2026-03-02"), {"text": {}}, ()),
        (wording("Two.", live_blog=True), {"text": {}}, ()),
        (wording("One.\nCORRECTIF : le bac transportait 12 personnes."), {"text": {}}, ("corrected",)),
        (wording("One.\nAn earlier version of this article misstated the number."), {"text": {}}, ("corrected",)),
        (wording("One.\nKorrektur: Es waren zwölf."), {"text": {}}, ("corrected",)),
        (wording("One.\nتصحيح: كان على متن العبارة 12 شخصا"), {"text": {}}, ("corrected",)),
        (wording("One.\nThe corrections officer left."), {"text": {}}, ("stealth-edited",)),
        (wording(subtitle="x"), {"subtitle": []}, ()),
    ],
)
def test_what_kind_of_edit_it_is(new: dict[str, Any], changes: dict[str, Any], kinds: tuple[str, ...]) -> None:
    assert edit_kinds(wording(), new, changes) == kinds


def test_a_page_that_states_no_time_of_change_hides_none() -> None:
    assert edit_kinds(wording(modified=None), wording("Two.", modified=None), {"text": {}}) == ()


def listing(bench: Bench, modified_at: datetime) -> HeadlinesParsed:
    look = bench.page("https://news.example/sitemap").model_copy(update={"fetched_at": now_utc()})
    headline = Headline(text="Ferry", url=URL, modified_at=modified_at.isoformat())
    return HeadlinesParsed(page=look, kind=Kind.SITEMAP, follow=False, headlines=(headline,))


def test_a_sitemap_that_says_a_page_was_changed_moves_its_visit_forward(bench: Bench) -> None:
    bench.store.handle(parsed(bench))
    age(bench, timedelta(minutes=20))
    bench.store.handle(listing(bench, now_utc() - timedelta(minutes=1)))
    revisit_at = page(bench).revisit_at
    assert revisit_at is not None
    assert revisit_at <= now_utc()


def test_a_change_that_was_looked_at_already_moves_nothing(bench: Bench) -> None:
    bench.store.handle(parsed(bench))
    bench.store.handle(listing(bench, now_utc() - DAY))
    assert wait(bench) == HOUR


def test_a_sitemap_that_says_everything_is_new_always_brings_few_visits(bench: Bench) -> None:
    bench.store.handle(parsed(bench))
    looks = 0
    for step in range(7 * 24 * 4):
        age(bench, timedelta(minutes=15))
        bench.store.handle(listing(bench, now_utc()))
        revisit_at = page(bench).revisit_at
        if revisit_at is not None and revisit_at <= now_utc():
            looks += 1
            bench.store.handle(dropped(Reason.NOT_MODIFIED, f"t{step}"))
        if step > 200:
            break
    assert 4 <= looks <= 12
