"""From triggers to rows on one machine: a front page of N articles served on loopback, through every service.

Prints JSON: pages a second, CPU seconds by service (children included) beyond what they had used when idle, and the
memory of each service when idle (RSS in MB, children included).
"""

import argparse
import json
import subprocess
import tempfile
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread

from redis import Redis

from newsmill.local.system import System, running
from newsmill.local.watch import Watch
from shared.database.engine import make_engine
from shared.queues import TRIGGERS

SENTENCE = (
    "The council of the port met on Tuesday to weigh the cost of the new quay against the wishes of the fishermen. "
)


def serve(pages: int) -> ThreadingHTTPServer:
    def page(path: str) -> str:
        if path == "/":
            links = "".join(
                f"<h2><a href='/news/{n}-the-council-weighs-quay-{n}'>Council weighs the cost of quay {n}</a></h2>"
                for n in range(pages)
            )
            return f"<!doctype html><html lang='en'><title>The Port</title><main>{links}</main></html>"
        number = path.rsplit("/", maxsplit=1)[-1].split("-", maxsplit=1)[0]
        body = "".join(f"<p>{SENTENCE * 3}Quay {number}, part {part}.</p>" for part in range(12))
        return (
            f"<!doctype html><html lang='en'><head><title>Council weighs the cost of quay {number} - The Port</title>"
            f"<meta property='og:type' content='article'><meta property='article:published_time' content='2026-03-01T10:00:00+01:00'>"
            f"</head><body><nav>{'<a href=/x>Section</a>' * 40}</nav><article><h1>Council weighs the cost of quay {number}</h1>{body}</article></body></html>"
        )

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_GET(self) -> None:
            exists = self.path != "/robots.txt"
            body = page(self.path).encode() if exists else b""
            self.send_response(200 if exists else 404)
            self.send_header("Content-Type", "text/html; charset=utf-8")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the base class names it so
            """Quiet."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    Thread(target=server.serve_forever, daemon=True).start()
    return server


def usage(system: System) -> dict[str, tuple[float, float]]:
    """CPU seconds and RSS in MB by service, with its children."""
    costs = {}
    for service in system.services:
        assert service.process is not None
        pid = str(service.process.pid)
        rows = subprocess.run(
            ["ps", "-o", "cputimes=,rss=", "--ppid", pid, "-p", pid], capture_output=True, text=True, check=True
        ).stdout.split("\n")
        numbers = [tuple(map(float, row.split())) for row in rows if row.strip()]
        costs[service.name] = (sum(cpu for cpu, _ in numbers), round(sum(rss for _, rss in numbers) / 1024))
    return costs


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--pages", type=int, default=1000)
    pages = parser.parse_args().pages
    site = serve(pages)
    settings = {
        "NEWSMILL_FETCH_ALLOW_NETWORKS": "127.0.0.0/8",
        "NEWSMILL_HOST_INTERVAL": "0",
        "NEWSMILL_HOST_IN_FLIGHT": "40",
        "NEWSMILL_FETCH_ALLOW_PORTS": "",
    }
    with tempfile.TemporaryDirectory() as folder, running(Path(folder), 8080, settings) as system:
        time.sleep(3)
        idle = usage(system)
        redis = Redis.from_url(system.layout.redis_url)
        watch = Watch(system.layout, redis, make_engine(system.layout.database_url))
        started = time.monotonic()
        redis.xadd(TRIGGERS, {"url": f"http://127.0.0.1:{site.server_port}/", "kind": "front"})
        while (look := watch.look()).articles < pages and time.monotonic() - started < 300:
            time.sleep(0.5)
        seconds = time.monotonic() - started
        busy = usage(system)
    print(
        json.dumps(
            {
                "pages": look.articles,
                "pages_per_second": round(look.articles / seconds, 1),
                "cpu_seconds": {name: busy[name][0] - idle[name][0] for name in busy},
                "idle_memory_mb": {name: rss for name, (_, rss) in idle.items()},
            },
            indent=2,
        )
    )


if __name__ == "__main__":
    main()
