"""Today's stories and the open alerts as metrics."""

from datetime import UTC, datetime

from services.scheduler.coverage_metrics import CoverageCollector
from shared.contracts import now_utc
from shared.database.engine import make_engine, transaction
from shared.database.models import Alert, Headline, Page, Source

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
            [("changed", None), ("silent", None), ("silent", None), ("silent", NOON)]
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
    assert values(database_url) == {
        "newsmill_coverage_stories": {"stored": 0, "dropped": 2, "under-way": 0},
        "newsmill_site_alerts": {"silent": 2, "failing": 0, "changed": 1},
    }
