"""What receivers are told: the payload of a webhook as JSON values, and the same in words. Pure."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import uuid4

from shared.database.models import Match, Watch

# A digest of more matches names the newest and how many there were.
MOST_MATCHES = 100


def message_id() -> str:
    """Returns the id of a new message (the header `webhook-id`)."""
    return f"msg_{uuid4().hex}"


def of_match(watch: Watch, match: Match, moment: datetime) -> dict[str, Any]:
    """Returns what is told of one match."""
    return _payload("watch.matched", moment, {"watch": _watch(watch)} | _match(match))


def of_digest(watch: Watch, matches: Sequence[Match], moment: datetime) -> dict[str, Any]:
    """Returns what is told of several matches."""
    newest = [_match(match) for match in matches[-MOST_MATCHES:]]
    return _payload("watch.digest", moment, {"watch": _watch(watch), "number": len(matches), "matches": newest})


def of_disabled(watch: Watch, address: str, reason: str, moment: datetime) -> dict[str, Any]:
    """Returns what the other receivers are told of one that is told no more."""
    return _payload("receiver.disabled", moment, {"watch": _watch(watch), "receiver": address, "reason": reason})


def in_words(payload: dict[str, Any]) -> tuple[str, str]:
    """Returns the title and the text of a notification."""
    data, name = payload["data"], payload["data"]["watch"]["name"]
    match payload["type"]:
        case "watch.matched":
            return f"{name}: {data['title']}", _lines(data)
        case "watch.digest":
            more = data["number"] - len(data["matches"])
            texts = [f"{match['title']}\n{_lines(match)}" for match in reversed(data["matches"])]
            return f"{name}: {data['number']} new", "\n\n".join(texts + ([f"and {more} more"] if more else []))
        case "receiver.disabled":
            return f"{name}: {data['receiver']} is told no more", data["reason"]
    # `watch.test`, which the reader writes.
    return f"{name}: a test", f"This is where the watch {name!r} tells what it finds: {data['watch']['query']}"


def _payload(kind: str, moment: datetime, data: dict[str, Any]) -> dict[str, Any]:
    return {"type": kind, "timestamp": moment.isoformat(), "data": data}


def _watch(watch: Watch) -> dict[str, Any]:
    return {"id": watch.id, "name": watch.name, "query": watch.query}


def _match(match: Match) -> dict[str, Any]:
    about = "article" if match.subject.startswith("article:") else "alert"
    return {"match_id": match.id, "kind": match.kind, "title": match.title, "url": match.url, about: match.record}


def _lines(match: dict[str, Any]) -> str:
    """Returns a match in lines: who wrote it and when, how it begins, where it is; or why there is an alert."""
    record = match.get("article") or match.get("alert") or {}
    origin = ", ".join(filter(None, (record.get("publisher") or record.get("site"), record.get("published_at"))))
    return "\n".join(filter(None, (origin, record.get("summary"), record.get("cause"), match["url"])))
