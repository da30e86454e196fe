"""What a person may change of watches, and the writing of it, for the API, the pages and the command line alike.

It is written in the door's own transaction and not by a message to the storage worker: a receiver's URL may hold a password,
which no message carries (docs/adr/0023).
"""

import base64
import re
from collections.abc import Sequence
from secrets import token_bytes, token_urlsafe
from typing import Annotated, Any, Literal
from zoneinfo import ZoneInfo

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, SecretStr, model_validator
from sqlalchemy import func, select
from sqlmodel import Session, col

from shared.contracts import now_utc
from shared.database.models import Delivery, Match, Receiver, Watch
from shared.errors import BadUrl
from shared.query.parse import parse
from shared.query.size import check_size
from shared.rhythm import next_digest
from shared.urls import check

SECRET_PREFIX = "whsec_"  # noqa: S105 - what every secret begins with
Rhythm = Literal["at-once", "hourly", "daily"]
MOST_RECEIVERS = 20

_SERVICE = re.compile(r"[a-z][a-z0-9+-]{0,40}://\S")


def _zone(name: str) -> str:
    try:
        ZoneInfo(name)
    except (ValueError, OSError, LookupError):
        raise ValueError(f"no time zone {name!r}; write it as in Europe/Paris") from None
    return name


def _whsec(secret: SecretStr) -> SecretStr:
    try:
        key = base64.b64decode(secret.get_secret_value().removeprefix(SECRET_PREFIX), validate=True)
    except ValueError:
        key = b""
    if not 24 <= len(key) <= 64:
        raise ValueError("a secret is whsec_ and 24 to 64 bytes in base64; left out, one is made")
    return secret


Name = Annotated[str, Field(min_length=1, max_length=200, pattern=r"^[^\x00]*$")]
QueryText = Annotated[str, Field(max_length=4000, pattern=r"^[^\x00]*$")]
Zone = Annotated[str, Field(max_length=64), AfterValidator(_zone)]
Secret = Annotated[SecretStr, AfterValidator(_whsec)]


class NewReceiver(BaseModel):
    """Whom a watch tells: a webhook by its http(s) URL, or a service by a URL of Apprise, such as `mailto://…` or `tgram://…`.

    `daily` is told at `hour` o'clock of the time zone.
    """

    model_config = ConfigDict(extra="forbid", hide_input_in_errors=True)

    url: Annotated[SecretStr, Field(max_length=4000)]
    secret: Secret | None = Field(
        None, description="Of a webhook: whsec_ and base64; left out, one is made and shown once."
    )
    rhythm: Rhythm = "at-once"
    hour: int = Field(7, ge=0, le=23)
    zone: Zone = "UTC"

    @property
    def kind(self) -> str:
        """`webhook` or `notification`."""
        return "webhook" if self.url.get_secret_value().lower().startswith(("http://", "https://")) else "notification"

    @model_validator(mode="after")
    def _can_be_told(self) -> "NewReceiver":
        if self.kind == "notification" and not _SERVICE.match(self.url.get_secret_value()):
            raise ValueError("a receiver is the http(s) URL of a webhook or a URL of Apprise, such as mailto://…")
        if self.kind == "webhook":
            try:
                check(self.url.get_secret_value())
            except BadUrl:
                # Its own words would repeat the URL, which may hold a secret.
                raise ValueError("this URL of a webhook cannot be requested: no user name, no spaces, a host") from None
        return self


class NewWatch(BaseModel):
    """A query that acts on what is stored from now on. Without a receiver its matches are in its feeds and at `/matches`."""

    model_config = ConfigDict(extra="forbid", hide_input_in_errors=True)

    name: Name
    query: QueryText = Field("", description="As in a search; empty for all alerts.")
    about: Literal["articles", "alerts"] = "articles"
    fold: bool = Field(True, description="Tell a story once, in however many newspapers it is.")
    receivers: list[NewReceiver] = Field([], max_length=MOST_RECEIVERS)

    @model_validator(mode="after")
    def _asks_for_something(self) -> "NewWatch":
        _check_query(self.query, self.about)
        return self


