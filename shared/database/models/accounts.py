"""Who may use the reader, and what they changed. The reader and the command line write these tables (docs/adr/0021)."""

from datetime import datetime
from secrets import token_hex
from typing import Any

from sqlalchemy import BigInteger, Column, ForeignKey
from sqlmodel import Field, SQLModel

from shared.database.models.columns import identifier, instant, json_column


def session_mark() -> str:
    """Returns a mark that no account has had: SQLite may give the number of a removed account to a new one."""
    return token_hex(8)


class Account(SQLModel, table=True):
    """A user. `role` is a services.reader.access.roles.Role.

    `password_hash` is Argon2's own text; null for who signs in by a proxy only. A session ends when its mark is no longer
    `session_mark`, which is random and another one after each change of the password or the role. One with `disabled_at`
    does not get in.
    """

    id: int | None = identifier()
    name: str = Field(max_length=64, unique=True)
    role: str = Field(max_length=16)
    password_hash: str | None = Field(default=None, max_length=200)
    session_mark: str = Field(default_factory=session_mark, max_length=32)
    created_at: datetime = instant(null=False)
    signed_in_at: datetime | None = instant()
    disabled_at: datetime | None = instant()


class ApiToken(SQLModel, table=True):
    """A token of a user, for programs. `digest` is the SHA-256 of its text, which is kept nowhere.

    `scopes` are some of services.reader.access.roles.Scope. `used_at` is right to the minute. One with `revoked_at` is
    refused.
    """

    __tablename__ = "api_token"

    id: int | None = identifier()
    account_id: int = Field(
        sa_column=Column(BigInteger, ForeignKey("account.id", ondelete="CASCADE"), nullable=False, index=True)
    )
    label: str = Field(max_length=64)
    digest: str = Field(max_length=64, unique=True)
    scopes: list[str] = json_column(list)
    created_at: datetime = instant(null=False)
    used_at: datetime | None = instant()
    revoked_at: datetime | None = instant()


class Audit(SQLModel, table=True):
    """A change that somebody made: who, by which way, from where, what, to what. Rows are never changed.

    `via` is a services.reader.access.visitors.Way, or `cli`; `address` is the client's, empty on the command line.
    """

    id: int | None = identifier()
    at: datetime = instant(null=False)
    actor: str = Field(max_length=64, index=True)
    via: str = Field(max_length=16)
    address: str = Field(default="", max_length=64)
    action: str = Field(max_length=64)
    subject: str = ""
    detail: dict[str, Any] = json_column(dict)


class Secret(SQLModel, table=True):
    """A secret that an installation made for itself, once."""

    name: str = Field(max_length=32, primary_key=True)
    value: str = Field(max_length=200)
