"""What waits to be told and who is told no more, read when Prometheus asks."""

from collections.abc import Iterable

import structlog
from prometheus_client.core import GaugeMetricFamily
from prometheus_client.registry import Collector
from sqlalchemy import Engine, func, select
from sqlalchemy.exc import OperationalError
from sqlmodel import Session, col

from shared.contracts import now_utc
from shared.database.engine import transaction
from shared.database.models import Delivery, Receiver

log = structlog.get_logger(__name__)


class WatchCollector(Collector):
    """The age of the oldest waiting delivery, and the receivers by state."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def describe(self) -> Iterable[GaugeMetricFamily]:
        """Nothing: registering must not ask the database."""
        return []

    def collect(self) -> Iterable[GaugeMetricFamily]:
        """Reads both."""
        try:
            with transaction(self._engine) as session:
                families = [_oldest(session), _receivers(session)]
        except OperationalError as error:
            log.warning("what waits to be told is not known", error=str(error))
            return
        yield from families


def _oldest(session: Session) -> GaugeMetricFamily:
    family = GaugeMetricFamily(
        "newsmill_watch_oldest_delivery_seconds", "Age of the oldest delivery that waits, 0 if none does."
    )
    oldest = session.scalar(select(func.min(Delivery.created_at)).where(col(Delivery.state) == "waiting"))
    family.add_metric([], (now_utc() - oldest).total_seconds() if oldest else 0.0)
    return family


def _receivers(session: Session) -> GaugeMetricFamily:
    family = GaugeMetricFamily("newsmill_watch_receivers", "Receivers of watches.", labels=["state"])
    query = select(col(Receiver.state), func.count().label("number")).group_by(col(Receiver.state))
    numbers = {row.state: row.number for row in session.execute(query)}
    for state in ("active", "disabled"):
        family.add_metric([state], numbers.get(state, 0))
    return family
