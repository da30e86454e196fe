"""`newsmill sites --trouble`: what is wrong, the worst first, by a word or by an option."""

import json
import shutil
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from sqlmodel import Session
from typer.testing import CliRunner, Result

from newsmill.cli import app
from shared.database.engine import make_engine
from shared.database.models import Alert

NOON = datetime(2026, 10, 5, 12, tzinfo=UTC)


@pytest.fixture
def _alerts(sqlite_tables: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A data folder in which a wire has been silent for an hour and a weekly has failed for a week."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "data").mkdir()
    database = shutil.copy(sqlite_tables, tmp_path / "data" / "newsmill.db")
    rows = [
        Alert(
            subject=f"site:{name}", kind=kind, name=name, url=f"https://{name}.example/", since=since,
            opened_at=since, cause=cause,
        )
        for name, kind, since, cause in [
            ("wire", "silent", NOON - timedelta(hours=1), "nothing new is listed"),
            ("weekly", "failing", NOON - timedelta(days=7), "its home page answers 404"),
        ]
    ]  # fmt: skip
    with Session(make_engine(f"sqlite:///{database}")) as session:
        session.add_all(rows)
        session.commit()


def sites(*arguments: str) -> Result:
    return CliRunner().invoke(app, ["sites", *arguments])


@pytest.mark.usefixtures("_alerts")
def test_the_option_and_the_command_say_the_same() -> None:
    result = sites("--trouble")
    assert result.exit_code == 0
    assert "its home page answers 404" in result.output
    assert result.output == sites("trouble").output
    names = [alert["name"] for alert in json.loads(sites("--trouble", "--json").output)["alerts"]]
    assert names == [alert["name"] for alert in json.loads(sites("trouble", "--json").output)["alerts"]]
    assert set(names) == {"wire", "weekly"}


@pytest.mark.parametrize("arguments", [("--trouble", "list"), ("--json",), ("--json", "list")], ids=" ".join)
def test_an_option_that_goes_with_nothing_is_refused(arguments: tuple[str, ...]) -> None:
    result = sites(*arguments)
    assert result.exit_code == 2
    assert "--trouble" in result.output
