"""Subscriptions to WebSub hubs: how far each is, until when it lasts, and whether what it sends can be relied on."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from sqlalchemy import delete
from sqlmodel import Session

from services.storage.tables.ledger import End
from shared.contracts import WEBSUB, SubscriptionAnswered, now_utc
from shared.database.models import Subscription

# A hub that was asked verifies within this time, or is asked again.
VERIFICATION = timedelta(hours=1)
# A lease is renewed when so large a share of it is over (section 5.1: before it expires).
RENEWAL = 0.8
# A hub that fails is asked less and less often, and at least once in this time; one that denies is asked so often.
LONGEST = timedelta(days=7)
# A hub that does not say goodbye after so many requests is left.
FAREWELLS = 3
# A lease that the hub does not state lasts so long.
USUAL_LEASE = 86_400


def write(session: Session, messages: Sequence[SubscriptionAnswered]) -> None:
    """Writes what hubs answered, in the order of the messages."""
    for message in messages:
        row = session.get(Subscription, message.channel_key, with_for_update=True)
        if message.state == "ended":
            session.execute(delete(Subscription).where(Subscription.channel_key == message.channel_key))  # type: ignore[arg-type]
            session.expire_all()
            continue
        if row is None:
            row = Subscription(
                channel_key=message.channel_key, hub_url=message.hub_url, topic_url=message.topic_url, state="requested",
            )  # fmt: skip
            session.add(row)
        _apply(row, message)
        session.flush()
        if row.state == "ending" and row.failures >= FAREWELLS:
            session.delete(row)


def _apply(row: Subscription, message: SubscriptionAnswered) -> None:
    moment = now_utc()
    row.hub_url, row.topic_url, row.detail = message.hub_url, message.topic_url, message.detail or None
    match message.state:
        case "active":
            lease = timedelta(seconds=message.lease_seconds or USUAL_LEASE)
            row.state, row.failures = "active", 0
            row.verified_at, row.lease_ends_at, row.due_at = moment, moment + lease, moment + RENEWAL * lease
        case "requested" if row.verified_at is not None and row.verified_at >= message.triggered_at:
            pass  # the hub verified before it answered
        case "requested":
            row.due_at = moment + VERIFICATION * (row.failures + 1)
            row.failures += 1
        case "ending":
            row.state, row.failures, row.due_at = "ending", row.failures + 1, moment + timedelta(days=1)
        case "denied":
            row.state, row.due_at, row.lease_ends_at = "denied", moment + LONGEST, None
        case _:
            row.failures += 1
            row.due_at = moment + min(VERIFICATION * 2 ** min(row.failures, 10), LONGEST)


def note(subscription: Subscription, end: End, news: int) -> None:
    """Notes that a hub sent something, or that a poll found so many new items, which the hub should have sent."""
    if end.message.via == WEBSUB:
        subscription.pushed_at = end.ended_at
    elif news:
        subscription.missed_at = end.ended_at


def is_reliable(subscription: Subscription | None, moment: datetime) -> bool:
    """Whether polls can be rare, because a hub sends what is new: its lease lasts, and no poll found what it had not sent."""
    if subscription is None or subscription.pushed_at is None or subscription.lease_ends_at is None:
        return False
    missed = subscription.missed_at is not None and subscription.missed_at >= subscription.pushed_at
    return subscription.lease_ends_at > moment and not missed
