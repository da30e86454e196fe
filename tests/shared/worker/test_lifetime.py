"""Processes end with their parents. It reads /proc: on Linux only."""

import os
import subprocess
import sys
from pathlib import Path

import pytest
from redis import Redis

from tests.shared.worker.conftest import Worker, eventually

pytestmark = pytest.mark.process


def children(pid: int) -> list[int]:
    return [int(child) for file in Path(f"/proc/{pid}/task").glob("*/children") for child in file.read_text().split()]


def running(pid: int) -> bool:
    """Whether a process runs; one that has ended and that nobody has waited for does not."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except OSError:
        return False


@pytest.mark.parametrize("worker", ["prefork"], indirect=True)
def test_a_pools_children_end_when_their_worker_is_killed(worker: Worker) -> None:
    eventually(lambda: "ready." in worker.log.read_text() and bool(children(worker.process.pid)), worker.log)
    pool = children(worker.process.pid)
    worker.process.kill()
    eventually(lambda: not any(map(running, pool)))


def test_a_service_ends_with_the_process_that_started_it_when_told_so(
    redis: "Redis", redis_url: str, tmp_path: Path
) -> None:
    script = Path(__file__).with_name("echo.py")
    launcher = f"import subprocess, sys; subprocess.Popen([sys.executable, {str(script)!r}, 'solo', '0']).wait()"
    env = os.environ | {
        "NEWSMILL_REDIS_URL": redis_url, "NEWSMILL_END_WITH_PARENT": "true", "PYTHONSAFEPATH": "1",
        "PYTHONPATH": str(Path(__file__).parents[3]),
    }  # fmt: skip
    log = tmp_path / "log"
    with log.open("wb") as file:
        parent = subprocess.Popen([sys.executable, "-c", launcher], env=env, stdout=file, stderr=file)
    eventually(lambda: "ready." in log.read_text(), log)
    [service] = children(parent.pid)
    parent.kill()
    parent.wait()
    eventually(lambda: not running(service), log)
