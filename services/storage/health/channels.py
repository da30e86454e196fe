"""Verdicts on one channel of a site that lives: it answers with errors only, with an empty listing, or with old news.

Pure functions. What is wrong with the whole site is said of the site alone (`verdicts.py`).
"""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

from services.storage.health import silence
from services.storage.health.state import State
from services.storage.health.verdicts import FAILED_POLLS, Channel, Verdict

FAILING, EMPTY, STALE = "channel-failing", "channel-empty", "channel-stale"
# Others bring the site's stories meanwhile, so that there is time to be sure.
FAILED_FOR, EMPTY_FOR = timedelta(hours=6), timedelta(hours=24)
# How much longer than a site's own limit of silence a channel's is, and than the longest time for which it was empty before.
DOUBT, EMPTY_DOUBT = 1.5, 2.0
# A channel of which stories are missing and that has changed within so many hours is not frozen.
GAP_HOURS = 48
# The share of its usual busy hours that a site needs to have had of late: on a slow day its channels are slow as well.
LEAST_LIVELY = 0.5


def judge(
    channel: Channel, learned: State, site: State, siblings: Sequence[Channel], moment: datetime
) -> list[Verdict]:
    """Returns what is wrong with a channel, at most one verdict.

    Args:
        channel: of a site that neither fails nor is silent.
        learned: of the hours in which its listing changed.
        site: what is learned of its site.
        siblings: the site's other active channels; without any the site's own verdicts say it all.
        moment: now.
    """
    if not siblings:
        return []
    failing, stale = _failing(channel, siblings, moment), _stale(channel, learned, site)
    verdict = failing or (_empty(channel, siblings, moment, stale) if channel.changes.empty_since else stale)
    return [verdict] if verdict else []


def _failing(channel: Channel, siblings: Sequence[Channel], moment: datetime) -> Verdict | None:
    since = channel.last_success_at or channel.created_at
    if channel.failures < FAILED_POLLS or moment - since < FAILED_FOR or not _answered(siblings, since):
        return None
    evidence = {
        "failures": channel.failures,
        "ends": channel.last_disposition,
        "others_that_answer": _answered(siblings, since),
    }
    return Verdict(FAILING, since, evidence, f"{_failing_cause(channel.last_disposition)}; its site answers elsewhere")


def _failing_cause(end: str | None) -> str:
    if end in ("http-404", "http-410"):
        return "the channel is gone or has moved"
    if end in ("robots", "http-401", "http-403", "blocked-challenge", "consent-wall"):
        return "the channel is refused to us"
    if end in ("unreadable", "not-text", "no-content"):
        return "what stands at its address can no longer be read as a listing"
    return "the channel answers with errors"


def _empty(channel: Channel, siblings: Sequence[Channel], moment: datetime, stale: Verdict | None) -> Verdict | None:
    """Returns the verdict on an empty channel: after a time, or when it would be stale if it were not empty."""
    before = channel.changes.longest_empty
    since = datetime.fromtimestamp(channel.changes.empty_since, UTC)
    patience = max(EMPTY_FOR, timedelta(seconds=EMPTY_DOUBT * before))
    if (moment - since < patience and not stale) or not _answered(siblings, since):
        return None
    evidence = {"hours": _hours(moment - since), "longest_before": _hours(timedelta(seconds=before))}
    return Verdict(
        EMPTY, since, evidence, "it answers and lists nothing at all: its program is broken, or it was given up"
    )


def _stale(channel: Channel, learned: State, site: State) -> Verdict | None:
    """Returns the verdict on a channel that brings no news: by the hours without a change, or by the stories that it lacks."""
    return _frozen(channel, learned, site) or _gap(channel, learned)


def _frozen(channel: Channel, learned: State, site: State) -> Verdict | None:
    silent, rhythm = silence.judge(learned.rhythm), learned.rhythm
    busy, expected = site.rhythm.recent
    is_lively = site.rhythm.busy_at > rhythm.busy_at and busy >= LEAST_LIVELY * expected
    # A change in an hour that is not over is not learned yet.
    has_changed = channel.changes.hours[-1:] >= (rhythm.hour,)
    if silent is None or has_changed or not is_lively or silent.gap <= DOUBT * silent.limit:
        return None
    evidence: dict[str, Any] = {
        "hours": rhythm.hour - rhythm.busy_at, "busy_hours_expected": round(silent.gap, 2),
        "busy_hours_allowed": round(DOUBT * silent.limit, 2), "ends": channel.last_disposition,
    }  # fmt: skip
    return Verdict(STALE, datetime.fromtimestamp(rhythm.busy_at * 3600, UTC), evidence, _stale_cause(channel))


def _gap(channel: Channel, learned: State) -> Verdict | None:
    """Returns the verdict on a channel that lacks the stories that its site lists elsewhere and that it used to show."""
    misses, changed_at = learned.misses, learned.rhythm.busy_at
    if not misses.is_open or not changed_at:
        return None
    evidence: dict[str, Any] = {
        "usually_missing": round(misses.rate, 3), "stories_since": misses.since, "ends": channel.last_disposition,
    }  # fmt: skip
    return Verdict(STALE, datetime.fromtimestamp(changed_at * 3600, UTC), evidence, _gap_cause(channel, learned))


def _gap_cause(channel: Channel, learned: State) -> str:
    if learned.rhythm.hour - learned.rhythm.busy_at > GAP_HOURS:
        return _stale_cause(channel)
    return "it lists other stories than it used to: it is written otherwise, or another channel lists what is no story"


def _stale_cause(channel: Channel) -> str:
    if channel.last_disposition == "not-modified":
        return "it answers that nothing has changed, while its site publishes: it is cached, or no longer written"
    return "it lists the same stories, while its site publishes: it is no longer written"


def _answered(siblings: Sequence[Channel], since: datetime) -> int:
    """Returns how many channels have answered since a moment."""
    return sum(sibling.last_success_at is not None and sibling.last_success_at > since for sibling in siblings)


def _hours(duration: timedelta) -> float:
    return round(duration.total_seconds() / 3600, 1)
