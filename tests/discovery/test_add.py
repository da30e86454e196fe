"""`newsmill add`: what it prints, what it declares, and that looking changes nothing."""

import json
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import Result
from redis import Redis
from sqlmodel import Session, select
from typer.testing import CliRunner

from bench.invented_sites import Newspapers, address, feedless, newspaper
from newsmill.cli import app
from services.storage.settings import StorageSettings
from services.storage.store import Store
from shared.contracts import decode
from shared.database.engine import make_engine
from shared.database.models import Site, Source
from shared.later import Later
from shared.pages import MemoryPages
from shared.queues import queue_keys
from tests.discovery.conftest import HOST

Run = Callable[..., Result]


@pytest.fixture
def database_url(sqlite_tables: Path, tmp_path: Path) -> str:
    """A database with tables; the tests of storage have both kinds."""
    return f"sqlite:///{shutil.copy(sqlite_tables, tmp_path / 'newsmill.db')}"


@pytest.fixture
def run(redis_url: str, redis: "Redis", database_url: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Run:
    monkeypatch.chdir(tmp_path)
    values = {
        "REDIS_URL": redis_url, "DATABASE_URL": database_url, "FETCH_ALLOW_NETWORKS": "127.0.0.0/8",
        "FETCH_ALLOW_PORTS": "", "HOST_INTERVAL": "0",
    }  # fmt: skip
    for name, value in values.items():
        monkeypatch.setenv(f"NEWSMILL_{name}", value)
    return lambda *arguments, **options: CliRunner().invoke(app, list(arguments), **options)


def stored(redis: "Redis", database_url: str) -> tuple[list[Site], list[Source]]:
    """Writes what is on the queue of storage to the database, and returns the sites and channels there."""
    engine = make_engine(database_url)
    store = Store(engine, redis, Later(redis), MemoryPages(), StorageSettings())
    for key in queue_keys("store"):
        while raw := redis.lpop(key):
            items = json.loads(json.loads(raw)["body"])[0][0]
            store.handle_batch([decode(item) for item in items])
    with Session(engine) as session:
        rows = list(session.scalars(select(Site))), list(session.scalars(select(Source).order_by(Source.role)))
    engine.dispose()
    return rows


def test_a_site_is_shown_and_added_at_a_yes(
    run: Run, redis: "Redis", database_url: str, newspapers: Newspapers
) -> None:
    home = newspapers.add(HOST, newspaper())
    result = run("add", home, "--tag", "daily", "--country", "FR", input="y\n")
    assert result.exit_code == 0
    for words in (
        "The Harbourtown Gazette, en",
        "/feed.xml",
        "only it",
        "9 requests",
        "a day",
        "Add 1 site?",
    ):
        assert words in result.output, result.output
    [site], channels = stored(redis, database_url)
    assert (site.home_page, site.name, site.country, site.tags, site.languages) == (
        home, "The Harbourtown Gazette", "FR", ["daily"], ["en"],
    )  # fmt: skip
    assert [(channel.role, channel.found_by, channel.site_key) for channel in channels] == [
        ("feed", "alternate", site.key), ("front", "home-page", site.key), ("sitemap", "robots", site.key),
    ]  # fmt: skip
    assert channels[0].hub_url == f"{home}hub"
    assert {channel.declared_by for channel in channels} == {"cli"}
    # Its channels are known; they are looked for again after a week, not now.
    assert site.discover_at is not None
    assert site.discover_at > site.created_at


@pytest.mark.parametrize("arguments", [("--dry-run",), ("--json",), ()])
def test_without_a_yes_nothing_is_added(
    run: Run, redis: "Redis", database_url: str, newspapers: Newspapers, arguments: tuple[str, ...]
) -> None:
    result = run("add", newspapers.add(HOST, newspaper()), *arguments, input="n\n")
    assert result.exit_code == 0
    assert stored(redis, database_url) == ([], [])


def test_json_is_one_document_a_site(run: Run, newspapers: Newspapers) -> None:
    record = json.loads(run("add", newspapers.add(HOST, newspaper()), "--json").output)
    assert [channel["role"] for channel in record["channels"]] == ["front", "feed", "sitemap"]
    assert record["channels"][2]["own_items"] == 8
    assert record["articles"][0]["fields"]["title"] is True
    assert record["error"] is None


def test_many_sites_are_added_and_those_that_cannot_be_are_named(
    run: Run, redis: "Redis", database_url: str, newspapers: Newspapers, tmp_path: Path
) -> None:
    homes = [newspapers.add(address(number), (newspaper, feedless)[number % 2]()) for number in range(8)]
    gone = newspapers.url(address(100))
    (tmp_path / "sites.txt").write_text("\n".join([*homes, gone, "mailto:editor@gazette.example"]))
    result = run("add", "--file", "sites.txt", "--yes")
    assert result.exit_code == 1
    assert "8 sites with" in result.output
    assert f"cannot be added: {gone}: http-404" in result.output
    sites, _ = stored(redis, database_url)
    assert {site.home_page for site in sites} == set(homes)
    assert max(newspapers.requests.values()) <= 10


def test_a_removed_site_that_is_added_again_is_active(
    run: Run, redis: "Redis", database_url: str, newspapers: Newspapers
) -> None:
    home = newspapers.add(HOST, newspaper())
    assert run("add", home, "--yes").exit_code == 0
    stored(redis, database_url)
    engine = make_engine(database_url)
    with Session(engine) as session, session.begin():
        for site in session.scalars(select(Site)):
            site.state, site.edits = "removed", ["state"]
        for channel in session.scalars(select(Source)):
            channel.state = "removed"
    engine.dispose()
    assert run("add", home, "--yes").exit_code == 0
    sites, channels = stored(redis, database_url)
    assert {row.state for row in (*sites, *channels)} == {"active"}
