"""`newsmill users`: who may use a reader that other machines reach, and the tokens of their programs."""

import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated, Any

import typer
from sqlmodel import Session

from newsmill.options import AsJson, DataFolder
from newsmill.output import print_record, print_report, table
from newsmill.own_changes import record
from newsmill.running_system import find_system
from services.reader.access import accounts
from services.reader.access.accounts import AccountError
from services.reader.access.roles import Role, Scope
from shared.database.models import Account, ApiToken

app = typer.Typer(add_completion=False, no_args_is_help=True)
token_app = typer.Typer(no_args_is_help=True, help="Make, list or revoke the tokens of users.")
app.add_typer(token_app, name="token")

Name = Annotated[str, typer.Argument(help="Name of the user.")]
FromInput = Annotated[
    bool, typer.Option("--password-stdin", help="Read the password from standard input instead of asking for it.")
]


@app.callback()
def users() -> None:
    """Add, list, change or remove users of the reader, and their tokens."""


@app.command()
def add(
    name: Name,
    role: Annotated[Role, typer.Option(help="What the user may do.")] = Role.READER,
    *,
    password_stdin: FromInput = False,
    no_password: Annotated[
        bool, typer.Option("--no-password", help="The user signs in by the proxy only (NEWSMILL_READER_USER_HEADER).")
    ] = False,
    data: DataFolder = None,
    as_json: AsJson = False,
) -> None:
    """Add a user. The password is asked for."""
    with _session(data) as session:
        password = None if no_password else _password(from_input=password_stdin)
        accounts.add_account(session, name, role, password)
        record(session, "add_user", name, role=role.value)
    print_record({"name": name, "role": role.value}, f"{name} is a user now, as {role.value}", as_json=as_json)


@app.command("list")
def list_users(data: DataFolder = None, as_json: AsJson = False) -> None:
    """List the users with their roles."""
    with _session(data) as session:
        rows = [
            account.model_dump(mode="json", exclude={"password_hash", "session_mark"})
            for account in accounts.accounts(session)
        ]
    print_report({"users": rows}, _user_lines, as_json=as_json)


@app.command("role")
def change_role(
    name: Name,
    role: Annotated[Role, typer.Argument(help="What the user may do.")],
    data: DataFolder = None,
    as_json: AsJson = False,
) -> None:
    """Give a user another role. It ends their sessions."""
    with _session(data) as session:
        account = accounts.existing_account(session, name)
        before = account.role
        accounts.set_role(account, role)
        record(session, "change_role", name, before=before, after=role.value)
    print_record({"name": name, "role": role.value}, f"{name}: {before} → {role.value}", as_json=as_json)


@app.command("password")
def change_password(
    name: Name, *, password_stdin: FromInput = False, data: DataFolder = None, as_json: AsJson = False
) -> None:
    """Give a user another password. It ends their sessions."""
    with _session(data) as session:
        account = accounts.existing_account(session, name)
        accounts.set_password(account, _password(from_input=password_stdin))
        record(session, "change_password", name)
    print_record({"name": name}, f"{name} has another password", as_json=as_json)


@app.command()
def disable(name: Name, data: DataFolder = None, as_json: AsJson = False) -> None:
    """Keep a user out until they are enabled: sessions end, password and tokens are refused."""
    with _session(data) as session:
        accounts.disable(accounts.existing_account(session, name))
        record(session, "disable_user", name)
    print_record({"name": name}, f"{name} is disabled", as_json=as_json)


@app.command()
def enable(name: Name, data: DataFolder = None, as_json: AsJson = False) -> None:
    """Let a user in again who was disabled, with the password and tokens that they had."""
    with _session(data) as session:
        accounts.enable(accounts.existing_account(session, name))
        record(session, "enable_user", name)
    print_record({"name": name}, f"{name} is enabled", as_json=as_json)


@app.command()
def remove(name: Name, data: DataFolder = None, as_json: AsJson = False) -> None:
    """Remove a user with their sessions and tokens. What they changed stays in the audit."""
    with _session(data) as session:
        accounts.remove(session, accounts.existing_account(session, name))
        record(session, "remove_user", name)
    print_record({"name": name}, f"{name} is removed", as_json=as_json)


@token_app.command("add")
def add_token(
    name: Name,
    scope: Annotated[list[Scope], typer.Option(help="What it may be used for; may be repeated.")],
    label: Annotated[str, typer.Option(help="What it is for.")],
    data: DataFolder = None,
    as_json: AsJson = False,
) -> None:
    """Make a token for a user's program and print it, this once."""
    with _session(data) as session:
        text = accounts.add_token(session, accounts.existing_account(session, name), label, scope)
        record(session, "add_token", name, label=label, scopes=[item.value for item in scope])
    print_record({"name": name, "label": label, "token": text}, text, as_json=as_json)


@token_app.command("list")
def list_tokens(
    name: Annotated[str | None, typer.Argument(help="Only of this user.")] = None,
    data: DataFolder = None,
    as_json: AsJson = False,
) -> None:
    """List the tokens: whose, for what, when they were used last."""
    with _session(data) as session:
        chosen = [accounts.existing_account(session, name)] if name else accounts.accounts(session)
        rows = [_token_row(account, token) for account in chosen for token in accounts.tokens(session, account.id)]
    print_report({"tokens": rows}, _token_lines, as_json=as_json)


@token_app.command("revoke")
def revoke_token(
    token_id: Annotated[int, typer.Argument(help="Number of the token, as `newsmill users token list` shows it.")],
    data: DataFolder = None,
    as_json: AsJson = False,
) -> None:
    """Revoke a token: from now on it is refused."""
    with _session(data) as session:
        token = accounts.revoke_token(session, token_id)
        label = token.label
        record(session, "revoke_token", label, id=token_id)
    print_record({"id": token_id}, f"token {token_id} ({label}) is revoked", as_json=as_json)


@contextmanager
def _session(data: Path | None) -> Iterator[Session]:
    """Yields a session whose work is committed at the end."""
    with find_system(data).session() as session, session.begin():
        yield session


def _password(*, from_input: bool) -> str:
    if from_input:
        return sys.stdin.readline().rstrip("\r\n")
    if not sys.stdin.isatty():
        raise AccountError("no terminal to ask for a password: give it with --password-stdin, or take --no-password")
    return str(typer.prompt("Password", hide_input=True, confirmation_prompt=True))


def _token_row(account: Account, token: ApiToken) -> dict[str, Any]:
    return {"user": account.name} | token.model_dump(mode="json", exclude={"digest", "account_id"})


def _user_lines(report: Mapping[str, Any]) -> Iterator[str]:
    rows = [
        (row["name"], row["role"], "disabled" if row["disabled_at"] else row["signed_in_at"] or "never signed in")
        for row in report["users"]
    ]
    yield from table(rows) if rows else ("no users: `newsmill users add NAME` makes one",)


def _token_lines(report: Mapping[str, Any]) -> Iterator[str]:
    rows = [
        (str(row["id"]), row["user"], row["label"], ",".join(row["scopes"]), _last_use(row)) for row in report["tokens"]
    ]
    yield from table(rows) if rows else ("no tokens",)


def _last_use(row: Mapping[str, Any]) -> str:
    if row["revoked_at"]:
        return f"revoked {row['revoked_at']}"
    return f"used {row['used_at']}" if row["used_at"] else "never used"
