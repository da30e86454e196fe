"""A site that hides one story in each way, and a real kill: its coverage accounts for every story, in one run.

`make chaos` runs it with the other faults; by itself: pytest -s -m chaos tests/chaos/test_hidden_stories.py
"""

import json
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Event, Thread
from typing import Any
from urllib.parse import urlsplit

import pytest

from tests.chaos.site import WORDS
from tests.chaos.system import ROOT, System, running, wait_for
from tests.chaos.test_chaos import PATIENCE, settings

pytestmark = pytest.mark.chaos

NOW = datetime.now(UTC)
TOMORROW = NOW + timedelta(days=1)
FOLDER = f"/{NOW:%Y/%m/%d}/"
# The channels that list each story.
STORIES = {
    "council-votes-on-the-new-quay-of-the-harbour": "feed front sitemap",
    "fishermen-return-to-the-old-market-after-the-storm": "feed front sitemap",
    "bridge-over-the-river-opens-again-in-the-spring": "feed front sitemap",
    "archive-of-the-harbour-master-is-put-in-order": "sitemap",
    "brass-band-plays-on-the-quay-this-evening": "front",
    "mayor-announces-the-budget-of-the-coming-year": "feed front sitemap",
    "members-read-the-diary-of-the-lighthouse-keeper": "front sitemap",
    "minutes-of-a-meeting-that-nobody-may-read": "front sitemap",
    "night-train-to-the-coast-is-late-once-more": "feed front sitemap",
    "old-lighthouse-is-lit-again-for-one-night": "archive",
    "pilot-boat-is-withdrawn-before-it-has-sailed": "feed front",
    "queue-at-the-ferry-goes-round-the-market": "feed front",
    "regatta-is-held-in-spite-of-the-fog": "feed front",
    "salt-works-open-their-gates-next-week": "feed front sitemap",
}
ONLY_SITEMAP, ONLY_FRONT, LATE, WALLED, FORBIDDEN, KILLED, ARCHIVED, WITHDRAWN, MOVED, DOUBLED, FUTURE = list(STORIES)[
    3:
]
LISTED = len(STORIES) + 1
# Where a story moves to, and the second address under which one is listed.
ELSEWHERE, SECOND = "queue-at-the-ferry-has-gone", "regatta-is-held-in-spite-of-the-fog-and-of-the-rain"
WALL = b'<html><title>Before you continue</title><div class="consent-wall"><p>We value your privacy.</p></div></html>'


class HidingSite:
    """A site with a front page, a feed and a news sitemap, none of which lists everything.

    One story is announced before it can be had, one is behind a wall, one is forbidden by robots.txt, and one keeps whoever asks
    for it first waiting until he is killed. One is only in a sitemap that is gone when the story itself is asked for, one is withdrawn after
    it was listed, one has moved, one is listed under two addresses, and one bears tomorrow's date.
    """

    def __init__(self) -> None:
        self.asked_for_killed, self.killed, self.published, self.archive_read = Event(), Event(), Event(), Event()
        site = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                status, media_type, body = site.answer(urlsplit(self.path).path)
                self.send_response(status)
                self.send_header("Location" if status == 301 else "Content-Type", media_type)
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, *_: object) -> None:
                pass

        class Server(ThreadingHTTPServer):
            daemon_threads = True

            def handle_error(self, *_: object) -> None:
                """A fetcher that is killed hangs up."""

        self._server = Server(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self._server.server_port}"
        Thread(target=self._server.serve_forever, daemon=True).start()

    def close(self) -> None:
        self._server.shutdown()
        self._server.server_close()

    def answer(self, path: str) -> tuple[int, str, bytes]:
        """Status, media type and body."""
        if path == "/archive.xml" and self.archive_read.is_set():
            return 404, "text/plain", b"nothing here"
        pages = {
            "/": self._front, "/feed.xml": self._feed, "/news.xml": lambda: self._sitemap("sitemap"),
            "/archive.xml": lambda: self._sitemap("archive"), "/robots.txt": self._robots,
        }  # fmt: skip
        if path in pages:
            media_type = {"/": "text/html", "/robots.txt": "text/plain"}.get(path, "application/xml")
            return 200, media_type, pages[path]().encode()
        name = path.removeprefix(FOLDER)
        return self._story(name) if name in {*STORIES, ELSEWHERE, SECOND} else (404, "text/plain", b"nothing here")

    def _story(self, address: str) -> tuple[int, str, bytes]:
        name = DOUBLED if address == SECOND else address
        if name == WALLED:
            return 200, "text/html", WALL
        if name == ARCHIVED:
            self.archive_read.set()
        if name == WITHDRAWN:
            return 410, "text/html", b"<title>Withdrawn</title>"
        if name == MOVED:
            return 301, f"{FOLDER}{ELSEWHERE}", b""
        if name == LATE and not self.published.is_set():
            return 404, "text/html", b"<title>Not yet</title>"
        if name == KILLED and not self.killed.is_set():
            self.asked_for_killed.set()
            self.killed.wait(60)
        paragraphs = "".join(
            f"<p>{_title(name)}, said the {' '.join(WORDS[place : place + 30])} of the town on Monday.</p>"
            for place in range(0, 40, 5)
        )
        return (
            200,
            "text/html",
            f"<title>{_title(name)}</title>{self._head(name)}<article><h1>{_title(name)}</h1>{paragraphs}</article>".encode(),
        )

    def _head(self, name: str) -> str:
        """The address of a story, and the date of tomorrow's."""
        date = f'<meta property="article:published_time" content="{TOMORROW.isoformat()}">' if name == FUTURE else ""
        return f'<link rel="canonical" href="{self.url}{FOLDER}{name}">{date}'

    def _robots(self) -> str:
        sitemaps = f"Sitemap: {self.url}/news.xml\nSitemap: {self.url}/archive.xml\n"
        return f"User-agent: *\nDisallow: {FOLDER}{FORBIDDEN}\n{sitemaps}"

    def _front(self) -> str:
        links = "".join(
            f'<article><h2><a href="{FOLDER}{name}">{_title(name)}</a></h2></article>' for name in listed("front")
        )
        return f'<title>Gazette</title><link rel="alternate" type="application/rss+xml" href="/feed.xml"><main>{links}</main>'

    def _feed(self) -> str:
        items = "".join(
            f"<item><title>{_title(name)}</title><link>{self.url}{FOLDER}{name}</link></item>"
            for name in [*listed("feed"), SECOND]
        )
        return f"<rss version='2.0'><channel><title>Gazette</title><link>{self.url}/</link>{items}</channel></rss>"

    def _sitemap(self, channel: str) -> str:
        urls = "".join(
            f"<url><loc>{self.url}{FOLDER}{name}</loc><n:news><n:publication_date>{(TOMORROW if name == FUTURE else NOW).isoformat()}</n:publication_date><n:title>{_title(name)}</n:title></n:news></url>"
            for name in listed(channel)
        )
        spaces = 'xmlns="http://www.sitemaps.org/schemas/sitemap/0.9" xmlns:n="http://www.google.com/schemas/sitemap-news/0.9"'
        return f"<urlset {spaces}>{urls}</urlset>"


