"""The coverage of today as a metric: what became of the stories that all channels have listed."""

from collections import Counter
from collections.abc import Iterable
from typing import Any

import structlog
from prometheus_client.core import GaugeMetricFamily
from prometheus_client.registry import Collector
from sqlalchemy import Engine
from sqlalchemy.exc import InterfaceError, OperationalError

from shared.clock import now
from shared.contracts import now_utc
from shared.database import coverage
from shared.database.engine import transaction

log = structlog.get_logger(__name__)

# The query reads all of today's headlines: not at every scrape.
FRESH_SECONDS = 60.0


class CoverageCollector(Collector):
    """Stories listed first today (UTC) by state, counted at most once a minute; none while the database is away."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._stories: Counter[str] = Counter()
        self._until = 0.0

    def describe(self) -> Iterable[Any]:
        """Nothing: registering must not ask the database."""
        return []

    def collect(self) -> Iterable[GaugeMetricFamily]:
        """The gauge as of the last minute."""
        if now() >= self._until:
            try:
                self._stories = self._count()
            except (OperationalError, InterfaceError) as error:
                log.warning("database is away", error=str(error.orig))
                return
            self._until = now() + FRESH_SECONDS
        family = GaugeMetricFamily(
            "newsmill_coverage_stories", "Stories listed first today, by state.", labels=["state"]
        )
        for state in coverage.STATES:
            family.add_metric([state], self._stories[state])
        yield family

    def _count(self) -> Counter[str]:
        stories: Counter[str] = Counter()
        with transaction(self._engine) as session:
            for row in session.execute(coverage.counts(now_utc().date())):
                stories[row.state] += row.stories
        return stories
