"""What a look at a site has shown."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from shared.discovery.channels import KINDS, Candidate, Channel
from shared.discovery.choice import Choice
from shared.pace import DAY_SECONDS, Limits, first_interval

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
        """Returns the mean seconds between two polls of a channel, at the rate that the look has shown."""
        return first_interval(KINDS[channel.candidate.role], channel.items_a_day, self.limits)


def site_record(report: SiteReport) -> dict[str, Any]:
    """Returns the report of a site as JSON values; times are ISO 8601, UTC."""
    return {
        "url": report.url, "home_page": report.home_page, "name": report.name, "language": report.language,
        "tags": list(report.tags), "channels": [_channel_record(choice, report) for choice in report.choices],
        "refusals": [{"url": candidate.url, "found_by": candidate.clue.value, "why": why} for candidate, why in report.refusals],
        "reserve": [candidate.url for candidate in report.reserve],
        "articles": [sample.__dict__ for sample in report.articles], "walls": [wall.__dict__ for wall in report.walls],
        "requests": report.requests, "requests_a_day": report.requests_a_day, "error": report.error,
    }  # fmt: skip


def _channel_record(choice: Choice, report: SiteReport) -> dict[str, Any]:
    channel, hub = choice.channel, choice.channel.hub
    return {
        "url": channel.candidate.url, "role": channel.candidate.role.value, "found_by": channel.candidate.clue.value,
        "items": len(channel.items), "newest": channel.newest.isoformat() if channel.newest else None,
        "items_a_day": round(channel.items_a_day, 2) if channel.items_a_day is not None else None,
        "own_items": choice.own_items, "polled": choice.is_polled, "why": choice.why, "interval_seconds": round(report.interval_seconds(channel)),
        "hub": hub._asdict() if hub else None,
    }  # fmt: skip
