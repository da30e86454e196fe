from collections.abc import Callable
from typing import Any

import pytest
from httpx import Response
from sqlalchemy import Engine
from sqlmodel import Session, select

from services.reader.access.accounts import add_token
from services.reader.access.passwords import hash_password
from services.reader.access.roles import Role, Scope
from shared.database.models import Account, Audit
from tests.reader.conftest import TestClient, post_form

PASSWORD = "a dozen ferries at dusk"
WIDE = {"reader_host": "0.0.0.0", "reader_hosts": "news.example"}


@pytest.fixture(scope="session")
def password_hash() -> str:
    return hash_password(PASSWORD)


@pytest.fixture
def people(engine: Engine, password_hash: str) -> None:
    """A reader, an editor and an admin, each named as their role, with the same password."""
    with Session(engine) as session:
        session.add_all(Account(name=role.value, role=role.value, password_hash=password_hash) for role in Role)
        session.commit()


@pytest.fixture
def wide(serve: Callable[..., TestClient], people: None) -> Callable[..., TestClient]:
    """Makes clients of a reader that other machines reach."""
    return lambda base_url="http://news.example", **settings: serve(base_url, **WIDE | settings)


@pytest.fixture
def token(engine: Engine) -> Callable[..., str]:
    """Makes a token for a user."""

    def make(name: str, *scopes: Scope) -> str:
        with Session(engine) as session:
            account = session.scalars(select(Account).where(Account.name == name)).one()
            text = add_token(session, account, "test", scopes or list(Scope))
            session.commit()
            return text

    return make


@pytest.fixture
def audited(engine: Engine) -> Callable[[], list[tuple[Any, ...]]]:
    """Who did what to what, the oldest first."""

    def read() -> list[tuple[Any, ...]]:
        with Session(engine) as session:
            return [
                (row.actor, row.via, row.action, row.subject)
                for row in session.scalars(select(Audit).order_by(Audit.id))
            ]

    return read


def sign_in(client: TestClient, name: str, password: str = PASSWORD, **fields: str) -> Response:
    return post_form(client, "/login", "/login", name=name, password=password, **fields)


def bearer(token: str) -> dict[str, str]:
    return {"Authorization": f"Bearer {token}"}
