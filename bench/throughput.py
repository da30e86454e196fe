"""From URL to row: Newsmill beside Scrapy + trafilatura + SQL, on real pages, in turns. Run it as bench/throughput.

    bench/throughput CORPUS [--pages 600] [--rounds 3] [--postgres URL]

Pages of the corpus are served gzipped by nginx from a loopback address a site. Newsmill runs as `newsmill run` does, each
time in an empty folder; the rival in two processes. Both store in SQLite or, with --postgres, also in a database of that
server. CPU is that of all processes from the first URL to the last row, nginx and start-up taken off; Redis and the
database are part of it. Prints medians of the rounds and, a database each, the ratio of the two.
"""

import argparse
import json
import random
import subprocess
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from statistics import median
from uuid import uuid4

import psycopg
from cpu import cpu
from extract_corpus import pages as corpus_pages
from redis import Redis
from throughput_site import served

from newsmill.local.guardian import Guardian
from newsmill.local.layout import Layout
from newsmill.local.ports import free_ports
from newsmill.local.redis_server import RedisServer
from newsmill.local.system import SERVICES, System
from shared.later import CUSTODY
from shared.queues import TRIGGER_LANES, TRIGGERS

HERE = Path(__file__).parent
RIVAL = HERE.parent / ".venv-rival" / "bin" / "python"
RIVAL_PROCESSES = 2
PATIENCE = 240.0
SETTINGS = {
    "NEWSMILL_FETCH_ALLOW_NETWORKS": "127.0.0.0/8", "NEWSMILL_FETCH_ALLOW_PORTS": "", "NEWSMILL_HOST_INTERVAL": "0",
    "NEWSMILL_HOST_IN_FLIGHT": "10", "NEWSMILL_LOG_LEVEL": "WARNING",
}  # fmt: skip

# Milliseconds of CPU a page by process, and `seconds` and `pages`.
Figures = dict[str, float]


class Database(Layout):
    """A layout whose database is the one that `address` names, and SQLite in the data folder if it is empty."""

    address = ""

    @property
    def database_url(self) -> str:
        return self.address or super().database_url


@contextmanager
def stack(folder: Path, address: str) -> Iterator[tuple[System, "Redis"]]:
    """The whole system, as `newsmill run` starts it, on a database."""
    with Guardian() as guardian, RedisServer(folder / "redis", appendonly=True) as server:
        guardian.guard(server.group)
        ports = dict(zip(SERVICES, free_ports(9101, len(SERVICES)), strict=True))
        [port] = free_ports(8080, 1)
        layout = type("BenchDatabase", (Database,), {"address": address})(folder, port, ports, server.url)
        system = System(layout, SETTINGS, guardian.guard)
        try:
            system.start()
            yield system, Redis.from_url(server.url)
        finally:
            system.stop()


def newsmill(urls: Sequence[str], address: str, postmaster: int | None) -> Figures:
    """One run: every URL is triggered at once and ends in its disposition."""
    with tempfile.TemporaryDirectory() as name, stack(Path(name), address) as (system, redis):
        pids = {service.name: service.process.pid for service in system.services if service.process}
        pids["redis"] = int(redis.info("server")["process_id"])
        pids |= {"postgres": postmaster} if postmaster else {}
        before, started = {name: cpu(pid) for name, pid in pids.items()}, time.monotonic()
        for url in urls:
            redis.xadd(TRIGGERS, {"url": url, "kind": "article"})
        _until(lambda: not redis.zcard(CUSTODY) and not any(map(redis.xlen, (TRIGGERS, *TRIGGER_LANES))), started)
        seconds = time.monotonic() - started
        spent = {name: 1000 * (cpu(pid) - before[name]) / len(urls) for name, pid in pids.items()}
    return spent | {"all": sum(spent.values()), "seconds": seconds, "pages": len(urls)}


