"""What a command says when it cannot do what it is asked: a line that names the thing and the cure, never a traceback."""

import gzip
import json
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner, Result

from newsmill.cli import app
from newsmill.local.run_file import run_record
from newsmill.running_system import find_system
from services.fetcher.settings import FetcherSettings
from services.storage.migrate import migrate
from shared.settings import Settings


@pytest.fixture(autouse=True)
def empty_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    # A port that nobody listens on, so that no Redis of this machine is taken for a running system.
    monkeypatch.setenv("NEWSMILL_REDIS_URL", "redis://127.0.0.1:9/0")
    return tmp_path


@pytest.fixture
def database(empty_folder: Path) -> Path:
    (empty_folder / "data").mkdir()
    migrate(f"sqlite:///{empty_folder / 'data' / 'newsmill.db'}")
    return empty_folder / "data" / "newsmill.db"


def invoke(*arguments: str) -> Result:
    result = CliRunner().invoke(app, list(arguments))
    assert isinstance(result.exception, SystemExit | None), result.exception
    return result


def refusal(*arguments: str) -> str:
    result = invoke(*arguments)
    assert result.exit_code == 2, result.output
    return " ".join(result.output.split())


def test_parse_names_a_file_that_does_not_exist() -> None:
    assert "absent.html" in refusal("parse", "absent.html")


def test_parse_names_a_compressed_file_that_cannot_be_read(empty_folder: Path) -> None:
    (empty_folder / "torn.html.gz").write_bytes(gzip.compress(b"<p>news</p>" * 1000)[:8])
    assert "torn.html.gz" in refusal("parse", "torn.html.gz")


@pytest.mark.parametrize("arguments", [["export", "articles"], ["backup", "copy.db"], ["why", "https://a.example/"]])
def test_without_a_database_a_command_says_so_and_leaves_none(arguments: list[str], empty_folder: Path) -> None:
    assert "newsmill.db: start the system once" in refusal(*arguments)
    assert list(empty_folder.iterdir()) == []


def test_backup_names_a_folder_that_does_not_exist(database: Path) -> None:
    assert "there is no folder absent" in refusal("backup", "absent/copy.db")


def test_a_backup_is_readable_by_its_owner_only(database: Path) -> None:
    assert json.loads(invoke("backup", "copy.db", "--json").stdout)["bytes"] > 0
    assert Path("copy.db").stat().st_mode & 0o777 == 0o600


def test_why_needs_a_running_system_and_says_how_to_start_it(database: Path) -> None:
    assert "start it with `newsmill run`" in refusal("why", "https://a.example/")


def test_replay_without_kept_pages_names_the_folder_and_the_cure(database: Path) -> None:
    text = refusal("replay")
    assert "no kept pages in data/pages" in text
    assert "--data" in text


def test_replay_of_a_stopped_system_only_reports(database: Path) -> None:
    (database.parent / "pages").mkdir()
    assert invoke("replay", "--dry-run").output.startswith("0 pages")
    assert "start it with `newsmill run`" in refusal("replay")


@pytest.mark.parametrize("arguments", [["dead", "resume", "nope"], ["host", "a.example", "--pause", "--resume"]])
def test_nonsense_is_refused(arguments: list[str]) -> None:
    refusal(*arguments)


def test_an_unknown_image_is_called_unknown(database: Path) -> None:
    assert "unknown image" in refusal("image", "show", "https://img.example/1.jpg")


def test_submit_names_the_reader_that_does_not_answer() -> None:
    assert "no reader answers at http://127.0.0.1:9" in refusal(
        "submit", "--api", "http://127.0.0.1:9", "https://a.example/"
    )


SOURCES = "- name: The Paper\n  url: https://paper.example/\n  kind: front\n"


def test_a_file_of_sources_is_checked() -> None:
    Path("sources.yaml").write_text(SOURCES)
    assert "1 sources, nothing is wrong" in invoke("sites", "check").output
    assert json.loads(invoke("sites", "check", "--json").output)["sources"][0]["url"] == "https://paper.example/"


@pytest.mark.parametrize(
    ("text", "words"), [(SOURCES.replace("https", "gopher"), "gopher"), ("- kind: nonsense", "kind"), ("[", "line 1")]
)
def test_a_wrong_file_of_sources_is_named_with_what_is_wrong(text: str, words: str) -> None:
    Path("wrong.yaml").write_text(text)
    result = invoke("sites", "check", "wrong.yaml")
    assert result.exit_code == 1
    assert "wrong.yaml is wrong: " in result.output
    assert words in result.output


def write_run_file(folder: Path, **variables: str) -> None:
    folder.mkdir(parents=True)
    addresses = {
        "NEWSMILL_REDIS_URL": "unix:///redis",
        "NEWSMILL_DATABASE_URL": "sqlite:///x",
        "NEWSMILL_PAGES_URL": "pages",
    }
    record: dict[str, Any] = run_record("http://127.0.0.1:8081", addresses | variables)
    (folder / "run.json").write_text(json.dumps(record))


def test_commands_find_a_running_demo_and_use_its_settings(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("NEWSMILL_REDIS_URL")
    write_run_file(Path("data/demo"), NEWSMILL_HOST_INTERVAL="0.05")
    system = find_system()
    assert system.reader_url == "http://127.0.0.1:8081"
    assert system.settings(FetcherSettings).host_interval == 0.05
    assert system.settings(Settings).redis_url == "unix:///redis"


def test_the_environment_goes_before_a_system_that_was_not_named(monkeypatch: pytest.MonkeyPatch) -> None:
    write_run_file(Path("data"), NEWSMILL_HOST_INTERVAL="3")
    monkeypatch.setenv("NEWSMILL_HOST_INTERVAL", "7")
    assert find_system().settings(FetcherSettings).host_interval == 7
    assert find_system(Path("data")).settings(FetcherSettings).host_interval == 3


def test_a_stopped_system_that_is_named_is_read_in_its_folder(tmp_path: Path) -> None:
    assert f"no database at {tmp_path}/elsewhere/newsmill.db" in refusal("export", "articles", "--data", "elsewhere")
