"""The messages by which a site that was looked at is declared."""

from collections.abc import Iterator

from shared.contracts import Message, SiteChanged, SiteDeclared, SourceDeclared
from shared.discovery.channels import KINDS, Channel
from shared.discovery.report import SiteReport
from shared.urls import fingerprint


def declarations(
    report: SiteReport, actor: str, *, country: str | None = None, was_removed: bool = False
) -> Iterator[Message]:
    """Yields the declarations of a site and of its channels that are to be polled.

    Args:
        report: of the look at the site.
        actor: the door that a person uses.
        country: ISO 3166 code.
        was_removed: whether a person has removed the site before; it is active again.
    """
    yield SiteDeclared(
        home_page=report.home_page, name=report.name[:200], country=country, tags=report.tags,
        languages=(report.language,) if report.language else (), declared_by=actor, discover=False, via=actor,
    )  # fmt: skip
    if was_removed:
        yield SiteChanged(key=fingerprint(report.home_page), actor=actor, state="active", via=actor)
    yield from (_channel(report, channel, actor) for channel in report.channels)


def _channel(report: SiteReport, channel: Channel, actor: str) -> SourceDeclared:
    candidate, hub = channel.candidate, channel.hub
    return SourceDeclared(
        name=f"{report.name}: {candidate.name or candidate.role.value}"[:200], url=candidate.url,
        kind=KINDS[candidate.role], role=candidate.role, found_by=candidate.clue, site_key=fingerprint(report.home_page),
        hub_url=hub.url if hub else None, topic_url=hub.topic if hub else None,
        declared_by=actor, via=actor,
    )  # fmt: skip
