"""Sites in a running system: a home page in the file, one by HTTP, one by command line."""

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
import requests

from bench.invented_sites import Newspapers, feedless, newspaper

pytestmark = pytest.mark.process
NEWSMILL = Path(sys.executable).parent / "newsmill"
SETTINGS = {
    "NEWSMILL_FETCH_ALLOW_NETWORKS": "127.0.0.0/8", "NEWSMILL_FETCH_ALLOW_PORTS": "", "NEWSMILL_HOST_INTERVAL": "0.1",
}  # fmt: skip


def wait_for(condition: Callable[[], Any], seconds: float = 90) -> Any:
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        if result := condition():
            return result
        time.sleep(0.2)
    raise AssertionError(f"not within {seconds} s")


class System:
    """A system of `newsmill run` in a folder."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        record = folder / "data" / "run.json"
        self.reader = wait_for(lambda: record.exists() and json.loads(record.read_text())["reader"])

    def newsmill(self, *arguments: str) -> str:
        ended = subprocess.run(
            [NEWSMILL, *arguments], cwd=self.folder, env=os.environ | SETTINGS, capture_output=True, text=True,
            timeout=150, check=False,
        )  # fmt: skip
        assert ended.returncode == 0, ended.stderr
        return ended.stdout

    def site(self, home_page: str) -> dict[str, Any] | None:
        """The site with this home page and the roles of its channels, once it has some."""
        for site in requests.get(f"{self.reader}/v1/sites", timeout=10).json()["items"]:
            if site["home_page"] == home_page:
                channels = requests.get(f"{self.reader}/v1/channels?site={site['key']}", timeout=10).json()["items"]
                return site | {"roles": sorted(channel["role"] for channel in channels)}
        return None


@pytest.fixture
def papers() -> Iterator[Newspapers]:
    with Newspapers() as newspapers:
        yield newspapers


@pytest.fixture
def system(papers: Newspapers, tmp_path: Path) -> Iterator[System]:
    home = papers.add("127.5.0.1", newspaper())
    (tmp_path / "sources.yaml").write_text(f"sites: ['{home}']")
    with (tmp_path / "out").open("w") as log:
        process = subprocess.Popen(
            [NEWSMILL, "run"], cwd=tmp_path, env=os.environ | SETTINGS, stdout=log, stderr=log, start_new_session=True
        )
        try:
            yield System(tmp_path)
        finally:
            os.killpg(process.pid, signal.SIGINT)
            process.wait(60)


def test_a_site_is_followed_whichever_door_it_came_by(system: System, papers: Newspapers) -> None:
    in_file = papers.url("127.5.0.1")
    by_http, by_command = papers.add("127.5.0.2", newspaper()), papers.add("127.5.0.3", feedless())
    requests.post(f"{system.reader}/v1/sites", json={"home_page": by_http}, timeout=10).raise_for_status()
    system.newsmill("add", by_command, "--yes")
    for home_page, roles in (
        (in_file, ["feed", "front", "sitemap"]), (by_http, ["feed", "front", "sitemap"]), (by_command, ["front", "section"]),
    ):  # fmt: skip
        wait_for(lambda home=home_page, roles=roles: (system.site(home) or {}).get("roles") == roles)
    articles = f"{system.reader}/v1/articles?limit=200"
    wait_for(lambda: len(requests.get(articles, timeout=10).json()["items"]) >= 24)
    assert "polled after" in system.newsmill("sites", "show", in_file)
    system.newsmill("sites", "pause", in_file)
    wait_for(lambda: (system.site(in_file) or {}).get("state") == "paused")
    # The file is read again, and leaves what a person changed.
    (system.folder / "sources.yaml").write_text(f"sites: [{{home_page: '{in_file}', name: Renamed}}]")
    site = wait_for(lambda: (site := system.site(in_file)) and site["name"] == "Renamed" and site)
    assert (site["state"], site["declared_by"]) == ("paused", "file")
