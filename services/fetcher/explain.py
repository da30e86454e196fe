"""What the fetcher does with a URL and knows of a host, for a person to read.

`newsmill fetch URL` and `newsmill host NAME`; beside a fetcher in a container, which has no such command,
`python -m services.fetcher.explain fetch URL` or `host NAME`.
"""

import argparse
import json
import sys
import time
from dataclasses import asdict
from typing import Any

from redis import Redis

from services.fetcher.fetch import Fetcher, Step
from services.fetcher.politeness.robots import DOWN, FOUND, KEY, Robots, parse
from services.fetcher.politeness.turns import Politeness, site_of
from services.fetcher.settings import FetcherSettings
from services.fetcher.wire.web import make_web
from shared.contracts import Access, FetchRequested, PageFetched
from shared.errors import Drop, NewsmillError, TryLater
from shared.pages import MemoryPages
from shared.settings import load
from shared.urls import fetchable
from shared.worker.connection import connect

# Turns that are waited for on the way to one page.
LONGEST_WAIT = 120.0


class Explained:
    """A fetch as a person wants to see it: `report` for the eyes, `content` and `charset` of the page if there is one."""

    def __init__(self, report: dict[str, Any], content: bytes | None = None, charset: str | None = None) -> None:
        self.report = report
        self.content = content
        self.charset = charset


def explain_fetch(
    settings: FetcherSettings, redis: "Redis", url: str, access: Access | None = None, patience: float = LONGEST_WAIT
) -> Explained:
    """Fetches a URL as the fetcher does, in its turn, and tells every step. Nothing is stored.

    Args:
        settings: of the fetcher.
        redis: where the cluster's turns and robots.txt files are.
        url: to fetch.
        access: how, if not like any other.
        patience: seconds to wait for turns in all.

    Raises:
        BadUrl: no URL.
    """
    steps: list[dict[str, Any]] = []
    pages = MemoryPages()
    fetcher = Fetcher(
        settings,
        web=make_web(settings),
        robots=Robots(settings, redis),
        politeness=Politeness(redis, settings),
        pages=pages,
        watch=lambda step: steps.append(_step(step)),
    )
    request = FetchRequested(url=fetchable(url), access=access, priority=9)
    outcome = _outcome(fetcher, request, steps, time.monotonic() + patience)
    report = {"url": request.url, "steps": steps, **outcome, "robots": _robots(settings, redis, request.url)}
    page = outcome.get("page") or {}
    content = pages.get(page["key"]) if page.get("key") else None
    return Explained(report | {"host": explain_host(settings, redis, site_of(url))}, content, page.get("charset"))


def _outcome(fetcher: Fetcher, request: FetchRequested, steps: list[dict[str, Any]], ends: float) -> dict[str, Any]:
    while True:
        try:
            [page] = [one for one in fetcher.fetch(request) if isinstance(one, PageFetched)]
        except Drop as end:
            return {"end": end.reason.value, "detail": end.detail}
        except TryLater as wait:
            if wait.host is None or time.monotonic() + wait.seconds > ends:
                return {"end": "try-later", "reason": wait.reason.value, "seconds": wait.seconds, "detail": wait.detail}
            steps.append({"wait": round(wait.seconds, 2), "why": wait.detail})
            time.sleep(wait.seconds)
            request = request.model_copy(update={"trail": wait.trail})
        else:
            return {"end": "fetched", "page": page.page.model_dump(mode="json", exclude_none=True)}


def _step(step: Step) -> dict[str, Any]:
    told = {"url": step.url, "status": step.status, "error": step.error, "location": step.location}
    exchange = {name: value for name, value in asdict(step.exchange).items() if name not in ("url", "sent_at")}
    timed = {
        name: round(value * 1000, 1) if name in ("dns", "connect", "tls", "first_byte") and value is not None else value
        for name, value in exchange.items()
    }
    waited = round(step.waited * 1000, 1) if step.waited is not None else None
    return {name: value for name, value in (told | {"turn": waited} | timed).items() if value is not None}


def explain_host(settings: FetcherSettings, redis: "Redis", name: str) -> dict[str, Any]:
    """What the cluster knows of a host: when it may be asked and why then, who waits, its breaker and robots.txt.

    Moments are seconds from now.
    """
    seen = Politeness(redis, settings).look(name)
    known: dict[str, Any] = {key: value if key == "why" else float(value) for key, value in seen.items()}
    origins = [f"{scheme}://{prefix}{name}" for scheme in ("https", "http") for prefix in ("", "www.")]
    robots = {origin: said for origin in origins if (said := _robots(settings, redis, origin))}
    return {"host": name, "state": _state(known), **known, "robots": robots}


def _state(known: dict[str, Any]) -> str:
    if known.get("paused"):
        return "paused"
    if known.get("open"):
        return "breaker open" if known["open"] > 0 else "breaker half-open"
    return "slowed down" if known.get("slow", 1) > 1 else "well"


def _robots(settings: FetcherSettings, redis: "Redis", url: str) -> dict[str, Any]:
    """What is remembered of a robots.txt, and what it says of the URL."""
    origin = "/".join(url.split("/")[:3])
    found: Any = redis.get(KEY + origin)
    if found is None:
        return {}
    text = found.decode()
    if text.startswith(DOWN):
        return {"unreachable": text[1:], "again_in": redis.ttl(KEY + origin)}
    if not text.startswith(FOUND):
        return {"moved": text[1:]}
    agent = settings.product()
    rules = parse(text[1:], agent)
    return {
        "agent": agent,
        "allowed": rules.can_fetch(url, agent),
        "crawl_delay": rules.crawl_delay(agent),
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
    given = parser.parse_args()
    try:
        settings = load(FetcherSettings)
        redis = connect(settings)
        if given.command == "fetch":
            report = explain_fetch(settings, redis, given.url).report
        else:
            if given.pause or given.resume:
                Politeness(redis, settings).pause(given.name, paused=given.pause)
            report = explain_host(settings, redis, given.name)
    except NewsmillError as error:
        sys.exit(str(error))
    sys.stdout.write(json.dumps(report, indent=2, ensure_ascii=False) + "\n")


if __name__ == "__main__":
    main()
