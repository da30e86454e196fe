"""`newsmill why URL`: the life of a URL in lines a person can read."""

from collections.abc import Iterable, Iterator, Mapping
from typing import Any


def lines(told: Mapping[str, Any]) -> Iterator[str]:
    """The life of a URL (services/reader/history.py) in lines."""
    yield told["url"]
    if "error" in told:
        yield f"  cannot be fetched: {told['error']}"
        return
    if not told["visits"] and not told["now"]:
        yield "  nobody has asked for it"
    for visit in told["visits"]:
        yield from _visit(visit)
    for state in told["now"]:
        more = ", ".join(
            f"{name} {value}" for name, value in state.items() if name not in ("state", "trace_id") and value
        )
        yield f"now: {state['state']} ({more}; trace {state['trace_id']})"
    yield from _article(told["article"])
    for one in told["headlines"]:
        yield (
            f"headline on {one['page_url']}: {one['text']!r}, at {one['position']}, {one['first_seen_at']} to "
            f"{one['last_seen_at']}"
        )
    if source := told["source"]:
        yield (
            f"source {source['name']}: {source['state']}, every {source['interval_seconds']} s, next "
            f"{source['next_poll_at']}, {source['failures']} failures in a row"
        )
    for letter in told["dead_letters"]:
        yield f"dead letter {letter['id']} at {letter['stage']}: {letter['cause']}: {letter['detail'][:200]} ({letter['where']})"


def _visit(visit: Mapping[str, Any]) -> Iterator[str]:
    by = f", found on or polled as {visit['asked_by']}" if visit["asked_by"] else ""
    yield f"{visit['triggered_at']}  asked for by {visit['via'] or 'unknown'}{by} (trace {visit['trace_id']})"
    for step in visit["steps"]:
        rest = " ".join(str(value) for name, value in step.items() if name not in ("what", "at") and value)
        yield f"    {step.get('at', ''):<32} {step['what']}: {rest}"
    end = " ".join(str(value) for value in (visit["status"], visit["detail"]) if value)
    yield f"    {visit['ended_at'] or '':<32} {visit['disposition']} at {visit['stage']} {end}".rstrip()


def _article(article: Mapping[str, Any] | None) -> Iterable[str]:
    if article is None:
        return
    yield f"article {article['id']}: {article['title']!r} ({article['canonical_url']}), version {article['version']}"
    for version in article["versions"][1:]:
        yield f"    version {version['number']} of {version['fetched_at']}: {version['title']!r}"
    if story := article["story"]:
        yield f"    story {story['id']}, with {len(story['others'])} more: {', '.join(story['others'][:5])}"
