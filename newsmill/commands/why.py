"""`newsmill why`: the life of a URL."""

from collections.abc import Iterator, Mapping
from typing import Annotated, Any

import typer

from newsmill.options import AsJson, DataFolder
from newsmill.output import print_report
from newsmill.running_system import find_system
from services.reader.queries.history import url_history

app = typer.Typer(add_completion=False)

Record = Mapping[str, Any]


@app.command()
def why(
    url: Annotated[str, typer.Argument(help="Any URL: ended, under way or never triggered.")],
    data: DataFolder = None,
    as_json: AsJson = False,
) -> None:
    """Show the life of a URL. That is who triggered it, what happened, how it ended and what was stored."""
    system = find_system(data)
    with system.session() as session:
        report = url_history(session, system.redis(), url)
    print_report(report, life_lines, as_json=as_json)


def life_lines(report: Record) -> Iterator[str]:
    """Yields the life of a URL (services/reader/queries/history.py) in lines."""
    yield report["url"]
    if "error" in report:
        yield f"  cannot be fetched: {report['error']}"
        return
    if not report["visits"] and not report["now"]:
        yield "  nobody has asked for it"
    for visit in report["visits"]:
        yield from _visit_lines(visit)
    for state in report["now"]:
        yield _state_line(state)
    yield from _stored_lines(report)
    for letter in report["dead_letters"]:
        yield f"dead letter {letter['id']} at {letter['stage']}: {letter['cause']}: {letter['detail'][:200]} ({letter['where']})"


def _stored_lines(report: Record) -> Iterator[str]:
    if report["article"] is not None:
        yield from _article_lines(report["article"])
    for headline in report["headlines"]:
        yield (
            f"headline on {headline['page_url']}: {headline['text']!r}, at {headline['position']}, "
            f"{headline['first_seen_at']} to {headline['last_seen_at']}"
        )
    if source := report["source"]:
        yield (
            f"source {source['name']}: {source['state']}, {_pace(source)}, next "
            f"{source['next_poll_at']}, {source['failures']} failures in a row"
        )


def _pace(source: Record) -> str:
    return f"every {source['interval_seconds']} s" if source["interval_seconds"] else "at a learned pace"


def _visit_lines(visit: Record) -> Iterator[str]:
    page = f", found on or polled as {visit['asked_by']}" if visit["asked_by"] else ""
    yield f"{visit['triggered_at']}  asked for by {visit['via'] or 'unknown'}{page} (trace {visit['trace_id']})"
    for step in visit["steps"]:
        details = " ".join(str(value) for name, value in step.items() if name not in ("what", "at") and value)
        yield f"    {step.get('at', ''):<32} {step['what']}: {details}"
    end = " ".join(str(value) for value in (visit["status"], visit["detail"]) if value)
    yield f"    {visit['ended_at'] or '':<32} {visit['disposition']} at {visit['stage']} {end}".rstrip()


def _state_line(state: Record) -> str:
    details = ", ".join(
        f"{name} {value}" for name, value in state.items() if name not in ("state", "trace_id") and value
    )
    return f"now: {state['state']} ({details}; trace {state['trace_id']})"


def _article_lines(article: Record) -> Iterator[str]:
    text_from = ", text from its feed" if article["text_from"] == "feed" else ""
    yield f"article {article['id']}: {article['title']!r} ({article['canonical_url']}), version {article['version']}{text_from}"
    for version in article["versions"][1:]:
        yield f"    version {version['number']} of {version['fetched_at']}: {version['title']!r}"
    if story := article["story"]:
        yield f"    story {story['id']}, with {len(story['others'])} more: {', '.join(story['others'][:5])}"
