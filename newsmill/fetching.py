"""`newsmill fetch` and `newsmill host`: what the fetcher does and knows, for a person to read."""

from collections.abc import Iterator, Mapping
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from redis import Redis

from newsmill.redis_server import RedisServer
from services.fetcher.explain import explain_fetch
from services.fetcher.settings import FetcherSettings
from services.parser.page.encoding import charset_of
from shared.contracts import Access


def fetch(settings: FetcherSettings, redis: "Redis | None", url: str, access: Access | None) -> dict[str, Any]:
    """The whole exchange for a URL; without a running system with a Redis of its own.

    Raises:
        BadUrl: no URL.
        SettingsError: a setting of the fetcher is wrong, or there is no Redis to be had.
    """
    if redis is None:
        with TemporaryDirectory() as folder, RedisServer(Path(folder), appendonly=False) as server:
            return fetch(settings, Redis.from_url(server.url), url, access)
    explained = explain_fetch(settings, redis, url, access)
    if explained.content is None:
        return explained.report
    codec, why = charset_of(explained.content, explained.charset)
    return explained.report | {"encoding": {"codec": codec, "from": why}}


def fetch_lines(report: Mapping[str, Any]) -> Iterator[str]:
    """A report of fetch() in lines."""
    yield report["url"]
    for step in report["steps"]:
        if "wait" in step:
            yield f"  waits {step['wait']:.1f} s: {step['why']}"
            continue
        ended = step.get("status") or step.get("error")
        moved = f" -> {step['location']}" if step.get("location") else ""
        yield f"  GET {step['url']}: {ended}{moved}"
        yield f"      {', '.join(_timed(step))}"
    yield from _robots_lines(report["robots"])
    yield from _end_lines(report)


def _timed(step: Mapping[str, Any]) -> Iterator[str]:
    yield f"{step.get('address', 'no connection')}{' (kept)' if step.get('reused') else ''}"
    for name in ("dns", "connect", "tls", "turn", "first_byte"):
        if name in step:
            yield f"{name.replace('_', ' ')} {step[name]:g} ms"
    yield f"{step.get('wire_bytes', 0)} bytes on the wire"


def _robots_lines(robots: Mapping[str, Any]) -> Iterator[str]:
    if "allowed" in robots:
        delay = f", Crawl-delay {robots['crawl_delay']:g} s" if robots["crawl_delay"] else ""
        yield f"  robots.txt {'allows' if robots['allowed'] else 'forbids'} it to {robots['agent']}{delay}"
        yield from (f"    sitemap {url}" for url in robots["sitemaps"])
    elif robots:
        yield f"  robots.txt: {robots}"


def _end_lines(report: Mapping[str, Any]) -> Iterator[str]:
    host = report["host"]
    yield f"  host {host['host']}: {host['state']}, one request in {host['interval']:g} s ({host['why']})"
    if report["end"] != "fetched":
        yield f"end: {report['end']}: {report.get('detail', '')}"
        return
    page, encoding = report["page"], report["encoding"]
    yield f"end: fetched {page['final_url']}"
    yield f"  {page.get('media_type')}, {page['size']} bytes, {encoding['codec']} (from the {encoding['from']})"
    yield f"  sha256 {page['body_hash']}"
    for name in ("etag", "last_modified", "moved_to"):
        if page.get(name):
            yield f"  {name.replace('_', '-')} {page[name]}"


def host_lines(report: Mapping[str, Any]) -> Iterator[str]:
    """A report of explain_host() in lines."""
    yield f"{report['host']}: {report['state']}"
    yield f"  one request in {report['interval']:g} s ({report['why']}), the next in {max(0, report['next']):.1f} s"
    yield f"  {report['waiting']:.0f} URLs wait, {report['in_flight']:.0f} requests under way"
    named = {
        "latency": "mean latency {:.2f} s", "slow": "complaints slow it down {:.1f} times", "delay": "Crawl-delay {:g} s",
        "rest": "asked for rest for {:.0f} s", "failures": "{:.0f} failures in a row", "since": "in trouble since {:.0f} s",
        "open": "breaker opens for a probe in {:.0f} s",
    }  # fmt: skip
    for name, words in named.items():
        if report.get(name):
            yield f"  {words.format(abs(report[name]) if name == 'since' else report[name])}"
    for origin, robots in report["robots"].items():
        yield f"  {origin}/robots.txt"
        yield from (f"  {line}" for line in _robots_lines(robots))
