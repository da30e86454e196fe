"""How long the reader's pages take on a large database: milliseconds and CPU of each, and as a ratio to /healthz. The CPU is the
reader's and, of PostgreSQL on this machine, its server's.

    python bench/pages.py [--articles 100000] [--database URL] [--rounds 30] [--keep FILE]

The database is made of bench/news_world.py, SQLite in a temporary folder unless another empty one is given; --keep names
a SQLite file that is made once and used again. The pages are asked for in turn, so that what else the machine does meets
all of them. Prints a table.
"""

import argparse
import http.client
import os
import shutil
import socket
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from statistics import mean, median, quantiles
from threading import Thread
from time import perf_counter, process_time, sleep

import uvicorn
from redis import Redis
from sqlalchemy import Engine, func, select
from sqlmodel import Session, col

sys.path.insert(0, str(Path(__file__).parents[1]))

from bench.news_world import fill
from services.reader.application import make_application
from services.reader.settings import ReaderSettings
from services.storage.migrate import migrate
from shared.database.engine import make_engine
from shared.database.models import Article, Site
from shared.later import Later
from shared.worker.garbage import rarely_collect
from shared.worker.sender import make_sender

MEASURE = "/healthz"


def paths(engine: Engine, newest: int) -> list[str]:
    """Returns the pages, with filters and searches of much, of little and of nothing."""
    old = newest // 3
    with Session(engine) as session:
        site = session.scalars(select(col(Site.key)).order_by(col(Site.id)).limit(1)).one()
        story = session.scalar(select(func.max(Article.story_id)))
    return [
        MEASURE, "/", f"/?before={newest // 2}", "/?language=ar", "/?language=nn", "/?country=FR", "/?country=FR&language=fr", "/?country=FR&language=en",
        "/?tag=sport", "/?tag=sport&block=lead", "/?site=Varenne+Gazette", "/?hours=1", "/?block=lead", "/?block=ticker", "/?show=unread",
        "/?q=ferry", "/?q=%E7%A2%BC%E9%A0%AD", "/?q=nowhere", "/?q=%22wall+as+prices%22", "/?q=ferry+-quay", "/?q=fer*", "/?q=ferry&language=en&hours=24",
        "/?q=ferry&country=FR", f"/articles/{newest}", f"/articles/{old}", f"/articles/{newest // 10 * 10}/versions/2", "/stories", "/stories?hours=168",
        f"/stories/{story}", "/trends?q=ferry&days=30", "/trends?q=ferry&days=30&by=site", "/trends?q=ferry&days=30&by=language", "/trends?q=ferry&days=30&by=tag",
        "/trends?q=nowhere&by=tag", "/trends?q=harbour&days=7&by=tag", "/trends?q=ferry&days=366", "/sites", f"/sites/{site}", "/sites/add", "/watches", "/watches/new?q=ferry",
        "/pipeline", "/images", "/users", "/audit", "/docs", "/nowhere",
    ]  # fmt: skip


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--articles", type=int, default=100_000)
    parser.add_argument("--database")
    parser.add_argument("--keep", type=Path)
    parser.add_argument("--rounds", type=int, default=30)
    parser.add_argument("--only", help="pages whose path has this, besides /healthz")
    arguments = parser.parse_args()
    folder = Path(tempfile.mkdtemp(prefix="newsmill-bench-"))
    url = arguments.database or f"sqlite:///{arguments.keep or folder / 'news.db'}"
    migrate(url)
    engine = make_engine(url, connections=9, statement_seconds=60)
    newest = newest_article(engine)
    if not newest:
        fill(engine, arguments.articles)
        newest = newest_article(engine)
    try:
        with redis_server(folder) as redis_url, reader(engine, redis_url) as port:
            chosen = [path for path in paths(engine, newest) if path == MEASURE or (arguments.only or "") in path]
            table(port, chosen, arguments.rounds, engine)
    finally:
        engine.dispose()
        shutil.rmtree(folder)


