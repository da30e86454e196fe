"""The parts of `newsmill run` by themselves: its guardian, its snapshots and its lock."""

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from io import StringIO
from pathlib import Path

import pytest
from redis import Redis
from rich.console import Console

from newsmill.local.forked import Forked
from newsmill.local.layout import Layout
from newsmill.local.system import _locked
from newsmill.local.view import Rates, line, screen
from newsmill.local.watch import Watch
from services.fetcher.settings import FetcherSettings
from services.reader.settings import ReaderSettings
from shared.errors import SettingsError
from shared.queues import SOURCES_ERROR, TRIGGERS
from shared.settings import Settings, load

GUARDED = """
import subprocess, time
from newsmill.local.guardian import Guardian
with Guardian() as guardian:
    child = subprocess.Popen(["sh", "-c", "sleep 60 & sleep 60"], start_new_session=True)
    guardian.guard(child.pid)
    print(child.pid, flush=True)
    time.sleep(60)
"""


TOLD = """
import json, os, sys, time
with open(os.environ["TOLD"], "w") as out:
    name = open("/proc/self/comm").read().strip()
    json.dump([name, *sys.argv[1:], os.path.basename(sys.argv[0]), __name__, "LEAKED" in os.environ, os.getpgrp() == os.getpid()], out)
print("to the log", flush=True)
time.sleep(float(os.environ["SECONDS"]))
"""


PRELOADED = """
import json, os
from newsmill.local.preload import choose_metrics, preload
from shared.settings import set_environment
preload()
from prometheus_client import REGISTRY, values
metrics = [name for name in REGISTRY._names_to_collectors if name.startswith("newsmill")]
classes = []
for environment in ({}, {"PROMETHEUS_MULTIPROC_DIR": os.getcwd()}):
    set_environment(environment)
    choose_metrics()
    classes.append(values.ValueClass.__name__)
print(json.dumps([len(os.listdir("/proc/self/task")), metrics, classes]))
"""


@pytest.fixture
def fork(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[[float], Forked]]:
    """Forks a module that tells what it is and then sleeps."""
    (tmp_path / "told.py").write_text(TOLD)
    monkeypatch.syspath_prepend(tmp_path)
    monkeypatch.setenv("LEAKED", "1")
    told = {"TOLD": str(tmp_path / "out"), "PATH": os.defpath}
    children: list[Forked] = []

    def fork(seconds: float) -> Forked:
        children.append(Forked("teller", "told", told | {"SECONDS": str(seconds)}, tmp_path / "log"))
        return children[-1]

    yield fork
    for child in children:
        child.terminate()
        child.wait(30)


def test_a_forked_module_runs_as_one_that_was_started_and_its_end_is_noticed(
    fork: Callable[[float], Forked], tmp_path: Path
) -> None:
    child = fork(0)
    assert child.wait(30) == 0
    assert json.loads((tmp_path / "out").read_text()) == ["teller", "told.py", "__main__", False, True]
    assert (tmp_path / "log").read_text() == "to the log\n"


def test_a_forked_process_is_told_to_stop(fork: Callable[[float], Forked]) -> None:
    child = fork(60)
    with pytest.raises(subprocess.TimeoutExpired):
        child.wait(0.1)
    child.terminate()
    assert child.wait(30) == -signal.SIGTERM


def test_a_process_that_is_told_to_stop_at_once_runs_nothing_of_this_one(fork: Callable[[float], Forked]) -> None:
    handled: list[int] = []
    previous = signal.signal(signal.SIGTERM, lambda number, _: handled.append(number))
    try:
        children = [fork(60) for _ in range(10)]
        for child in children:
            child.terminate()
        assert [child.wait(30) for child in children] == [-signal.SIGTERM] * len(children)
    finally:
        signal.signal(signal.SIGTERM, previous)
    assert handled == []


