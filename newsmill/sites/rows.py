"""Rows of sites and channels as lines for a person, and sites as OPML."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any

from newsmill.output import table
from newsmill.sites.states import state_lines
from shared.contracts import now_utc
from shared.pace import duration

SITE_COLUMNS = ("site", "name", "state", "channels", "last look", "declared by")
CHANNEL_COLUMNS = ("channel", "kind", "state", "found by", "last poll", "next poll", "why")


def site_row(site: Mapping[str, Any], channels: int) -> tuple[str, ...]:
    """Returns the row of a site in a table with SITE_COLUMNS."""
    look = site["discovery_end"] or "not yet"
    return site["home_page"], site["name"], site["state"], str(channels), look, site["declared_by"]


def site_lines(report: Mapping[str, Any]) -> Iterator[str]:
    """Yields a site with its channels in lines; a channel by itself has no `site`."""
    if site := report["site"]:
        yield f"{site['home_page']}  {site['name']}  {site['state']}, declared by {site['declared_by']}"
        yield from _site_facts(site)
    if report["state"]:
        yield from state_lines(report["state"])
    yield from channel_lines(report["channels"], is_polled=not site or site["state"] == "active")


def channel_lines(channels: Sequence[Mapping[str, Any]], *, is_polled: bool = True) -> Iterator[str]:
    """Yields channels in lines: when each is polled next, and why; `is_polled` says whether their site is active."""
    if channels:
        yield from table([CHANNEL_COLUMNS, *(_channel_row(channel, is_polled) for channel in channels)])
    for channel in channels:
        if channel["unnamed_since"]:
            yield f"  {channel['url']}: its site names it no more, since {channel['unnamed_since']}"
        if channel["hub_url"]:
            yield f"  {channel['url']}: hub {channel['hub_url']}"


def _site_facts(site: Mapping[str, Any]) -> Iterator[str]:
    facts = {
        "country": site["country"], "languages": ", ".join(site["languages"]), "tags": ", ".join(site["tags"]),
        "seconds between polls, at least": site["least_seconds"], "at most": site["most_seconds"],
        "articles looked at again after hours": ", ".join(f"{hours:g}" for hours in site["revisit_hours"] or ()), "key": site["key"],
    }  # fmt: skip
    yield "  " + "; ".join(f"{name} {value}" for name, value in facts.items() if value)
    if site["edits"]:
        yield f"  changed by {site['changed_by']}: {', '.join(site['edits'])}; a file does not undo it"
    if site["discovered_at"]:
        yield f"  looked at for channels at {site['discovered_at']}: {site['discovery_end']}; again at {site['discover_at']}"
    elif site["discover_at"]:
        yield f"  looked at for channels at {site['discover_at']}"


def _channel_row(channel: Mapping[str, Any], is_polled: bool) -> tuple[str, ...]:
    last_end = channel["last_disposition"] or "not yet"
    kind = channel["role"] or channel["kind"] or "by its bytes"
    wait = (datetime.fromisoformat(channel["next_poll_at"]) - now_utc()).total_seconds()
    next_poll = "-" if channel["state"] != "active" or not is_polled else "now" if wait <= 0 else f"in {duration(wait)}"
    return (
        channel["url"], kind, channel["state"], channel["found_by"] or channel["declared_by"], last_end, next_poll,
        channel["reason"] or "not polled yet",
    )  # fmt: skip
