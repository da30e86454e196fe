"""The pacer: what a poll must be worth so that all channels keep to the budgets, read from their rows now and then."""

from datetime import datetime, timedelta

from sqlalchemy import select
from sqlmodel import Session, col

from services.storage.pace import budget
from services.storage.pace.budget import Worths
from services.storage.tables.pauses import wish_seconds
from shared.database.models import Site, Source
from shared.pace import Bounds, Limits
from shared.urls import host_of

# How long what was fitted to the channels' demands holds.
HOLD = timedelta(minutes=10)


class Pacer:
    """Fits what a poll must be worth to the channels' demands, and keeps it for a while.

    Args:
        limits: what the user sets.
        longest_pause: for how long at most a publisher's wish is heeded.
    """

    def __init__(self, limits: Limits, longest_pause: timedelta) -> None:
        self.limits = limits
        self.longest_pause = longest_pause
        self._worths = Worths(limits.worth, {})
        self._fitted_at: datetime | None = None

    def worth(self, session: Session, host: str, moment: datetime) -> float:
        """Returns what a poll of a host must be worth, in item-seconds."""
        if self._fitted_at is None or moment - self._fitted_at >= HOLD:
            self._fitted_at = moment
            self._worths = budget.fit(self._channels(session), self.limits)
        return self._worths.of(host)

    def _channels(self, session: Session) -> list[budget.Channel]:
        query = (
            select(Source, Site)
            .outerjoin(Site, col(Site.key) == col(Source.site_key))
            .where(col(Source.state) == "active")
        )
        return [_channel(source, self.bounds(source, site)) for source, site in session.execute(query)]

    def bounds(self, source: Source, site: Site | None) -> Bounds:
        """Returns the bounds of the time between two polls of a channel that may be of a site."""
        wish = min(wish_seconds(source), self.longest_pause.total_seconds())
        least, most = (site.least_seconds, site.most_seconds) if site else (None, None)
        return self.limits.bounds(least, most, wish)


def _channel(source: Source, bounds: Bounds) -> budget.Channel:
    if source.interval_seconds is not None:
        bounds = Bounds(source.interval_seconds, source.interval_seconds)
    return budget.Channel(host_of(source.url), source.demand or 0.0, bounds)