def test_a_forked_process_has_nothing_open_of_this_one(fork: Callable[[float], Forked], tmp_path: Path) -> None:
    with (tmp_path / "lock").open("w"):
        child = fork(60)
        log = tmp_path / "log"
        wait_until(lambda: log.exists() and bool(log.read_text()))
        opened = {str(link.readlink()) for link in Path(f"/proc/{child.pid}/fd").iterdir()}
    assert opened == {os.devnull, str(log)}


def test_what_is_loaded_before_services_fork_starts_no_thread_and_counts_nothing(tmp_path: Path) -> None:
    loaded = subprocess.run([sys.executable, "-c", PRELOADED], cwd=tmp_path, capture_output=True, text=True, check=True)
    assert json.loads(loaded.stdout) == [1, [], ["MutexValue", "MmapedValue"]]


def group_exists(group: int) -> bool:
    try:
        os.killpg(group, 0)
    except ProcessLookupError:
        return False
    return True


def wait_until(condition: Callable[[], bool]) -> None:
    deadline = time.monotonic() + 30
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.05)


def test_what_is_guarded_ends_with_its_children_when_its_parent_is_killed() -> None:
    with subprocess.Popen([sys.executable, "-c", GUARDED], stdout=subprocess.PIPE, text=True) as parent:
        assert parent.stdout is not None
        group = int(parent.stdout.readline())
        assert group_exists(group)
        parent.send_signal(signal.SIGKILL)
        parent.wait()
        wait_until(lambda: not group_exists(group))


def layout(folder: Path) -> Layout:
    return Layout(
        folder, 9, dict.fromkeys(("fetcher", "parser", "storage", "scheduler", "courier"), 9), "unix:///absent"
    )


def test_a_view_without_redis_or_database_shows_what_it_cannot_know_and_is_not_idle(tmp_path: Path) -> None:
    watch = Watch(layout(tmp_path), Redis.from_url("unix:///absent"))
    snapshot = watch.look()
    assert [problem.split(":")[0] for problem in snapshot.unknown] == ["Redis", "database"]
    assert not snapshot.idle
    assert "not known now: Redis" in line(snapshot, Rates().add(snapshot))


def test_a_key_of_a_wrong_type_costs_the_view_its_numbers_only(redis: Redis, tmp_path: Path) -> None:
    redis.set(TRIGGERS, "somebody else's")
    watch = Watch(layout(tmp_path), redis)
    assert "WRONGTYPE" in watch.look().unknown[0]


def test_the_view_shows_what_is_wrong_with_the_file_of_sources(redis: Redis, tmp_path: Path) -> None:
    watch = Watch(layout(tmp_path), redis)
    assert watch.look().sources_error is None
    redis.set(SOURCES_ERROR, "sources.yaml: 0.url: Field required")
    snapshot, rates = watch.look(), Rates()
    console = Console(width=120, file=StringIO())
    console.print(screen(snapshot, rates.add(snapshot), layout(tmp_path)))
    assert isinstance(console.file, StringIO)
    for text in (line(snapshot, rates.add(snapshot)), console.file.getvalue()):
        assert "sources.yaml: 0.url: Field required" in text


def test_a_second_system_on_the_same_data_names_the_process_that_holds_it(tmp_path: Path) -> None:
    with _locked(tmp_path), pytest.raises(SettingsError, match=rf"process {os.getpid()}"), _locked(tmp_path):
        pass


@pytest.mark.parametrize(
    ("kind", "name", "value"),
    [
        (FetcherSettings, "fetch_proxy", "socks5://user:pa55word@proxy.example"),
        (FetcherSettings, "fetch_proxy", "pa55word"),
        (Settings, "redis_password", ["pa55word"]),
        (ReaderSettings, "reader_token", {"token": "pa55word"}),
    ],
)
def test_a_secret_that_is_wrong_is_named_without_its_value(kind: type[Settings], name: str, value: object) -> None:
    with pytest.raises(SettingsError) as error:
        load(kind, **{name: value})
    assert f"NEWSMILL_{name.upper()}=(secret)" in str(error.value)
    assert "pa55word" not in str(error.value)
