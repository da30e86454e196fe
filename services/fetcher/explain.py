"""What the fetcher does with a URL and what it knows of a host, for a person to read.

`newsmill fetch URL` and `newsmill host NAME`; beside a fetcher in a container, which has no such command,
`python -m services.fetcher.explain fetch URL` or `host NAME`.
"""

import argparse
import json
import sys
from dataclasses import asdict
from typing import Any

from redis import Redis

from services.fetcher.observation import Step
from services.fetcher.politeness.robots import KEY, TEXT, UNREACHABLE
from services.fetcher.politeness.robots_rules import parse
from services.fetcher.politeness.turns import Politeness, site_of
from services.fetcher.settings import FetcherSettings
from services.fetcher.visitor import MAX_WAIT, Visit, Visitor
from shared.contracts import Access
from shared.errors import NewsmillError
from shared.settings import load
from shared.urls import fetchable
from shared.worker.connection import connect


class Explained:
    """A fetch for a person: a `report`, and the `content` and `charset` of the page if there is one."""

    def __init__(self, report: dict[str, Any], content: bytes | None = None, charset: str | None = None) -> None:
        self.report = report
        self.content = content
        self.charset = charset


def explain_fetch(
    settings: FetcherSettings, redis: "Redis", url: str, access: Access | None = None, patience: float = MAX_WAIT
) -> Explained:
    """Fetches a URL as the fetcher does, in its turn, and returns a report of every step. Nothing is stored.

    Args:
        settings: of the fetcher.
        redis: where the cluster's turns and robots.txt files are.
        url: to fetch.
        access: the source's access, if the URL needs one.
        patience: seconds to wait for turns in all.

    Raises:
        BadUrl: the URL is none that can be fetched.
    """
    steps: list[dict[str, Any]] = []
    visitor = Visitor(
        settings, redis, patience=patience, watch=lambda step: steps.append(_step(step)),
        watch_wait=lambda wait: steps.append({"wait": round(wait.seconds, 2), "why": wait.detail}),
    )  # fmt: skip
    try:
        visit = visitor.visit(url, access)
    finally:
        visitor.close()
    url = fetchable(url)
    report = {"url": url, "steps": steps, **_outcome(visit), "robots": _robots(settings, redis, url)}
    content = visit.raw.body if visit.raw else None
    charset = visit.page.charset if visit.page else None
    return Explained(report | {"host": explain_host(settings, redis, site_of(url))}, content, charset)


def _outcome(visit: Visit) -> dict[str, Any]:
    if visit.page is not None:
        return {"end": visit.end, "page": visit.page.model_dump(mode="json", exclude_none=True)}
    wait = {"reason": visit.wait.reason.value, "seconds": visit.wait.seconds} if visit.wait else {}
    return {"end": visit.end, **wait, "detail": visit.detail}


def _step(step: Step) -> dict[str, Any]:
    result = {"url": step.url, "status": step.status, "error": step.error, "location": step.location}
    exchange = {name: value for name, value in asdict(step.exchange).items() if name not in ("url", "sent_at")}
    timed = {
        name: round(value * 1000, 1) if name in ("dns", "connect", "tls", "first_byte") and value is not None else value
        for name, value in exchange.items()
    }
    turn = round(step.wait_seconds * 1000, 1) if step.wait_seconds is not None else None
    return {name: value for name, value in (result | {"turn": turn} | timed).items() if value is not None}


def explain_host(settings: FetcherSettings, redis: "Redis", name: str) -> dict[str, Any]:
    """Returns what the cluster knows of a host: its next turn and the reason, the queue, its breaker and robots.txt.

    Times are seconds from now.
    """
    facts = Politeness(redis, settings).state(name).items()
    state: dict[str, Any] = {fact: value if fact == "why" else float(value) for fact, value in facts}
    origins = [f"{scheme}://{prefix}{name}" for scheme in ("https", "http") for prefix in ("", "www.")]
    robots = {origin: file for origin in origins if (file := _robots(settings, redis, origin))}
    return {"host": name, "state": _state_name(state), **state, "robots": robots}


def _state_name(state: dict[str, Any]) -> str:
    if state.get("paused"):
        return "paused"
    if state.get("open"):
        return "breaker open" if state["open"] > 0 else "breaker half-open"
    return "slowed down" if state.get("slow", 1) > 1 else "well"


def _robots(settings: FetcherSettings, redis: "Redis", url: str) -> dict[str, Any]:
    """What is remembered of a robots.txt, and what it says of the URL."""
    origin = "/".join(url.split("/")[:3])
    packed: Any = redis.get(KEY + origin)
    if packed is None:
        return {}
    record = packed.decode()
    if record.startswith(UNREACHABLE):
        return {"unreachable": record[1:], "again_in": redis.ttl(KEY + origin)}
    if not record.startswith(TEXT):
        return {"moved": record[1:]}
    agent = settings.product()
    rules = parse(record[1:], agent)
    return {
        "agent": agent,
        "allowed": rules.allows(url),
        "crawl_delay": rules.delay or None,
        "sitemaps": list(rules.sitemaps),
        "expires_in": redis.ttl(KEY + origin),
    }


def main() -> None:
    """The command beside a fetcher."""
    parser = argparse.ArgumentParser(prog="python -m services.fetcher.explain", description=__doc__)
    commands = parser.add_subparsers(dest="command", required=True)
    commands.add_parser("fetch").add_argument("url")
    host = commands.add_parser("host")
    host.add_argument("name")
    host.add_argument("--pause", action="store_true")
    host.add_argument("--resume", action="store_true")
    arguments = parser.parse_args()
    try:
        settings = load(FetcherSettings)
        redis = connect(settings)
        if arguments.command == "fetch":
            report = explain_fetch(settings, redis, arguments.url).report
        else:
            if arguments.pause or arguments.resume:
                Politeness(redis, settings).pause(arguments.name, paused=arguments.pause)
            report = explain_host(settings, redis, arguments.name)
    except NewsmillError as error:
        sys.exit(str(error))
    sys.stdout.write(json.dumps(report, indent=2, ensure_ascii=False) + "\n")


if __name__ == "__main__":
    main()
