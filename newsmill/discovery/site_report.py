"""What a look at a site has shown."""

from dataclasses import dataclass
from datetime import datetime
from math import sqrt

from services.parser.discovery.candidates import Candidate
from services.parser.discovery.channels import KINDS, Channel
from services.parser.discovery.choice import Choice
from services.storage.pace.arrivals import PRIOR_RATES, USUAL_RATE
from services.storage.pace.budget import Limits

DAY_SECONDS = 86_400
FIELDS = ("title", "text", "published_at", "authors", "language", "lead_image", "section")


@dataclass(frozen=True)
class Wall:
    """An address that could not be read, how its visit ended, and the detail."""

    url: str
    end: str
    detail: str


@dataclass(frozen=True)
class ArticleSample:
    """An article of a site as it was read: which of FIELDS it has, and whether it is behind a paywall."""

    url: str
    title: str
    fields: dict[str, bool]
    words: int
    paywalled: bool


@dataclass(frozen=True)
class SiteReport:
    """What a look at a site has shown.

    Attributes:
        url: as the user named it.
        home_page: its address, after permanent redirects.
        name: as the user or the site says.
        language: ISO 639, as the home page declares.
        tags: of the user.
        looked_at: when, UTC.
        limits: of how often channels are polled.
        choices: its channels, each with the decision.
        refusals: candidates that are no channels, each with the reason.
        reserve: candidates that were not asked for, since better ones were.
        articles: samples.
        walls: what kept pages from being read.
        requests: that its host had for this.
        error: why it cannot be added; None where it can.
    """

    url: str
    home_page: str
    name: str
    language: str | None
    tags: tuple[str, ...]
    looked_at: datetime
    limits: Limits
    choices: tuple[Choice, ...] = ()
    refusals: tuple[tuple[Candidate, str], ...] = ()
    reserve: tuple[Candidate, ...] = ()
    articles: tuple[ArticleSample, ...] = ()
    walls: tuple[Wall, ...] = ()
    requests: int = 0
    error: str | None = None

    @property
    def channels(self) -> tuple[Channel, ...]:
        """The channels that are to be polled."""
        return tuple(choice.channel for choice in self.choices if choice.is_polled)

    @property
    def requests_a_day(self) -> int:
        """How many requests the polls of its channels cost in a day, at the rates that the look has shown."""
        return sum(round(DAY_SECONDS / self.interval_seconds(channel)) for channel in self.channels)

    def interval_seconds(self, channel: Channel) -> float:
        """Returns the mean time between two polls of a channel, at the rate that the look has shown.

        By the rule of services/storage/pace/polling.py for a constant rate. A channel without dates has the usual rate of its kind.
        """
        kind_rate = 24 * PRIOR_RATES.get(KINDS[channel.candidate.role].value, USUAL_RATE)
        rate = (kind_rate if channel.items_a_day is None else channel.items_a_day) / DAY_SECONDS
        bounds = self.limits.bounds(None, None)
        return min(max(sqrt(2 * self.limits.worth / rate), bounds.least), bounds.most) if rate else bounds.most
