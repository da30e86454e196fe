"""What became of today's stories, the open alerts, and how sites do, as metrics."""

from collections import Counter
from collections.abc import Iterable, Mapping
from datetime import timedelta
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
from shared.database.conditions import ALERT_KINDS, CONDITIONS, Outlet, outlets
from shared.database.engine import transaction
from shared.database.models import Alert
from shared.database.outlets import newest_articles, source_keys

log = structlog.get_logger(__name__)

# The query reads all of today's headlines: not at every scrape.
FRESH_SECONDS = 300.0
# Ages of the newest article of a site, in hours, and what an older one is called.
AGES = (("hour", 1), ("six-hours", 6), ("day", 24), ("week", 168))
OLDER, NONE = "older", "none"


class CoverageCollector(Collector):
    """Stories listed first today (UTC) by state, open alerts by kind, sites by condition and by the age of their newest article,
    counted at most every five minutes.

    None while the database is away.
    """

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._stories: Counter[str] = Counter()
        self._alerts: dict[str, int] = {}
        self._conditions: Counter[str] = Counter()
        self._ages: Counter[str] = Counter()
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
                    followed = outlets(session)
                    self._conditions = Counter(outlet.condition for outlet in followed)
                    self._ages = _ages(session, followed)
            except (OperationalError, InterfaceError) as error:
                log.warning("database is away", error=str(error.orig))
                return
            self._until = now() + FRESH_SECONDS
        yield _gauge(
            "newsmill_coverage_stories", "Stories listed first today.", "state", coverage.STATES, self._stories
        )
        yield _gauge(
            "newsmill_site_alerts",
            "Open alerts of sites, channels, languages, tags and watches.",
            "kind",
            ALERT_KINDS,
            self._alerts,
        )
        yield _gauge("newsmill_sites", "Sites by condition.", "condition", CONDITIONS, self._conditions)
        ages = (*(name for name, _ in AGES), OLDER, NONE)
        yield _gauge(
            "newsmill_sites_newest",
            "Active sites by the age of their newest article, at most.",
            "age",
            ages,
            self._ages,
        )


def _stories(session: Session) -> Counter[str]:
    stories: Counter[str] = Counter()
    for row in session.execute(coverage.counts(now_utc().date())):
        stories[row.state] += row.stories
    return stories


def _open_alerts(session: Session) -> dict[str, int]:
    query = select(col(Alert.kind), func.count()).where(col(Alert.closed_at).is_(None)).group_by(col(Alert.kind))
    return {row[0]: row[1] for row in session.execute(query)}


def _ages(session: Session, followed: Iterable[Outlet]) -> Counter[str]:
    """Returns the number of active outlets by the age of their newest article."""
    moment, newest = now_utc(), newest_articles(session, source_keys(session))
    active = [outlet.key for outlet in followed if outlet.state == "active"]
    return Counter(_age(moment - newest[key]) if key in newest else NONE for key in active)


def _age(age: timedelta) -> str:
    return next((name for name, hours in AGES if age <= timedelta(hours=hours)), OLDER)


def _gauge(name: str, text: str, label: str, values: Iterable[str], numbers: Mapping[str, int]) -> GaugeMetricFamily:
    family = GaugeMetricFamily(name, text, labels=[label])
    for value in values:
        family.add_metric([value], numbers.get(value, 0))
    return family
