"""`newsmill users` and `newsmill audit`: accounts from the command line."""

import json
import shutil
from pathlib import Path

import pytest
from sqlmodel import Session
from typer.testing import CliRunner, Result

from newsmill.cli import app
from services.reader.access.accounts import account_named, holder
from services.reader.access.passwords import is_password
from services.reader.access.roles import Scope
from shared.database.engine import make_engine

PASSWORD = "a dozen ferries at dusk"


@pytest.fixture
def url(sqlite_tables: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("NEWSMILL_REDIS_URL", "redis://127.0.0.1:9/0")
    (tmp_path / "data").mkdir()
    return f"sqlite:///{shutil.copy(sqlite_tables, tmp_path / 'data' / 'newsmill.db')}"


def users(*arguments: str, given: str | None = None) -> Result:
    result = CliRunner().invoke(app, ["users", *arguments], input=given)
    assert isinstance(result.exception, SystemExit | None), result.exception
    return result


def test_a_user_from_the_first_to_the_last_day(url: str) -> None:
    assert users("add", "ada", "--role", "admin", "--password-stdin", given=f"{PASSWORD}\n").exit_code == 0
    engine = make_engine(url)
    with Session(engine) as session:
        made = account_named(session, "ada")
        assert made is not None
        assert is_password(PASSWORD, made.password_hash)
        mark = made.session_mark
    assert json.loads(users("list", "--json").output)["users"][0].keys() == {
        "id",
        "name",
        "role",
        "created_at",
        "signed_in_at",
        "disabled_at",
    }
    assert "admin → reader" in users("role", "ada", "reader").output
    assert users("password", "ada", "--password-stdin", given="another ferry at dawn").exit_code == 0
    with Session(engine) as session:
        changed = account_named(session, "ada")
        assert changed is not None
        assert is_password("another ferry at dawn", changed.password_hash)
        assert changed.session_mark != mark
    assert users("disable", "ada").exit_code == 0
    assert "disabled" in users("list").output
    assert users("enable", "ada").exit_code == 0
    assert "disabled" not in users("list").output
    assert users("remove", "ada").exit_code == 0
    engine.dispose()
    entries = json.loads(CliRunner().invoke(app, ["audit", "--json"]).output)["entries"]
    assert [(entry["action"], entry["via"]) for entry in entries] == [
        ("remove_user", "cli"), ("enable_user", "cli"), ("disable_user", "cli"), ("change_password", "cli"), ("change_role", "cli"), ("add_user", "cli"),
    ]  # fmt: skip
    assert PASSWORD not in json.dumps(entries)
    assert "change_role  ada" in CliRunner().invoke(app, ["audit"]).output


def test_a_token_is_printed_once_and_gone_with_its_user(url: str) -> None:
    users("add", "ada", "--no-password")
    text = users("token", "add", "ada", "--label", "night job", "--scope", "trigger").output.strip()
    engine = make_engine(url)
    with Session(engine) as session:
        held = holder(session, text)
        assert held is not None
        assert (held[0].name, held[1]) == ("ada", {Scope.TRIGGER})
    assert text not in users("token", "list").output
    assert "night job" in users("token", "list", "ada").output
    assert users("token", "revoke", "1").exit_code == 0
    assert "revoked" in users("token", "list").output
    users("remove", "ada")
    with Session(engine) as session:
        assert holder(session, text) is None
    engine.dispose()


@pytest.mark.parametrize(
    ("arguments", "given", "text"),
    [
        (["add", "a b"], PASSWORD, "'a b' is no user's name"), (["add", "ada"], PASSWORD, "there is a user 'ada'"),
        (["add", "bo"], "short", "12 to 1000 characters"), (["password", "bo"], PASSWORD, "no user 'bo'"),
    ],
    ids=["no-name", "taken", "short", "unknown"],
)  # fmt: skip
def test_what_cannot_be_is_refused_with_its_cure(url: str, arguments: list[str], given: str, text: str) -> None:
    users("add", "ada", "--no-password")
    result = users(*arguments, "--password-stdin", given=given)
    assert (result.exit_code, text in result.output) == (2, True)


def test_without_a_terminal_a_password_is_not_waited_for(url: str) -> None:
    result = users("add", "ada", given="")
    assert (result.exit_code, "--password-stdin" in result.output) == (2, True)


def test_without_users_and_changes_the_lists_say_so(url: str) -> None:
    assert "newsmill users add NAME" in users("list").output
    assert "no tokens" in users("token", "list").output
    assert "nothing was changed yet" in CliRunner().invoke(app, ["audit"]).output