def rival(urls: Sequence[str], address: str, postmaster: int | None) -> Figures:
    """One run of the rival's processes, each with its share of the URLs."""
    before = cpu(postmaster) if postmaster else 0.0
    with tempfile.TemporaryDirectory() as name:
        command = [str(RIVAL), str(HERE / "throughput_rival.py"), address or f"sqlite:///{name}/rival.db?timeout=60"]
        processes = [
            subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
            for _ in range(RIVAL_PROCESSES)
        ]
        for number, process in enumerate(processes):
            assert process.stdin
            process.stdin.write("\n".join(urls[number::RIVAL_PROCESSES]))
            process.stdin.close()
        reports = [
            json.loads((process.stdout.read() if process.stdout else "").splitlines()[-1]) for process in processes
        ]
        for process in processes:
            process.wait()
    pages = sum(report["pages"] for report in reports)
    own = 1000 * sum(report["cpu"] for report in reports) / pages
    database = {"postgres": 1000 * (cpu(postmaster) - before) / pages} if postmaster else {}
    seconds = max(report["seconds"] for report in reports)
    return {"rival": own, **database, "all": own + sum(database.values()), "seconds": seconds, "pages": pages}


def _until(done: Callable[[], bool], started: float) -> None:
    # Custody is empty for a moment before the first trigger is taken.
    time.sleep(1)
    while not done():
        if time.monotonic() - started > PATIENCE:
            raise SystemExit(f"not done after {PATIENCE:.0f} s")
        time.sleep(0.2)


@contextmanager
def database(server: str | None) -> Iterator[tuple[str, int | None]]:
    """The address of an empty database and its server's process id; of SQLite the address is empty."""
    if server is None:
        yield "", None
        return
    name = f"bench_{uuid4().hex[:8]}"
    with psycopg.connect(server.replace("+psycopg", ""), autocommit=True) as admin:
        [data] = admin.execute("SHOW data_directory").fetchone() or [""]
        admin.execute(f"CREATE DATABASE {name}")  # type: ignore[arg-type] # made of our own letters
        base, _, options = server.partition("?")
        yield (
            base.rpartition("/")[0] + f"/{name}?{options}",
            int((Path(data) / "postmaster.pid").read_text().split()[0]),
        )
        admin.execute(f"DROP DATABASE {name} WITH (FORCE)")  # type: ignore[arg-type]


def runs(urls: Sequence[str], rounds: int, postgres: str | None) -> dict[str, list[Figures]]:
    """Rounds in which everyone has a turn: a machine that slows down does so for all."""
    figures: dict[str, list[Figures]] = {}
    for _ in range(rounds):
        for label, server in {"SQLite": None, **({"PostgreSQL": postgres} if postgres else {})}.items():
            for runner in (newsmill, rival):
                with database(server) as (address, postmaster):
                    figures.setdefault(f"{runner.__name__}, {label}", []).append(runner(urls, address, postmaster))
    return figures


def report(medians: Mapping[str, Figures]) -> None:
    print(f"{'':24} pages/s   CPU ms/page   by process")
    for name, row in medians.items():
        parts = "  ".join(f"{part} {ms:.1f}" for part, ms in row.items() if part not in ("all", "seconds", "pages"))
        print(f"{name:24} {row['pages'] / row['seconds']:7.1f} {row['all']:13.1f}   {parts}")
    for label in ("SQLite", "PostgreSQL"):
        if f"rival, {label}" in medians:
            ours, peer = medians[f"newsmill, {label}"], medians[f"rival, {label}"]
            rate = (ours["pages"] / ours["seconds"]) / (peer["pages"] / peer["seconds"])
            storing = ours["storage"] / ours["parser"]
            print(
                f"{label}: CPU a page {ours['all'] / peer['all']:.2f} of the rival's; pages/s {rate:.2f} times its; "
                f"storage {storing:.2f} of the parser; "
                f"{ours['all'] * ours['pages'] / 1000 / ours['seconds']:.2f} cores at work"
            )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("corpus", type=Path)
    parser.add_argument("--pages", type=int, default=600)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--postgres", help="address of a server of this machine on which databases may be made")
    parser.add_argument("--json", action="store_true", help="every run, as JSON")
    options = parser.parse_args()
    everything = list(corpus_pages(options.corpus))
    corpus = random.Random(7).sample(everything, min(options.pages, len(everything)))
    [port] = free_ports(18_090, 1)
    with served(corpus, port) as urls:
        figures = runs(urls, options.rounds, options.postgres)
    if options.json:
        print(json.dumps(figures, indent=2))
    report({name: {key: median(row[key] for row in rows) for key in rows[0]} for name, rows in figures.items()})


if __name__ == "__main__":
    main()