class WatchChange(BaseModel):
    """What to change of a watch; what is left out stays. `add` and `remove` are receivers; `enable` tells disabled ones again."""

    model_config = ConfigDict(extra="forbid", hide_input_in_errors=True)

    name: Name | None = None
    query: QueryText | None = None
    fold: bool | None = None
    state: Literal["active", "paused"] | None = None
    add: list[NewReceiver] = Field([], max_length=MOST_RECEIVERS)
    remove: list[int] = Field([], max_length=MOST_RECEIVERS)
    enable: list[int] = Field([], max_length=MOST_RECEIVERS)


def add(session: Session, new: NewWatch, owner: str | None) -> tuple[Watch, dict[int, str]]:
    """Writes a watch; returns it, and the secrets that were made for its webhooks by receiver."""
    watch = Watch(**new.model_dump(exclude={"receivers"}), owner=owner, feed_secret=token_urlsafe(24))
    session.add(watch)
    session.flush()
    return watch, _add_receivers(session, watch, new.receivers)


def change(session: Session, watch: Watch, changes: WatchChange) -> dict[int, str]:
    """Writes a change; returns the secrets that were made for new webhooks by receiver.

    Raises:
        ValueError: the new query asks for nothing, or there are too many receivers.
    """
    if changes.query is not None:
        _check_query(changes.query, watch.about)
    fields = changes.model_dump(exclude={"add", "remove", "enable"}, exclude_none=True)
    for name, value in fields.items():
        setattr(watch, name, value)
    watch.changed_at, watch.revision = now_utc(), watch.revision + 1
    for receiver in _receivers(session, watch):
        if receiver.id in changes.remove:
            session.delete(receiver)
        elif receiver.id in changes.enable:
            enable(receiver)
    session.flush()
    return _add_receivers(session, watch, changes.add)


def remove(session: Session, watch: Watch) -> None:
    """Removes a watch with its matches and deliveries."""
    session.delete(watch)


def enable(receiver: Receiver) -> None:
    """Tells a receiver again. What was given up meanwhile is sent again only if somebody asks for it."""
    receiver.state, receiver.reason = "active", None
    receiver.failures, receiver.failing_since, receiver.rest_until = 0, None, None


def resend(session: Session, delivery: Delivery) -> None:
    """Sends a delivery again, under the same message id.

    Raises:
        ValueError: its receiver is disabled.
    """
    receiver = session.get_one(Receiver, delivery.receiver_id)
    if receiver.state != "active":
        raise ValueError(f"receiver {receiver.id} is disabled, since {receiver.reason}: enable it first")
    delivery.state, delivery.attempts, delivery.ended_at = "waiting", 0, None
    delivery.next_at, receiver.rest_until = now_utc(), None


def _check_query(query: str, about: str) -> None:
    if about != "articles":
        return
    if (node := parse(query)) is None:
        raise ValueError("the query asks for nothing: write words, or site:, language:, tag:, publisher:, papers:")
    check_size(node)


def _add_receivers(session: Session, watch: Watch, new: Sequence[NewReceiver]) -> dict[int, str]:
    if len(_receivers(session, watch)) + len(new) > MOST_RECEIVERS:
        raise ValueError(f"a watch has at most {MOST_RECEIVERS} receivers")
    newest = session.scalar(select(func.max(Match.id)).where(col(Match.watch_id) == watch.id)) or 0
    secrets = {}
    for receiver in new:
        row = _row(watch, receiver, newest)
        session.add(row)
        session.flush()
        if receiver.kind == "webhook" and receiver.secret is None:
            secrets[row.id or 0] = row.secret or ""
    return secrets


def _row(watch: Watch, new: NewReceiver, newest: int) -> Receiver:
    columns: dict[str, Any] = {
        "watch_id": watch.id,
        "kind": new.kind,
        "url": new.url.get_secret_value(),
        "rhythm": new.rhythm,
    }
    if new.rhythm != "at-once":
        columns["digest_at"] = next_digest(new.rhythm, new.hour, new.zone, now_utc())
        columns |= {"hour": new.hour, "zone": new.zone} if new.rhythm == "daily" else {}
    if new.kind == "webhook":
        new_secret = SECRET_PREFIX + base64.b64encode(token_bytes(32)).decode()
        columns["secret"] = new.secret.get_secret_value() if new.secret else new_secret
    return Receiver(**columns, told_up_to=newest)


def _receivers(session: Session, watch: Watch) -> Sequence[Receiver]:
    return session.scalars(select(Receiver).where(col(Receiver.watch_id) == watch.id)).all()
