"""Takes the README's picture of the live view from a running demo.

    make pictures

The live view is the last frame that `newsmill demo` wrote to its terminal, a pseudo-terminal here, drawn by rich.
Chromium, driven by Playwright, makes a picture of it. Pages of the reader: pages.py.
"""

import fcntl
import os
import pty
import re
import shutil
import signal
import struct
import subprocess
import sys
import tempfile
import termios
import time
from collections.abc import Iterator
from contextlib import contextmanager
from io import StringIO
from pathlib import Path
from threading import Thread

from playwright.sync_api import Browser, sync_playwright
from rich.console import Console
from rich.text import Text

FOLDER = Path(__file__).parent
COLUMNS, LINES = 100, 40
SECONDS = 120
# The last line of a frame, and the state in which what the demo triggered has ended.
FRAME_ENDS = "Ctrl-C stops"
IDLE = re.compile(r"\b[1-9]\d* articles .* 0 under way\b")
# What moves the cursor and erases lines: everything before a frame is overwritten by it.
REDRAW = re.compile(r"\x1b\[\d*[AKHJ]|\x1b\[\?\d+[hl]")


class Demo:
    """A running `newsmill demo` and what it has written to its terminal."""

    def __init__(self, data: Path) -> None:
        self._written = b""
        self._terminal, child = pty.openpty()
        fcntl.ioctl(child, termios.TIOCSWINSZ, struct.pack("HHHH", LINES, COLUMNS, 0, 0))
        command = [Path(sys.executable).parent / "newsmill", "demo", "--data", str(data)]
        environment = os.environ | {"TERM": "xterm-256color", "COLUMNS": str(COLUMNS), "LINES": str(LINES)}
        self.process = subprocess.Popen(  # noqa: S603 - our own command
            command, stdin=child, stdout=child, stderr=child, env=environment, cwd=data.parent, start_new_session=True
        )
        os.close(child)
        # Without a reader the demo would stand still once the terminal's buffer is full.
        Thread(target=self._read, daemon=True).start()

    def frame(self) -> str:
        """Returns the last frame that is complete."""
        written = self._written.decode(errors="ignore").replace("\r", "")
        complete = written[: written.rfind("\n", 0, written.rfind(FRAME_ENDS) + 200)]
        return REDRAW.split(complete[: complete.rfind(FRAME_ENDS) + len(FRAME_ENDS)])[-1]

    def wait_until_idle(self) -> None:
        """Waits until everything that the demo triggered has ended.

        Raises:
            TimeoutError: it has not within two minutes; the text is the last frame.
        """
        deadline = time.monotonic() + SECONDS
        while not IDLE.search(self.frame()):
            if time.monotonic() > deadline or self.process.poll() is not None:
                raise TimeoutError(f"the demo is not idle after {SECONDS} s: {self._written[-3000:]!r}")
            time.sleep(0.2)

    def _read(self) -> None:
        try:
            while data := os.read(self._terminal, 65_536):
                self._written += data
        except OSError:
            return  # Linux ends a terminal that nobody holds any more with an error.


@contextmanager
def demo() -> Iterator[Demo]:
    """A running demo, stopped in the end."""
    folder = Path(tempfile.mkdtemp(prefix="newsmill-pictures-"))
    running = Demo(folder / "demo")
    try:
        yield running
    finally:
        os.killpg(running.process.pid, signal.SIGINT)
        running.process.wait(SECONDS)
        shutil.rmtree(folder)


def terminal_drawing(frame: str) -> str:
    """Returns a terminal's frame as SVG."""
    console = Console(record=True, width=COLUMNS, file=StringIO(), force_terminal=True, color_system="truecolor")
    console.print(Text.from_ansi(frame), soft_wrap=True)
    # The font is on the web, where this page may not go; any fixed one will do.
    return re.sub(r"@font-face \{.*?\}", "", console.export_svg(title="newsmill demo"), flags=re.DOTALL)


def take(browser: Browser, running: Demo) -> None:
    """Writes the picture."""
    terminal = browser.new_page(viewport={"width": 1100, "height": 640})
    terminal.set_content(f"<body style='margin:0'>{terminal_drawing(running.frame())}")
    terminal.locator("svg").screenshot(path=FOLDER / "live.png", omit_background=True)


def main() -> None:
    """Takes the picture."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=shutil.which("chromium"), args=["--no-sandbox"])
        with demo() as running:
            running.wait_until_idle()
            take(browser, running)
        browser.close()


main()
