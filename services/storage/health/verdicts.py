"""Verdicts: what is wrong with a subject, since when, on which evidence, and the likely cause.

Pure functions. There is at most one verdict of each kind for a subject: a site that fails is not silent besides.
"""

from collections import Counter
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Any, NamedTuple

from services.storage.health import silence, volume
from services.storage.health.changes import Changes
from services.storage.health.state import FIELDS, State

SILENT, FAILING, CHANGED = "silent", "failing", "changed"
# A site fails when each of its channels has failed so often in a row, and none has answered for so long.
FAILED_POLLS, FAILED_FOR = 4, timedelta(hours=2)
CAUSES = {
    "page": "its pages refuse us or are gone: a wall, a block, or addresses that have changed",
    "title": "the layout of its pages has changed: the title is not where it was",
    "body": "the layout of its pages has changed, or their text is loaded later",
    "date": "the layout of its pages has changed: the date is not where it was",
    "authors": "the layout of its pages has changed: the byline is not where it was",
    "time": "its clock or its time zone has changed, or it lists stories much later or sooner than before",
}


class Channel(NamedTuple):
    """A polled channel as its last polls ended, and what they say of its listing."""

    url: str
    failures: int
    last_disposition: str | None
    last_success_at: datetime | None
    created_at: datetime
    key: str = ""
    changes: Changes = Changes()


class Verdict(NamedTuple):
    """What is wrong: its kind, since when, the evidence as JSON values, and the likely cause in words."""

    kind: str
    since: datetime
    evidence: dict[str, Any]
    cause: str


def judge(state: State, channels: Sequence[Channel], moment: datetime) -> list[Verdict]:
    """Returns what is wrong with a subject now; a language, a tag and a watch have no channels."""
    failing = _failing(channels, moment)
    silent = None if failing else _silent(state, channels)
    return [verdict for verdict in (failing, silent, _changed(state, moment)) if verdict]


def _failing(channels: Sequence[Channel], moment: datetime) -> Verdict | None:
    if not channels or any(channel.failures < FAILED_POLLS for channel in channels):
        return None
    since = max(channel.last_success_at or channel.created_at for channel in channels)
    if moment - since < FAILED_FOR:
        return None
    ends = {channel.url: channel.last_disposition for channel in channels}
    [(commonest, _)] = Counter(ends.values()).most_common(1)
    evidence = {"channels": ends, "failures": min(channel.failures for channel in channels)}
    return Verdict(FAILING, since, evidence, f"every channel fails, last with {commonest}")


def _silent(state: State, channels: Sequence[Channel]) -> Verdict | None:
    silent = silence.judge(state.rhythm)
    if silent is None or not silent.is_improbable:
        return None
    since = datetime.fromtimestamp(state.rhythm.busy_at * 3600, UTC)
    evidence = {
        "hours": state.rhythm.hour - state.rhythm.busy_at, "busy_hours_expected": round(silent.gap, 2),
        "busy_hours_allowed": round(silent.limit, 2),
    }  # fmt: skip
    return Verdict(SILENT, since, evidence, _silent_cause(channels))


def _silent_cause(channels: Sequence[Channel]) -> str:
    if not channels:
        return (
            "nothing of it is stored any more, though other stories are: what brought it is silent or is read otherwise, "
            "or its words have gone out of use"
        )
    if all(channel.last_disposition == "not-modified" for channel in channels):
        return "its channels answer, but say that nothing has changed: they are cached, or no longer written"
    return "its channels answer and list nothing new: it has stopped, or publishes at other addresses"


def _changed(state: State, moment: datetime) -> Verdict | None:
    broken = {name: share for name, share in zip(FIELDS, state.fields, strict=True) if share.is_open}
    change = volume.judge(state.volume)
    if not broken and change is None:
        return None
    evidence: dict[str, Any] = {
        name: {"usually_missing": round(share.rate, 3), "articles_since": share.since} for name, share in broken.items()
    }
    causes = [CAUSES[name] for name in broken]
    if "page" in broken:
        evidence["page"]["ended"] = dict(Counter(state.endings))
    if change is not None:
        evidence["volume"] = {"before": round(change.before, 1), "after": round(change.after, 1)}
        causes.append(_volume_cause(change))
    return Verdict(CHANGED, moment, evidence, "; ".join(causes))


def _volume_cause(change: volume.Change) -> str:
    if change.trend == "fell":
        return "it publishes less for good, or a channel lists only part of it"
    return "it publishes more for good, or a channel lists what is no story"
