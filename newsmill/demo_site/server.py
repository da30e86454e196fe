"""The server that shows the demo site on loopback, and its pictures."""

import re
import struct
import zlib
from collections import Counter
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Lock, Thread
from types import TracebackType
from typing import Any

from newsmill.demo_site.pages import Pages

# What the demo triggers: the path and the kind of page there.
TRIGGERS = (("/", "front"), ("/feed.xml", "feed"), ("/sitemap.xml", "sitemap"))


class LoopbackHandler(BaseHTTPRequestHandler):
    """What servers of invented sites have in common: kept connections, which a client may break off, and silence."""

    protocol_version = "HTTP/1.1"
    # Head and body are two packets: Nagle's algorithm would hold the second for 40 ms.
    disable_nagle_algorithm = True

    def handle(self) -> None:
        """Answers until the client goes; one that breaks off is no error."""
        try:
            super().handle()
        except ConnectionError:
            self.close_connection = True

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002 - the base class names it so
        """Says nothing: the terminal belongs to the live view."""


class DemoSite:
    """The site on a free port of loopback, from enter to exit. `hits` counts requests by path."""

    def __init__(self) -> None:
        self.hits: Counter[str] = Counter()
        self._counting = Lock()
        site = self

        class Handler(LoopbackHandler):
            def do_GET(self) -> None:
                status, media_type, body = site.answer(self.path.partition("?")[0])
                self.send_response(status)
                self.send_header("Content-Type", media_type)
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self._server.server_port}"
        self._pages = Pages(self.url, datetime.now(UTC))

    def answer(self, path: str) -> tuple[int, str, bytes]:
        """Status, media type and body of a path; one more hit for it."""
        with self._counting:
            self.hits[path] += 1
        if picture := re.fullmatch(r"/images/(\d{1,2})\.png", path):
            # Each its own grey: a picture is known by its bytes.
            return 200, "image/png", png(int(picture[1]) * 2 + 20)
        if path not in self._pages.paths:
            return 404, "text/plain", b"not found\n"
        media_type, render = self._pages.paths[path]
        return 200, media_type, render().encode()

    def __enter__(self) -> "DemoSite":
        # How often it looks whether to stop, in seconds.
        Thread(target=self._server.serve_forever, args=(0.05,), name="demo site", daemon=True).start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._server.shutdown()
        self._server.server_close()


def png(grey: int) -> bytes:
    """An 8 × 8 picture of one grey (PNG, RFC 2083)."""

    def chunk(kind: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    header = struct.pack(">IIBBBBB", 8, 8, 8, 0, 0, 0, 0)
    rows = (b"\0" + bytes([grey]) * 8) * 8
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", zlib.compress(rows)) + chunk(b"IEND", b"")
