"""`newsmill fetch`: one page as the fetcher downloads it, with every step of the exchange."""

from collections.abc import Iterator, Mapping
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Annotated, Any

import typer
from redis import Redis

from newsmill.commands.host import robots_lines
from newsmill.local.redis_server import RedisServer
from newsmill.options import AsJson, DataFolder
from newsmill.output import print_report
from newsmill.running_system import LocalSystem, find_system
from newsmill.urls import fetchable_option
from services.fetcher.explain import Explained, explain_fetch
from services.fetcher.settings import FetcherSettings
from services.parser.page.encoding import charset_of
from shared.contracts import Access
from shared.errors import SettingsError

app = typer.Typer(add_completion=False)

ENCODING_EVIDENCE = {
    "bom": "by its byte order mark", "utf-8": "its bytes are valid UTF-8", "header": "by its Content-Type header",
    "document": "as the document declares", "detected": "detected from its text",
}  # fmt: skip


@app.command()
def fetch(
    url: Annotated[str, typer.Argument(help="A page.")],
    login: Annotated[str | None, typer.Option(help="Name of a login in the access file.")] = None,
    proxy: Annotated[str | None, typer.Option(help="Name of a proxy in the access file.")] = None,
    data: DataFolder = None,
    as_json: AsJson = False,
) -> None:
    """Fetch a page as the fetcher does and show every step. It takes its turn at the host; nothing is stored.

    Exits with 1 when the page was not fetched.
    """
    access = Access(login=login, proxy=proxy) if login or proxy else None
    system = find_system(data)
    report = fetch_report(system.settings(FetcherSettings), _redis(system), fetchable_option(url), access)
    print_report(report, fetch_lines, as_json=as_json)
    if report["end"] != "fetched":
        raise typer.Exit(1)


def explain(url: str, data: Path | None) -> Explained:
    """Fetches a URL, at its turn among those of the running system, and returns the exchange and what was fetched."""
    system = find_system(data)
    return _explained(system.settings(FetcherSettings), _redis(system), url, None)


def _redis(system: LocalSystem) -> "Redis | None":
    """Returns the Redis of the running system, so that its turns are taken; None where none runs."""
    try:
        return system.redis()
    except SettingsError:
        return None


def fetch_report(settings: FetcherSettings, redis: "Redis | None", url: str, access: Access | None) -> dict[str, Any]:
    """Fetches a URL and returns the exchange as JSON values. Without a Redis it starts a private one for that time.

    Raises:
        BadUrl: the URL cannot be fetched.
        SettingsError: a setting of the fetcher is wrong, or no Redis can be started.
    """
    explained = _explained(settings, redis, url, access)
    if explained.content is None:
        return explained.report
    codec, evidence = charset_of(explained.content, explained.charset)
    return explained.report | {"encoding": {"codec": codec, "from": evidence}}


def _explained(settings: FetcherSettings, redis: "Redis | None", url: str, access: Access | None) -> Explained:
    if redis is None:
        with TemporaryDirectory() as folder, RedisServer(Path(folder), appendonly=False) as server:
            return explain_fetch(settings, Redis.from_url(server.url), url, access)
    return explain_fetch(settings, redis, url, access)


def fetch_lines(report: Mapping[str, Any]) -> Iterator[str]:
    """Yields the report of a fetch in lines."""
    yield report["url"]
    for step in report["steps"]:
        if "wait" in step:
            yield f"  waits {step['wait']:.1f} s: {step['why']}"
            continue
        outcome = step.get("status") or step.get("error")
        target = f" -> {step['location']}" if step.get("location") else ""
        yield f"  GET {step['url']}: {outcome}{target}"
        yield f"      {', '.join(_timings(step))}"
    yield from robots_lines(report["robots"])
    yield from _end_lines(report)


def _timings(step: Mapping[str, Any]) -> Iterator[str]:
    yield f"{step.get('address', 'no connection')}{' (kept)' if step.get('reused') else ''}"
    for name in ("dns", "connect", "tls", "turn", "first_byte"):
        if name in step:
            yield f"{name.replace('_', ' ')} {step[name]:g} ms"
    yield f"{step.get('wire_bytes', 0)} bytes on the wire"


def _end_lines(report: Mapping[str, Any]) -> Iterator[str]:
    host = report["host"]
    yield f"  host {host['host']}: {host['state']}, one request in {host['interval']:g} s ({host['why']})"
    if report["end"] != "fetched":
        yield f"end: {report['end']}: {report.get('detail', '')}"
        return
    page, encoding = report["page"], report["encoding"]
    yield f"end: fetched {page['final_url']}"
    yield f"  {page.get('media_type')}, {page['size']} bytes, {encoding['codec']} ({ENCODING_EVIDENCE[encoding['from']]})"
    yield f"  sha256 {page['body_hash']}"
    for name in ("etag", "last_modified", "moved_to"):
        if page.get(name):
            yield f"  {name.replace('_', '-')} {page[name]}"
