"""The whole system on one machine, from outside: processes, sockets and files, and nothing of ours imported."""

import contextlib
import json
import os
import re
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import requests
from redis import Redis

pytestmark = pytest.mark.process
DEPLOY = Path(__file__).parents[2] / "deploy"
NEWSMILL = Path(sys.executable).parent / "newsmill"


def run(*arguments: str, timeout: float = 150, **options: Any) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [NEWSMILL, *arguments], capture_output=True, text=True, timeout=timeout, check=False, **options
    )


def test_the_demo_ends_with_every_page_at_its_disposition(tmp_path: Path) -> None:
    # A list of real sources in the current folder is none of the demo's.
    (tmp_path / "sources.yaml").write_text("- name: Real\n  url: https://paper.example/\n")
    ended = run("demo", "--data", str(tmp_path / "data" / "demo"), "--until-idle", "--json", cwd=tmp_path)
    assert ended.returncode == 0, ended.stderr
    summary = json.loads(ended.stdout.splitlines()[-1])
    assert summary["articles"] == 13
    assert summary["pages"] == {"listed": 3, "stored": 13}
    assert (summary["dead_letters"], summary["idle"]) == (0, True)
    exported = run("export", "articles", "--data", "data/demo", cwd=tmp_path)
    rows = [json.loads(line) for line in exported.stdout.splitlines()]
    assert {row["language"] for row in rows} == {"fr", "ar", "es", "en"}
    copy = next(row for row in rows if row["origin_url"])
    assert (copy["publisher"], copy["site"]) == ("Le Courrier", "Revue de presse")
    assert all(len(row["text"].splitlines()) >= 3 and row["published_at"] for row in rows)


def test_every_metric_of_the_dashboard_and_the_alerts_is_exported_by_a_running_system(tmp_path: Path) -> None:
    watched = (DEPLOY / "grafana/dashboards/newsmill.json", DEPLOY / "prometheus/alerts.yml")
    named = {name for path in watched for name in re.findall(r"\bnewsmill_\w+", path.read_text())}
    with (tmp_path / "out").open("w") as log:
        process = subprocess.Popen([NEWSMILL, "demo"], cwd=tmp_path, stdout=log, stderr=log, start_new_session=True)

    def missing() -> set[str]:
        pages = re.findall(r"^metrics +(\S+)", (tmp_path / "out").read_text(), re.MULTILINE)
        texts = "".join(requests.get(url, timeout=5).text for url in pages)
        kinds = {"counter": ("",), "gauge": ("",), "histogram": ("_bucket", "_sum", "_count")}
        types = re.findall(r"^# TYPE (\w+) (\w+)$", texts, re.MULTILINE)
        return named - {name + ending for name, kind in types for ending in kinds[kind]}

    try:
        with contextlib.suppress(AssertionError):
            wait_for(lambda: not missing(), 240)
        assert missing() == set()
        # The courier runs in the scheduler's process.
        record = json.loads((tmp_path / "data" / "demo" / "run.json").read_text())
        with Redis.from_url(record["redis"]) as redis:
            assert wait_for(lambda: redis.xlen("newsmill:events"))
    finally:
        process.terminate()
        process.wait(60)


def wait_for(condition: Callable[[], Any], seconds: float = 60) -> Any:
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        if result := condition():
            return result
        time.sleep(0.2)
    raise AssertionError(f"not within {seconds} s")


def readable_by_others(folder: Path) -> list[Path]:
    return [path for path in (folder, *folder.rglob("*")) if path.stat().st_mode & 0o077]


def processes_of(folder: Path) -> list[str]:
    """The command lines of processes that run in a folder, or whose environment or arguments name it."""
    named = []
    for process in Path("/proc").glob("[0-9]*"):
        with contextlib.suppress(OSError):
            command = (process / "cmdline").read_bytes()
            named_in = command + (process / "environ").read_bytes()
            if (process / "cwd").readlink() == folder or f"{folder}/data".encode() in named_in:
                named.append(command.decode())
    return named


def test_a_system_whose_parent_is_killed_ends_by_itself_and_starts_again(tmp_path: Path) -> None:
    with (tmp_path / "out").open("w") as log:
        process = subprocess.Popen([NEWSMILL, "run"], cwd=tmp_path, stdout=log, stderr=log, start_new_session=True)
        wait_for((tmp_path / "data" / "run.json").exists)
        assert len(processes_of(tmp_path)) > 6
        os.killpg(process.pid, signal.SIGKILL)
        process.wait()
        wait_for(lambda: not processes_of(tmp_path))
    ended = run("run", "--until-idle", "--json", cwd=tmp_path)
    assert ended.returncode == 0, ended.stderr
    assert json.loads(ended.stdout.splitlines()[-1])["idle"]


def test_a_port_that_another_program_takes_meanwhile_is_changed_for_a_free_one(tmp_path: Path) -> None:
    with contextlib.ExitStack() as stack:
        log = stack.enter_context((tmp_path / "out").open("w"))
        process = subprocess.Popen([NEWSMILL, "run"], cwd=tmp_path, stdout=log, stderr=log, start_new_session=True)
        stack.callback(process.wait, 60)
        stack.callback(process.terminate)
        # The fetcher is started first, and loads for a second before it listens.
        taken = wait_for(lambda: port_of_fetcher(process.pid))
        stack.enter_context(socket.create_server(("127.0.0.1", taken)))
        wait_for((tmp_path / "data" / "run.json").exists, 120)
        metrics = re.findall(r"^metrics +\S+:(\d+)/", (tmp_path / "out").read_text(), re.MULTILINE)
        assert metrics
        assert str(taken) not in metrics