def newest_article(engine: Engine) -> int:
    with Session(engine) as session:
        return session.scalar(select(func.max(Article.id))) or 0


@contextmanager
def redis_server(folder: Path) -> Iterator[str]:
    path = folder / "redis.sock"
    command = [
        shutil.which("redis-server") or Path(sys.executable).parent / "redis-server",
        "--port",
        "0",
        "--unixsocket",
        path,
    ]
    process = subprocess.Popen([*command, "--save", ""], stdout=subprocess.DEVNULL)
    while not path.exists():
        sleep(0.05)
    yield f"unix://{path}"
    process.terminate()
    process.wait()


@contextmanager
def reader(engine: Engine, redis_url: str) -> Iterator[int]:
    redis = Redis.from_url(redis_url)
    app = make_application(engine, redis, ReaderSettings(), make_sender(Later(redis)))
    rarely_collect()
    with socket.create_server(("127.0.0.1", 0)) as listener:
        server = uvicorn.Server(uvicorn.Config(app, log_config=None))
        thread = Thread(target=server.run, kwargs={"sockets": [listener]}, daemon=True)
        thread.start()
        while not server.started:
            sleep(0.05)
        yield listener.getsockname()[1]
        server.should_exit = True
        thread.join(30)


def server_cpu(engine: Engine) -> float:
    """Returns the seconds of CPU that PostgreSQL has taken for a database; 0 for SQLite, which has no server.

    Processes that help with a query for its time are counted when they have ended, by the hundredth.
    """
    if engine.dialect.name != "postgresql":
        return 0.0
    with engine.connect() as connection:
        pids = connection.exec_driver_sql(
            "SELECT pid FROM pg_stat_activity WHERE datname = current_database()"
        ).scalars()
        # Nanoseconds on the CPU come first (Documentation/scheduler/sched-stats.rst of Linux).
        own = {pid: int(Path(f"/proc/{pid}/schedstat").read_text().split()[0]) for pid in pids}
    parent = Path(f"/proc/{next(iter(own))}/stat").read_text().rpartition(")")[2].split()[1]
    fields = Path(f"/proc/{parent}/stat").read_text().rpartition(")")[2].split()
    return sum(own.values()) / 1e9 + (int(fields[13]) + int(fields[14])) / os.sysconf("SC_CLK_TCK")


def table(port: int, pages: Sequence[str], rounds: int, engine: Engine) -> None:
    cpus: dict[str, list[float]] = {path: [] for path in pages}
    walls: dict[str, list[float]] = {path: [] for path in pages}
    answers: dict[str, tuple[int, int]] = {}
    for number in range(rounds + 1):
        for path in pages:
            cpu, begun = process_time() + server_cpu(engine), perf_counter()
            answers[path] = get(port, path)
            wall, spent = perf_counter() - begun, process_time() + server_cpu(engine) - cpu
            if number:
                walls[path].append(1000 * wall)
                cpus[path].append(1000 * spent)
    base, base_cpu = quantiles(walls[MEASURE], n=20)[-1], mean(cpus[MEASURE])
    print(
        f"{'page':<42}{'status':>6}{'KB':>6}{'CPU ms':>8}{'least':>7}{': /healthz':>11}{'p50 ms':>8}{'p95 ms':>8}{': /healthz':>11}"
    )
    for path in pages:
        status, size = answers[path]
        p95, cpu = quantiles(walls[path], n=20)[-1], mean(cpus[path])
        print(
            f"{path:<42}{status:>6}{size / 1000:>6.0f}{cpu:>8.1f}{min(cpus[path]):>7.1f}{cpu / base_cpu:>11.1f}"
            f"{median(walls[path]):>8.1f}{p95:>8.1f}{p95 / base:>11.1f}",
            flush=True,
        )


def get(port: int, path: str) -> tuple[int, int]:
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=120)
    connection.request("GET", path, headers={"Accept": "text/html", "Accept-Encoding": "gzip"})
    answer = connection.getresponse()
    size = len(answer.read())
    connection.close()
    return answer.status, size


if __name__ == "__main__":
    main()
