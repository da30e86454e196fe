"""A browser in a process of its own, for sources that are empty without one: `python -m services.fetcher.browser`.

The browser reaches no host by itself: its names resolve to nothing, and each request that a page makes is answered from
here, through the same guard and with the same limits as any download. The document comes with the task, already fetched
in its turn.

Reads a JSON line {"url", "content" (base64), "media_type", "seconds"} and writes one, {"content" (base64)} or
{"error"}, until its input ends.
"""

import base64
import json
import os
import sys
import time
from contextlib import suppress
from typing import Any

from playwright.sync_api import Browser, Error, Page, Request, Route, sync_playwright

from services.fetcher.settings import FetcherSettings
from services.fetcher.wire.decoding import body
from services.fetcher.wire.failures import Failure
from services.fetcher.wire.web import Web, make_web
from shared.errors import Drop
from shared.settings import load
from shared.urls import fetchable, join

# What a page needs to show its text: no pictures, fonts and styles.
NEEDED_TYPES = frozenset({"script", "xhr", "fetch"})
MAX_REQUESTS = 100
MAX_HOPS = 5
# A page is complete when nothing has been requested for a moment, or so long after its scripts have loaded.
SETTLE_SECONDS = 5.0
OFFLINE = (
    "--host-resolver-rules=MAP * ~NOTFOUND", "--disable-background-networking", "--disable-component-update",
    "--disable-sync", "--disable-quic", "--no-first-run", "--disable-gpu",
)  # fmt: skip
# Headers of our own connection to the server, not of the page.
CONNECTION_HEADERS = frozenset({"content-encoding", "content-length", "transfer-encoding", "connection", "set-cookie"})


class Visit:
    """One page: what it requests is fetched for it, up to MAX_REQUESTS, until its time is over."""

    def __init__(self, web: Web, settings: FetcherSettings, task: dict[str, Any]) -> None:
        self._web = web
        self._limit = settings.fetch_max_bytes
        self._url = str(task["url"])
        self._content = base64.b64decode(task["content"])
        self._media_type = str(task["media_type"] or "text/html")
        self._ends = time.monotonic() + float(task["seconds"])
        self._requests = 0

    def answer(self, route: Route, request: Request) -> None:
        """Answers a request of the page."""
        if request.is_navigation_request() and request.frame.parent_frame is None and request.url == self._url:
            route.fulfill(status=200, content_type=self._media_type, body=self._content)
        elif request.method != "GET" or request.resource_type not in NEEDED_TYPES or self._requests >= MAX_REQUESTS:
            route.abort()
        else:
            self._requests += 1
            self._fulfill(route, request.url)

    def _fulfill(self, route: Route, url: str) -> None:
        try:
            status, headers, content = self._fetch(fetchable(url))
        except (Failure, Drop, ValueError):
            route.abort()
        else:
            route.fulfill(status=status, headers=headers, body=content)

    def _fetch(self, url: str) -> tuple[int, dict[str, str], bytes]:
        for _ in range(MAX_HOPS):
            with self._web.get(url, self._ends) as answer:
                target = join(url, answer.headers["Location"]) if answer.is_redirect else None
                if target is None:
                    headers = {
                        name: value for name, value in answer.headers.items() if name.lower() not in CONNECTION_HEADERS
                    }
                    return answer.status_code, headers, body(answer, self._limit)[: self._limit]
            url = target
        raise ValueError(f"{url}: more than {MAX_HOPS} redirects")

    def show(self, page: Page) -> bytes:
        """Returns the page's markup once its scripts have run."""
        page.set_default_timeout(max(1.0, self._ends - time.monotonic()) * 1000)
        page.goto(self._url, wait_until="load")
        remaining = min(SETTLE_SECONDS, self._ends - time.monotonic() - 1)
        if remaining > 0:
            # A page that never stops requesting is taken as it is.
            with suppress(Error):
                page.wait_for_load_state("networkidle", timeout=remaining * 1000)
        markup: str = page.content()
        return markup.encode()


def visit(browser: Browser, web: Web, settings: FetcherSettings, task: dict[str, Any]) -> dict[str, str]:
    """Returns the answer to a task."""
    context = browser.new_context(user_agent=settings.user_agent, service_workers="block", accept_downloads=False)
    try:
        page_visit = Visit(web, settings, task)
        context.route("**/*", page_visit.answer)
        return {"content": base64.b64encode(page_visit.show(context.new_page())).decode()}
    except Error as error:
        return {"error": str(error).splitlines()[0][:300]}
    finally:
        context.close()


def main() -> None:
    """Serves tasks until its input ends."""
    settings = load(FetcherSettings)
    web = make_web(settings)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=settings.fetch_browser, args=list(OFFLINE), chromium_sandbox=os.geteuid() != 0
        )
        for line in sys.stdin:
            sys.stdout.write(json.dumps(visit(browser, web, settings, json.loads(line))) + "\n")
            sys.stdout.flush()
        browser.close()


if __name__ == "__main__":
    main()
