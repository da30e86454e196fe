"""What a look at a site has shown."""

from dataclasses import dataclass
from datetime import datetime

from services.parser.discovery.candidates import Candidate
from services.parser.discovery.channels import Channel
from services.parser.discovery.choice import Choice

DAY_SECONDS = 86_400
# Before its pace is learned, a channel is polled about twice for each of its items, within these bounds.
LEAST_SECONDS, MOST_SECONDS = 300, 7_200
DEFAULT_SECONDS = 900
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
        choices: its channels, each with the decision.
        refused: candidates that are no channels, each with the reason.
        unlooked: candidates that were not asked for, since better ones were.
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
    choices: tuple[Choice, ...] = ()
    refused: tuple[tuple[Candidate, str], ...] = ()
    unlooked: tuple[Candidate, ...] = ()
    articles: tuple[ArticleSample, ...] = ()
    walls: tuple[Wall, ...] = ()
    requests: int = 0
    error: str | None = None

    @property
    def channels(self) -> tuple[Channel, ...]:
        """The channels that are to be polled."""
        return tuple(choice.channel for choice in self.choices if choice.polled)

    @property
    def requests_a_day(self) -> int:
        """How many requests the polls of its channels cost in a day, before their pace is learned."""
        return sum(round(DAY_SECONDS / interval_seconds(channel)) for channel in self.channels)


def interval_seconds(channel: Channel) -> int:
    """Returns the time between two polls of a channel before its pace is learned."""
    if channel.items_a_day is None:
        return DEFAULT_SECONDS
    wanted = DAY_SECONDS / (2 * channel.items_a_day) if channel.items_a_day else MOST_SECONDS
    return round(min(max(wanted, LEAST_SECONDS), MOST_SECONDS))
