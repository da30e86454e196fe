"""The SQL behind watches: as they are shown, their matches and deliveries. No secret is in what is returned but the feeds' address."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any

from pydantic import BaseModel
from sqlalchemy import ColumnElement, func, or_, select
from sqlmodel import Session, col

from shared.database.models import Delivery, Match, Receiver, Watch
from shared.database.receivers import address

MOST = 1000


class ShownReceiver(BaseModel):
    """Whom a watch tells, without secrets. `waiting` and `failed` count its deliveries."""

    id: int
    kind: str
    address: str
    rhythm: str
    hour: int | None
    zone: str | None
    digest_at: datetime | None
    state: str
    reason: str | None
    failures: int
    failing_since: datetime | None
    waiting: int = 0
    failed: int = 0


class ShownWatch(BaseModel):
    """A watch. `feeds` are the paths of its feeds, which need no account: null for who may not hand them on; `matches` counts
    what it has matched."""

    id: int
    name: str
    query: str
    about: str
    fold: bool
    state: str
    owner: str | None
    created_at: datetime
    changed_at: datetime
    feeds: dict[str, str] | None
    matches: int
    newest_match_at: datetime | None
    receivers: list[ShownReceiver]


class ShownMatch(BaseModel):
    """Something that a watch has matched, as it was then."""

    id: int
    kind: str
    subject: str
    article_id: int | None
    title: str
    url: str | None
    record: dict[str, Any]
    matched_at: datetime


class ShownDelivery(BaseModel):
    """Something that is sent to a receiver, with how that went."""

    id: int
    receiver_id: int
    address: str
    message_id: str
    payload: dict[str, Any]
    state: str
    attempts: int
    created_at: datetime
    next_at: datetime | None
    ended_at: datetime | None
    status: int | None
    error: str | None


def watches(session: Session, *conditions: ColumnElement[bool]) -> list[ShownWatch]:
    """Returns watches by name, at most MOST."""
    rows = session.scalars(select(Watch).where(*conditions).order_by(col(Watch.name), col(Watch.id)).limit(MOST)).all()
    ids = [row.id or 0 for row in rows]
    receivers = _receivers(session, ids)
    totals = _totals(session, ids)
    return [_shown(row, receivers.get(row.id or 0, []), *totals.get(row.id or 0, (0, None))) for row in rows]


def watch(session: Session, watch_id: int) -> ShownWatch | None:
    """Returns a watch by its id; None if there is none."""
    return next(iter(watches(session, col(Watch.id) == watch_id)), None)


def named(session: Session, name: str) -> Sequence[Watch]:
    """Returns the watch with this id, else those with this name."""
    if name.isascii() and name.isdigit() and (row := session.get(Watch, int(name[:18]))):
        return [row]
    return session.scalars(select(Watch).where(func.lower(col(Watch.name)) == name.lower())).all()


def by_feed(session: Session, secret: str) -> Watch | None:
    """Returns the watch whose feeds have this secret address; None if there is none."""
    return session.scalars(select(Watch).where(col(Watch.feed_secret) == secret)).one_or_none()


def matches(session: Session, watch_id: int, limit: int, before: int | None = None) -> list[ShownMatch]:
    """Returns matches of a watch, newest first, of ids below `before`."""
    query = select(Match).where(col(Match.watch_id) == watch_id, *_below(Match, before))
    rows = session.scalars(query.order_by(col(Match.id).desc()).limit(limit))
    return [ShownMatch.model_validate(row.model_dump()) for row in rows]


def deliveries(
    session: Session, watch_id: int, limit: int, before: int | None = None, state: str | None = None
) -> list[ShownDelivery]:
    """Returns deliveries of a watch, newest first, of ids below `before`, in a state or in all."""
    query = (
        select(Delivery, Receiver)
        .join(Receiver, col(Receiver.id) == col(Delivery.receiver_id))
        .where(col(Receiver.watch_id) == watch_id, *_below(Delivery, before))
    )
    if state:
        query = query.where(col(Delivery.state) == state)
    rows = session.execute(query.order_by(col(Delivery.id).desc()).limit(limit))
    return [_shown_delivery(delivery, receiver) for delivery, receiver in rows]


def deliveries_to_resend(session: Session, watch_id: int, ids: Iterable[int], *, failed: bool) -> Sequence[Delivery]:
    """Returns deliveries of a watch: those with these ids, and all that failed if that is asked for."""
    condition = col(Delivery.id).in_(list(ids))
    query = (
        select(Delivery)
        .join(Receiver, col(Receiver.id) == col(Delivery.receiver_id))
        .where(
            col(Receiver.watch_id) == watch_id, or_(condition, col(Delivery.state) == "failed") if failed else condition
        )
    )
    return session.scalars(query.order_by(col(Delivery.id))).all()


def _below(table: type[Match | Delivery], before: int | None) -> list[ColumnElement[bool]]:
    return [col(table.id) < before] if before is not None else []


def _receivers(session: Session, watch_ids: Sequence[int]) -> dict[int, list[ShownReceiver]]:
    rows = session.scalars(
        select(Receiver).where(col(Receiver.watch_id).in_(watch_ids)).order_by(col(Receiver.id))
    ).all()
    ended = (
        select(col(Delivery.receiver_id), col(Delivery.state), func.count())
        .where(col(Delivery.receiver_id).in_([row.id for row in rows]), col(Delivery.state) != "delivered")
        .group_by(col(Delivery.receiver_id), col(Delivery.state))
    )
    numbers = {(receiver_id, state): number for receiver_id, state, number in session.execute(ended)}
    receivers: dict[int, list[ShownReceiver]] = {}
    for row in rows:
        counts = {state: numbers.get((row.id or 0, state), 0) for state in ("waiting", "failed")}
        record = row.model_dump() | counts | {"address": address(row.kind, row.url)}
        receivers.setdefault(row.watch_id, []).append(ShownReceiver.model_validate(record))
    return receivers


def _totals(session: Session, watch_ids: Sequence[int]) -> dict[int, tuple[int, datetime | None]]:
    query = select(col(Match.watch_id), func.count(), func.max(Match.matched_at)).group_by(col(Match.watch_id))
    return {row[0]: (row[1], row[2]) for row in session.execute(query.where(col(Match.watch_id).in_(watch_ids)))}


def _shown(row: Watch, receivers: list[ShownReceiver], number: int, newest: datetime | None) -> ShownWatch:
    feeds = {name: f"/feeds/{row.feed_secret}.{ending}" for name, ending in (("atom", "atom"), ("json", "json"))}
    return ShownWatch.model_validate(
        row.model_dump() | {"feeds": feeds, "matches": number, "newest_match_at": newest, "receivers": receivers}
    )


def _shown_delivery(delivery: Delivery, receiver: Receiver) -> ShownDelivery:
    next_at = delivery.next_at if delivery.state == "waiting" else None
    return ShownDelivery.model_validate(
        delivery.model_dump() | {"address": address(receiver.kind, receiver.url), "next_at": next_at}
    )
