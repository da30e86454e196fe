"""What can break. Each fault takes a running system, breaks one thing, and leaves it to recover by itself."""

import os
import random
import signal
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import psutil
from sqlalchemy import text

from tests.chaos.system import System, Worker, wait_for

Fault = Callable[[System, random.Random], None]


def nothing(_system: System, _chance: random.Random) -> None:
    """For comparison."""


def fetcher_killed(system: System, chance: random.Random) -> None:
    _kill(chance.choice(system.of("fetcher")))


def fetcher_killed_often(system: System, chance: random.Random) -> None:
    """Also between Redis' answer to a pop and the record of it, sooner or later."""
    for _ in range(4):
        _restart(chance.choice(system.of("fetcher")), signal.SIGKILL)
        time.sleep(chance.uniform(0, 1))


def parser_child_killed(system: System, chance: random.Random) -> None:
    for _ in range(3):
        children = system.of("parser")[0].children()
        if children:
            os.kill(chance.choice(children).pid, signal.SIGKILL)
        time.sleep(chance.uniform(0.2, 1))


def parser_parent_killed(system: System, _chance: random.Random) -> None:
    """Its children must not go on as orphans for ever."""
    worker = system.of("parser")[0]
    children = worker.children()
    _kill(worker)
    psutil.wait_procs(children, timeout=30)
    assert not [child for child in children if child.is_running() and child.status() != psutil.STATUS_ZOMBIE]


def storage_killed_in_a_transaction(system: System, _chance: random.Random) -> None:
    """Held by a lock in the middle of its transaction, both workers of it; then killed."""
    with _database_locked(system):
        time.sleep(3)
        for worker in system.of("storage"):
            _kill(worker)


def scheduler_killed(system: System, chance: random.Random) -> None:
    for _ in range(3):
        _restart(system.of("scheduler")[0], signal.SIGKILL)
        time.sleep(chance.uniform(0.5, 3))


def courier_killed(system: System, chance: random.Random) -> None:
    for _ in range(6):
        _restart(system.of("courier")[0], signal.SIGKILL)
        time.sleep(chance.uniform(0.2, 2))


def redis_killed(system: System, _chance: random.Random) -> None:
    system.redis_process.kill()
    time.sleep(3)
    system.redis_process.start()


def postgres_killed(system: System, _chance: random.Random) -> None:
    assert system.postgres is not None
    system.postgres.kill()
    time.sleep(3)
    system.postgres.start()


def redis_full(system: System, _chance: random.Random) -> None:
    """Beyond maxmemory: every command that needs memory is refused."""
    before = system.redis.config_get("maxmemory")["maxmemory"]
    system.redis.config_set("maxmemory", int(system.redis.info("memory")["used_memory"] * 0.95))
    time.sleep(8)
    system.redis.config_set("maxmemory", before)


def network_cut(system: System, _chance: random.Random) -> None:
    """Every connection of each worker to Redis torn down, three times."""
    for _ in range(3):
        for worker in system.workers.values():
            worker.proxy.cut()
        time.sleep(1)


def network_frozen(system: System, _chance: random.Random) -> None:
    """A cable pulled for half a minute: a fetcher and a storage worker hear nothing and are told nothing."""
    workers = [system.of("fetcher")[0], system.of("storage")[0]]
    began = time.time()
    for worker in workers:
        worker.proxy.freeze()
    time.sleep(30)
    for worker in workers:
        worker.proxy.heal()
    for worker in workers:
        # It consumes again by itself, or says that it does not.
        wait_for(f"{worker.name} is healthy", lambda worker=worker: worker.health()[0] == 200, 120)
    system.freezes.append((began, time.time()))


def terminated(system: System, _chance: random.Random) -> None:
    """SIGTERM to all at once, in the middle of their work."""
    for worker in system.workers.values():
        worker.signal(signal.SIGTERM)


def rolling_restart(system: System, _chance: random.Random) -> None:
    for worker in system.workers.values():
        _restart(worker, signal.SIGTERM)


def page_store_full(system: System, _chance: random.Random) -> None:
    """No page can be kept: the disk under the page store is full, or gone."""
    folder = system.folder / "pages"
    away = system.folder / "pages.away"
    if folder.exists():
        folder.rename(away)
    folder.write_text("no folder: as little can be written here as on a full disk")
    time.sleep(6)
    folder.unlink()
    if away.exists():
        away.rename(folder)


def clock_stepped(system: System, _chance: random.Random) -> None:
    """An hour ahead for all workers, then back."""
    clock = system.folder / "clock"
    for offset in ("3600", "0"):
        clock.write_text(offset)
        time.sleep(4)


EVERY: dict[str, Fault] = {
    fault.__name__: fault
    for fault in (
        nothing, fetcher_killed, fetcher_killed_often, parser_child_killed, parser_parent_killed,
        storage_killed_in_a_transaction, scheduler_killed, courier_killed, redis_killed, postgres_killed, redis_full, page_store_full,
        network_cut, network_frozen, terminated, rolling_restart, clock_stepped,
    )
}  # fmt: skip
# What the database's kind may matter to; the rest is the same with PostgreSQL.
BRIEFLY = {"fetcher_killed_often", "storage_killed_in_a_transaction", "redis_killed"}
# SQLite is no process that could be killed.
LOCALLY = {*EVERY} - {"postgres_killed"}


def _kill(worker: Worker) -> None:
    worker.signal(signal.SIGKILL)


def _restart(worker: Worker, number: int) -> None:
    """Ends a worker, and waits until the supervisor has started it again and it is healthy."""
    starts = worker.starts
    worker.signal(number)
    wait_for(f"{worker.name} is started again", lambda: worker.starts > starts, 60)
    wait_for(f"{worker.name} is healthy", lambda: worker.health()[0] == 200, 60)


@contextmanager
def _database_locked(system: System) -> Iterator[None]:
    with system.engine.connect() as connection:
        if system.postgres:
            connection.execute(text("LOCK TABLE article IN EXCLUSIVE MODE"))
        else:
            connection.exec_driver_sql("BEGIN IMMEDIATE")
        yield
        connection.rollback()
