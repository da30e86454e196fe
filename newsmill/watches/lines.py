"""Watches, their matches and deliveries as lines for a person."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from newsmill.output import table

COLUMNS = ("id", "watch", "state", "matches", "newest", "tells", "asks for")
DELIVERY_COLUMNS = ("id", "created", "state", "attempts", "status", "to", "what", "why")


def watch_table(report: Mapping[str, Any]) -> Iterator[str]:
    """Yields watches as a table."""
    if not report["watches"]:
        yield 'no watches: add one with `newsmill watch add "ferry harbour" --webhook https://hook.example/`'
        return
    yield from table([COLUMNS, *map(_row, report["watches"])])


def watch_lines(report: Mapping[str, Any]) -> Iterator[str]:
    """Yields a watch with its receivers; secrets that were made with it are shown once."""
    watch, secrets = report["watch"], report.get("secrets", {})
    about = "" if watch["about"] == "articles" else "alerts: "
    yield f"{watch['name']} ({watch['id']}, {watch['state']}): {about}{watch['query'] or 'all'}"
    yield f"  {'a story is told once' if watch['fold'] else 'each article is told'}; {watch['matches']} matches"
    for name, path in watch["feeds"].items():
        yield f"  {name} feed {path}"
    for receiver in watch["receivers"]:
        yield f"  {_receiver(receiver)}"
        if secret := secrets.get(receiver["id"]):
            yield f"      signs with {secret} (shown this once)"


def match_lines(report: Mapping[str, Any]) -> Iterator[str]:
    """Yields matches, newest first."""
    if not report["matches"]:
        yield "no matches yet"
    for match in report["matches"]:
        yield f"{match['matched_at'][:19]}  {match['kind']:<8} {match['title']}  {match['url'] or ''}".rstrip()


def delivery_lines(report: Mapping[str, Any]) -> Iterator[str]:
    """Yields deliveries, newest first, as a table."""
    if not report["deliveries"]:
        yield "no deliveries"
        return
    yield from table([DELIVERY_COLUMNS, *map(_delivery_row, report["deliveries"])])


def trial_lines(report: Mapping[str, Any]) -> Iterator[str]:
    """Yields what a watch would have matched, then how the test deliveries went."""
    matches = report["matches"]
    yield f"since {report['since'][:16]} it would have matched {len(matches) or 'nothing'}"
    for match in matches[:20]:
        yield f"  {match['at'][:16]}  {match['title']}  {match['url'] or ''}".rstrip()
    if len(matches) > 20:
        yield f"  and {len(matches) - 20} more"
    for delivery in report["deliveries"]:
        yield f"{delivery['address']}: {_ended(delivery)}"
    if not report["deliveries"]:
        yield "it tells nobody: add a receiver with `newsmill watch edit NAME --webhook URL`"


def _ended(delivery: Mapping[str, Any]) -> str:
    if delivery["state"] == "waiting" and not delivery["attempts"]:
        return "not sent yet: no courier has taken it"
    return f"{delivery['state']}{_why(delivery)}"


def _why(delivery: Mapping[str, Any]) -> str:
    return f" ({delivery['error']})" if delivery["error"] else ""


def _row(watch: Mapping[str, Any]) -> Sequence[str]:
    tells = ", ".join(f"{receiver['address']}{_flag(receiver)}" for receiver in watch["receivers"])
    query = watch["query"] or f"all {watch['about']}"
    return (
        str(watch["id"]), watch["name"], watch["state"], str(watch["matches"]), (watch["newest_match_at"] or "–")[:16],
        tells or "nobody", query,
    )  # fmt: skip


def _flag(receiver: Mapping[str, Any]) -> str:
    if receiver["state"] != "active":
        return " (disabled)"
    return " (fails)" if receiver["failures"] else ""


def _receiver(receiver: Mapping[str, Any]) -> str:
    when = {"at-once": "at once", "hourly": "hourly", "daily": f"daily at {receiver['hour']}:00 {receiver['zone']}"}
    line = (
        f"{receiver['id']}  {receiver['kind']} {receiver['address']}  {when[receiver['rhythm']]}  {receiver['state']}"
    )
    numbers = ", ".join(f"{receiver[state]} {state}" for state in ("waiting", "failed") if receiver[state])
    return "  ".join(filter(None, (line, numbers, receiver["reason"])))


def _delivery_row(delivery: Mapping[str, Any]) -> Sequence[str]:
    data = delivery["payload"]["data"]
    title = data.get("title") or (f"{data['number']} matches" if "number" in data else delivery["payload"]["type"])
    return (
        str(delivery["id"]), delivery["created_at"][:19], delivery["state"], str(delivery["attempts"]),
        str(delivery["status"] or "–"), delivery["address"], title, delivery["error"] or "",
    )  # fmt: skip
