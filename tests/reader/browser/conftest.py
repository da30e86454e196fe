"""The reader on a socket, and a real Chromium in front of it."""

import json
import shutil
import socket
from collections.abc import Callable, Iterator
from pathlib import Path
from threading import Thread
from time import monotonic, sleep
from typing import TYPE_CHECKING, Any

import pytest
import uvicorn
from redis import Redis
from sqlalchemy import Engine

from services.reader.application import make_application
from services.reader.settings import ReaderSettings
from shared.later import Later
from shared.worker.sender import make_sender

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

# The rules of WCAG 2.2, levels A and AA, and axe's own best practices.
RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]


@pytest.fixture
def database_url(tmp_path: Path, sqlite_template: Path) -> str:
    """SQLite alone: what a browser sees does not depend on the database."""
    shutil.copy(sqlite_template, tmp_path / "newsmill.db")
    return f"sqlite:///{tmp_path / 'newsmill.db'}"


@pytest.fixture
def settings() -> ReaderSettings:
    """The reader's settings: who sits at this machine needs no account."""
    return ReaderSettings()


@pytest.fixture
def address(engine: Engine, redis: Redis, redis_url: str, settings: ReaderSettings) -> Iterator[str]:
    """The address of a reader with the test's database."""
    sender = make_sender(Later(redis))
    app = make_application(engine, redis, settings, sender)
    with socket.create_server(("127.0.0.1", 0)) as listener:
        server = uvicorn.Server(uvicorn.Config(app, ws="none", log_config=None, timeout_graceful_shutdown=1))
        thread = Thread(target=server.run, kwargs={"sockets": [listener]}, daemon=True)
        thread.start()
        deadline = monotonic() + 30
        while not server.started and monotonic() < deadline:
            sleep(0.01)
        yield f"http://127.0.0.1:{listener.getsockname()[1]}"
        server.should_exit = True
        thread.join(30)


@pytest.fixture(scope="session")
def browser() -> Iterator["Browser"]:
    from playwright.sync_api import sync_playwright

    path = shutil.which("chromium")
    assert path, "no Chromium on PATH: apt-get install chromium"
    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=path, args=["--no-sandbox"])
        yield chromium
        chromium.close()


@pytest.fixture
def open_page(browser: "Browser", address: str) -> Iterator[Callable[..., "Page"]]:
    """Opens a page of the reader by its path. What scripts complain of in the console fails the test."""
    complaints: list[str] = []
    contexts = []

    def start(path: str = "/", **options: Any) -> "Page":
        context = browser.new_context(base_url=address, reduced_motion="reduce", **options)
        context.set_default_timeout(10_000)
        contexts.append(context)
        page = context.new_page()
        page.on("console", lambda message: complaints.append(message.text) if message.type == "error" else None)
        page.on("response", lambda answer: complaints.append(answer.url) if _is_missing_part(answer) else None)
        page.on("pageerror", lambda error: complaints.append(str(error)))
        page.goto(path)
        return page

    yield start
    for context in contexts:
        context.close()
    # Chromium complains of pages that are refused in words, too.
    assert [text for text in complaints if "with a status of" not in text] == []


def _is_missing_part(answer: Any) -> bool:
    """Whether something that a page needs was refused: not the page itself."""
    return answer.status >= 400 and answer.request.resource_type != "document"


@pytest.fixture
def expect() -> Callable[..., Any]:
    """
    Playwright's assertions, which wait until the page is as expected.

    A click does not wait for the page that it leads to: what is asserted without waiting may be asserted of the page before.
    """
    from playwright.sync_api import expect

    expect.set_options(timeout=10_000)
    return expect


@pytest.fixture
def check_accessibility() -> Callable[["Page"], None]:
    """Runs axe-core on an open page; what it finds fails the test with the rule and the element."""
    from axe_playwright_python.sync_playwright import Axe

    def check(page: "Page") -> None:
        options = {"runOnly": {"type": "tag", "values": RULES}, "resultTypes": ["violations"]}
        violations = Axe().run(page, options=options).response["violations"]
        failures = [
            (item["id"], node["html"][:200], node["failureSummary"]) for item in violations for node in item["nodes"]
        ]
        assert failures == [], json.dumps(failures, indent=1)

    return check