def port_of_fetcher(parent: int) -> int | None:
    """The port that the fetcher is told to listen on, as soon as it runs."""
    for pid, _ in names_of(parent):
        if b"services.fetcher.worker" in Path(f"/proc/{pid}/cmdline").read_bytes().split(b"\0"):
            variables = Path(f"/proc/{pid}/environ").read_text().split("\0")
            return next(
                int(value)
                for name, _, value in (v.partition("=") for v in variables)
                if name == "NEWSMILL_METRICS_PORT"
            )
    return None


def test_run_takes_triggers_survives_nonsense_and_stops_cleanly(tmp_path: Path) -> None:
    log = (tmp_path / "out").open("w")
    # In a session of its own, so that the test can interrupt it as a terminal would.
    process = subprocess.Popen([NEWSMILL, "run"], cwd=tmp_path, stdout=log, stderr=log, start_new_session=True)
    try:
        doors = wait_for(
            lambda: (
                (tmp_path / "data" / "run.json").exists() and json.loads((tmp_path / "data" / "run.json").read_text())
            )
        )
        bad = requests.post(f"{doors['reader']}/v1/triggers", json={"url": "file:///etc/passwd"}, timeout=10)
        assert bad.status_code == 422
        submitted = run("submit", "http://127.0.0.1:9/private", "--wait", cwd=tmp_path)
        assert submitted.returncode == 0, submitted.stderr
        assert json.loads(submitted.stdout.splitlines()[-1])["disposition"] == "address-refused"
        again = run("run", cwd=tmp_path)
        assert again.returncode == 2
        assert f"running in data already (process {process.pid})" in again.stderr
        assert readable_by_others(tmp_path / "data") == []
    finally:
        os.killpg(process.pid, signal.SIGINT)
        ended = process.wait(60)
        log.close()
    assert ended == 0, (tmp_path / "out").read_text()
    assert not (tmp_path / "data" / "run.json").exists()
    assert processes_of(tmp_path) == []


def test_a_database_that_cannot_be_migrated_is_told_with_its_reason_and_nothing_runs(tmp_path: Path) -> None:
    (tmp_path / "data").mkdir()
    text = "no database at all, but long enough to be taken for the head of one" * 20
    (tmp_path / "data" / "newsmill.db").write_text(text)
    ended = run("run", cwd=tmp_path)
    assert ended.returncode == 2
    assert re.search(r"(?s)cannot be migrated.*migrate\.log.*not a database", ended.stderr)
    assert {log.stem for log in (tmp_path / "data" / "logs").iterdir()} == {"fetcher", "parser", "migrate"}
    assert processes_of(tmp_path) == []


def test_a_killed_service_is_started_again(tmp_path: Path) -> None:
    with (tmp_path / "out").open("w") as log:
        process = subprocess.Popen([NEWSMILL, "run"], cwd=tmp_path, stdout=log, stderr=log, start_new_session=True)

    def scheduler() -> int | None:
        """The process id of what runs the scheduler and the courier."""
        return next((pid for pid, name in names_of(process.pid) if name == "scheduler"), None)

    def healthy() -> bool:
        [url] = re.findall(r"^metrics +(\S+)/metrics +\(scheduler\)", (tmp_path / "out").read_text(), re.MULTILINE)
        with contextlib.suppress(requests.RequestException):
            return requests.get(f"{url}/healthz", timeout=5).ok
        return False

    try:
        wait_for((tmp_path / "data" / "run.json").exists)
        killed = scheduler()
        assert killed
        os.kill(killed, signal.SIGKILL)
        wait_for(lambda: scheduler() not in {None, killed})
        assert wait_for(healthy)
        courier_log = tmp_path / "data" / "logs" / "scheduler.log"
        assert wait_for(lambda: courier_log.read_text().count('"logger": "services.courier.worker"') == 2)
    finally:
        process.terminate()
        process.wait(60)


def names_of(parent: int) -> list[tuple[int, str]]:
    """The children of a process with their names in `top`."""
    children = Path(f"/proc/{parent}/task/{parent}/children").read_text().split()
    return [(int(child), Path(f"/proc/{child}/comm").read_text().strip()) for child in children]


def test_the_canary_goes_through_every_stage_and_is_shown_nowhere(tmp_path: Path) -> None:
    with (tmp_path / "out").open("w") as log:
        process = subprocess.Popen([NEWSMILL, "run"], cwd=tmp_path, stdout=log, stderr=log, start_new_session=True)

    def stages() -> set[str]:
        pages = re.findall(r"^metrics +(\S+)", (tmp_path / "out").read_text(), re.MULTILINE)
        texts = "".join(requests.get(url, timeout=5).text for url in pages)
        return set(re.findall(r'newsmill_heartbeat_last_seen_timestamp_seconds\{stage="(\w+)"\}', texts))

    try:
        wait_for(lambda: stages() == {"schedule", "fetch", "parse", "store"}, 150)
        status = requests.get(
            json.loads((tmp_path / "data" / "run.json").read_text())["reader"] + "/v1/status", timeout=5
        )
        assert (status.json()["stored"], status.json()["pages"]) == ({"articles": 0, "headlines": 0}, {})
    finally:
        process.terminate()
        process.wait(60)
