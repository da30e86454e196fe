"""What became of today's stories, and the open alerts, as metrics."""

from collections import Counter
from collections.abc import Iterable, Mapping
from typing import Any

import structlog
from prometheus_client.core import GaugeMetricFamily
from prometheus_client.registry import Collector
from sqlalchemy import Engine, func, select
from sqlalchemy.exc import InterfaceError, OperationalError
from sqlmodel import Session, col

from shared.clock import now
from shared.contracts import now_utc
from shared.database import coverage
from shared.database.engine import transaction
from shared.database.models import Alert

log = structlog.get_logger(__name__)

# The query reads all of today's headlines: not at every scrape.
FRESH_SECONDS = 300.0
KINDS = ("silent", "failing", "changed")


class CoverageCollector(Collector):
    """Stories listed first today (UTC) by state, and open alerts by kind, counted at most every five minutes.

    None while the database is away.
    """

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._stories: Counter[str] = Counter()
        self._alerts: dict[str, int] = {}
        self._until = 0.0

    def describe(self) -> Iterable[Any]:
        """Nothing: registering must not ask the database."""
        return []

    def collect(self) -> Iterable[GaugeMetricFamily]:
        """The gauge as of the last count."""
        if now() >= self._until:
            try:
                with transaction(self._engine) as session:
                    self._stories, self._alerts = _stories(session), _open_alerts(session)
            except (OperationalError, InterfaceError) as error:
                log.warning("database is away", error=str(error.orig))
                return
            self._until = now() + FRESH_SECONDS
        yield _gauge(
            "newsmill_coverage_stories", "Stories listed first today.", "state", coverage.STATES, self._stories
        )
        yield _gauge("newsmill_site_alerts", "Open alerts of sites, languages and tags.", "kind", KINDS, self._alerts)


def _stories(session: Session) -> Counter[str]:
    stories: Counter[str] = Counter()
    for row in session.execute(coverage.counts(now_utc().date())):
        stories[row.state] += row.stories
    return stories


def _open_alerts(session: Session) -> dict[str, int]:
    query = select(col(Alert.kind), func.count()).where(col(Alert.closed_at).is_(None)).group_by(col(Alert.kind))
    return {row[0]: row[1] for row in session.execute(query)}


def _gauge(name: str, text: str, label: str, values: Iterable[str], numbers: Mapping[str, int]) -> GaugeMetricFamily:
    family = GaugeMetricFamily(name, text, labels=[label])
    for value in values:
        family.add_metric([value], numbers.get(value, 0))
    return family