def listed(channel: str) -> list[str]:
    return [name for name, channels in STORIES.items() if channel in channels]


def _title(name: str) -> str:
    return name.replace("-", " ").capitalize()


def coverage(system: System, *options: str) -> str:
    """What `newsmill coverage` prints of the running system."""
    command = [sys.executable, "-c", "from newsmill.cli import main; main()", "coverage", "--missing", *options]
    redis = {"NEWSMILL_REDIS_URL": f"redis://127.0.0.1:{system.redis_process.port}/0", "PYTHONPATH": str(ROOT)}
    environment = os.environ | system.settings | redis
    return subprocess.run(
        command, cwd=system.folder, env=environment, check=True, capture_output=True, text=True
    ).stdout


def figures(system: System) -> dict[str, Any]:
    sites = json.loads(coverage(system, "--json"))["sites"]
    return dict(sites[0]) if len(sites) == 1 else {}


@pytest.fixture
def site() -> Iterator[HidingSite]:
    site = HidingSite()
    yield site
    site.close()


def test_every_story_that_a_site_hides_is_accounted_for_though_its_fetchers_are_killed(
    site: HidingSite, tmp_path: Path
) -> None:
    with running(tmp_path, settings(tmp_path), "sqlite") as system:
        draft = tmp_path / "sources.yaml.draft"
        draft.write_text(json.dumps({"sites": [f"{site.url}/"]}))
        draft.rename(tmp_path / "sources.yaml")
        assert site.asked_for_killed.wait(PATIENCE)
        for fetcher in system.of("fetcher"):
            fetcher.signal(signal.SIGKILL)
        site.killed.set()
        wait_for("every story is listed", lambda: figures(system).get("listed") == LISTED, PATIENCE)
        wait_for("the late one is tried again later", lambda: figures(system).get("retries") == 1, PATIENCE)
        site.published.set()
        print("\nafter the kill\n" + coverage(system))  # noqa: T201 - that is the demonstration
        wait_for("nothing is under way", lambda: figures(system).get("under_way") == 0, 2 * PATIENCE)
        print("at last\n" + coverage(system))  # noqa: T201 - that is the demonstration
        report = json.loads(coverage(system, "--json"))
    [outlet] = report["sites"]
    assert (outlet["listed"], outlet["stored"], outlet["dropped"], outlet["under_way"]) == (LISTED, LISTED - 3, 3, 0)
    assert outlet["reasons"] == {"consent-wall": 1, "robots": 1, "http-410": 1}
    assert (outlet["only"]["sitemap"], outlet["only"]["front"]) == (2, 1)
    assert {story["url"].rpartition("/")[2] for story in report["missing"]} == {WALLED, FORBIDDEN, WITHDRAWN}
    [(articles,)] = system.query("SELECT count(*) FROM article")
    assert articles == LISTED - 3 - 1, "two addresses of one story are two listed pages, and one article"
