"""A news site on loopback whose every page is known: what it served is compared with what the database holds."""

import random
from hashlib import sha256
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread

WORDS = (
    "harbour council quay fishermen vote budget ferry winter storm market school bridge river mayor union strike night "
    "museum orchard railway signal engine doctor clinic ward nurse letter border cargo crane dock tide wharf ledger "
    "auditor tender contract supplier delay repair tunnel valve pump station reservoir drought harvest olive grain mill"
).split()
# Takes a parser several seconds of CPU: more than a page may.
# Entries that are each to be repaired: more CPU than a page may take, however the parser's limits cut it.
POISON = b"<urlset>" + b"".join(
    b"<url><loc>https://poison.example/%d?a=1&b=<2</loc><lastmod>2026-11-%d</lastmod><x></url>"
    % (number, number % 28 + 1)
    for number in range(95_000)
)


class Site:
    """Articles at /BATCH/NUMBER, a front page of the batch at /BATCH/, a page that kills its parser at /BATCH/poison."""

    def __init__(self, seed: int) -> None:
        self._seed = seed
        site = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_GET(self) -> None:
                body = site.body(self.path)
                self.send_response(200 if body else 404)
                self.send_header("Content-Type", "text/html; charset=utf-8")
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, *_: object) -> None:
                pass

        class Server(ThreadingHTTPServer):
            daemon_threads = True
            request_queue_size = 256

            def handle_error(self, *_: object) -> None:
                """A fetcher that is killed hangs up; that is what this is for."""

        self._server = Server(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self._server.server_port}"
        Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.1}, daemon=True).start()

    def close(self) -> None:
        self._server.shutdown()
        self._server.server_close()

    def article(self, batch: str, number: int) -> tuple[str, list[str]]:
        """Title and paragraphs."""
        words = random.Random(f"{self._seed} {batch} {number}")
        paragraphs = [" ".join(words.choices(WORDS, k=60)).capitalize() + "." for _ in range(6)]
        title = " ".join(words.choices(WORDS, k=7)).capitalize() + f" {batch} {number}"
        return title, paragraphs

    def body(self, path: str) -> bytes:
        """What the site serves at a path; nothing where nothing is."""
        _, batch, name = ("/" + path.strip("/") + "/").split("/", 2)
        name = name.strip("/")
        if name == "poison":
            return POISON
        if name.isdigit():
            return self._article_page(batch, int(name))
        return self._front_page(batch, name) if name.startswith("front") else b""

    def text_hash(self, batch: str, number: int) -> str:
        """SHA-256 of what a reader reads of an article, as the database must hold it."""
        title, paragraphs = self.article(batch, number)
        return sha256("\n".join((title, "", "\n".join(paragraphs))).encode()).hexdigest()

    def body_hash(self, batch: str, number: int) -> str:
        """SHA-256 of the article's page as served."""
        return sha256(self.body(f"/{batch}/{number}")).hexdigest()

    def _article_page(self, batch: str, number: int) -> bytes:
        title, paragraphs = self.article(batch, number)
        text = "".join(f"<p>{paragraph}</p>" for paragraph in paragraphs)
        return (
            f"<!doctype html><html lang='en'><head><title>{title}</title><meta property='og:type' content='article'>"
            f"<meta property='og:title' content='{title}'>"
            f"<meta property='article:published_time' content='2026-03-01T10:00:00+01:00'></head>"
            f"<body><main><article><h1>{title}</h1>{text}</article></main></body></html>"
        ).encode()

    def _front_page(self, batch: str, name: str) -> bytes:
        """`front-FROM-TO`: links to the articles of those numbers."""
        first, last = map(int, name.split("-")[1:])
        links = "".join(
            f"<h2><a href='/{batch}/{number}'>{self.article(batch, number)[0]}</a></h2>"
            for number in range(first, last)
        )
        return f"<!doctype html><html lang='en'><title>The Port</title><main>{links}</main></html>".encode()
