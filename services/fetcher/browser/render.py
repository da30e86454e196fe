"""A browser for the sources that ask for one, off by default, in a process of its own.

The browser gets the document that was fetched in its turn; what the document requests goes through the same guard
(services/fetcher/browser/process.py). Needs the extra `render` and a Chromium.
"""

import base64
import importlib.util
import json
import subprocess
import sys
from contextlib import suppress
from threading import Lock, Timer
from time import monotonic

from services.fetcher.wire.failures import Failure
from shared.contracts import Reason
from shared.errors import Drop

CURE = "install newsmill[render] and a Chromium, and name it in NEWSMILL_FETCH_BROWSER"
# A browser that has not answered in its time is killed after so much more.
GRACE_SECONDS = 5.0
# Chromium grows; it is started again after so many pages.
PAGES_PER_BROWSER = 100


class Renderer:
    """One browser, started when it is first needed; it renders one page at a time."""

    def __init__(self) -> None:
        self._lock = Lock()
        self._process: subprocess.Popen[bytes] | None = None
        self._pages_remaining = 0

    def render(self, url: str, content: bytes, media_type: str | None, ends: float) -> bytes:
        """Returns the markup of a page once its scripts have run, in UTF-8.

        Args:
            url: of the page.
            content: the document as downloaded.
            media_type: of the document, with its charset.
            ends: when rendering has to be over, on the monotonic clock.

        Raises:
            Drop: RENDERING: there is no browser, or the page makes it fail.
            Failure: RENDERING: it took too long, or the browser died.
        """
        if importlib.util.find_spec("playwright") is None:
            raise Drop(Reason.RENDERING, f"no browser: {CURE}")
        if not self._lock.acquire(timeout=max(0.0, ends - monotonic())):
            raise Failure(Reason.RENDERING, "the browser was busy with other pages for the whole time")
        try:
            seconds = max(1.0, ends - monotonic())
            encoded = base64.b64encode(content).decode()
            task = {"url": url, "content": encoded, "media_type": media_type, "seconds": seconds}
            return self._answer(json.dumps(task).encode() + b"\n", seconds)
        finally:
            self._lock.release()

    def _answer(self, task: bytes, seconds: float) -> bytes:
        process = self._browser()
        assert process.stdin
        assert process.stdout
        alarm = Timer(seconds + GRACE_SECONDS, process.kill)
        alarm.start()
        try:
            process.stdin.write(task)
            process.stdin.flush()
            line = process.stdout.readline()
        except OSError:
            line = b""
        finally:
            alarm.cancel()
        if not line:
            self.close()
            raise Failure(Reason.RENDERING, f"the browser died or took more than {seconds:.0f} s; if always: {CURE}")
        answer = json.loads(line)
        if "error" in answer:
            raise Drop(Reason.RENDERING, str(answer["error"]))
        return base64.b64decode(answer["content"])

    def _browser(self) -> "subprocess.Popen[bytes]":
        if self._process is None or self._process.poll() is not None or self._pages_remaining <= 0:
            self.close()
            command = [sys.executable, "-m", "services.fetcher.browser.process"]
            self._process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE)  # noqa: S603 - our own module
            self._pages_remaining = PAGES_PER_BROWSER
        self._pages_remaining -= 1
        return self._process

    def close(self) -> None:
        """Ends the browser, if one runs."""
        process, self._process = self._process, None
        if process is None:
            return
        assert process.stdin
        assert process.stdout
        # The process may be dead already.
        with suppress(OSError):
            process.stdin.close()
        try:
            process.wait(GRACE_SECONDS)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
        process.stdout.close()
