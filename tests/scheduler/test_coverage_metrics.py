"""Today's stories, the open alerts and how sites do, as metrics."""

from datetime import UTC, datetime, timedelta

from services.scheduler.coverage_metrics import CoverageCollector
from shared.contracts import now_utc
from shared.database.engine import make_engine, transaction
from shared.database.models import Alert, Article, Headline, Page, Site, Source

NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)


def values(database_url: str) -> dict[str, dict[str, float]]:
    engine = make_engine(database_url)
    families = list(CoverageCollector(engine).collect())
    engine.dispose()
    return {
        family.name: {next(iter(sample.labels.values())): sample.value for sample in family.samples}
        for family in families
    }


def test_open_alerts_are_counted_by_kind_and_todays_stories_by_state(database_url: str) -> None:
    engine = make_engine(database_url)
    with transaction(engine) as session:
        for number, (kind, closed_at) in enumerate(
            [("changed", None), ("silent", None), ("silent", None), ("silent", NOON), ("channel-empty", None)]
        ):
            session.add(Alert(
                subject=f"site:{number}", kind=kind, name="Gazette", since=NOON, closed_at=closed_at, cause="stopped"
            ))  # fmt: skip
        session.add(Source(id=1, key="channel", name="Feed", url="https://gazette.example/feed"))
        session.add(Page(key="a", url="https://gazette.example/a", trace_id="t", disposition="http-404"))
        session.flush()
        for key in ("a", "b"):
            session.add(Headline(
                key=key, link_key=key, site="gazette.example", url=f"https://gazette.example/{key}", text="Quay",
                page_url="https://gazette.example/feed", source_id=1, in_feed=True, first_seen_at=now_utc(),
                last_seen_at=now_utc(),
            ))  # fmt: skip
    engine.dispose()
    metrics = values(database_url)
    assert metrics["newsmill_coverage_stories"] == {"stored": 0, "dropped": 2, "under-way": 0}
    assert metrics["newsmill_site_alerts"] == {
        "silent": 2, "failing": 0, "changed": 1, "channel-failing": 0, "channel-empty": 1, "channel-stale": 0,
    }  # fmt: skip


def test_sites_are_counted_by_condition_and_by_the_age_of_their_newest_article(database_url: str) -> None:
    engine, moment = make_engine(database_url), now_utc()
    ages = {
        "fresh": timedelta(minutes=5),
        "slow": timedelta(hours=5),
        "old": timedelta(days=20),
        "resting": timedelta(),
    }
    with transaction(engine) as session:
        for number, (name, age) in enumerate(ages.items(), 1):
            state = "paused" if name == "resting" else "active"
            session.add(Site(key=name, name=name, home_page=f"https://{name}.example/", state=state))
            session.add(Source(
                id=number, key=name, site_key=name, name=name, url=f"https://{name}.example/", last_polled_at=moment,
                last_success_at=moment,
            ))  # fmt: skip
            session.flush()
            session.add(Article(
                key=name, url="u", canonical_url="u", trace_id=name, title="Quay", text="", body_hash="", source_id=number,
                stored_at=moment - age,
            ))  # fmt: skip
        session.add(Site(key="new", name="new", home_page="https://new.example/"))
        session.add(Alert(
            subject="site:old", site_key="old", kind="silent", name="old", since=moment, opened_at=moment, cause="stopped",
        ))  # fmt: skip
    engine.dispose()
    metrics = values(database_url)
    conditions, newest = metrics["newsmill_sites"], metrics["newsmill_sites_newest"]
    assert {name: number for name, number in conditions.items() if number} == {
        "silent": 1, "new": 1, "well": 2, "paused": 1,
    }  # fmt: skip
    assert newest == {"hour": 1, "six-hours": 1, "day": 0, "week": 0, "older": 1, "none": 1}
