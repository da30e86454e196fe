"""Subscriptions to WebSub hubs that are due: to be asked for, renewed before their lease ends, or given up.

Which there are, and when each is due, is in the table `subscription` (services/storage/tables/subscriptions.py).
"""

from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Literal
from uuid import NAMESPACE_URL, uuid5

from sqlalchemy import func, or_, select
from sqlmodel import Session, col

from shared.contracts import WEBSUB, SubscriptionRequested
from shared.database.models import Site, Source, Subscription
from shared.websub import callback_url

CLAIM = "newsmill:subscribing:"
LEASE_SECONDS = 10 * 86_400


def due(
    session: Session, moment: datetime, limit: int, public_url: str, key: bytes
) -> Mapping[str, SubscriptionRequested]:
    """Returns the requests to hubs that are due, by the key by which one scheduler claims each; none without a public URL.

    Args:
        session: of the database, only read.
        moment: now.
        limit: how many of each kind at most.
        public_url: at which hubs reach the reader.
        key: of callbacks and secrets (shared.websub.websub_key).
    """
    if not public_url:
        return {}
    requests = [*_subscriptions_due(session, moment, limit), *_unwanted(session, moment, limit)]
    return {
        f"{CLAIM}{mode}:{channel_key}:{due_at}": SubscriptionRequested(
            trace_id=uuid5(NAMESPACE_URL, f"{mode} {channel_key} {due_at}").hex, mode=mode, channel_key=channel_key,
            hub_url=hub_url, topic_url=topic_url, callback_url=callback_url(key, public_url, channel_key),
            lease_seconds=LEASE_SECONDS, via=WEBSUB,
        )
        for mode, channel_key, hub_url, topic_url, due_at in requests
    }  # fmt: skip


_Request = tuple[Literal["subscribe", "unsubscribe"], str, str, str, str]


def _subscriptions_due(session: Session, moment: datetime, limit: int) -> Iterator[_Request]:
    """Yields channels that are polled and name a hub, where no subscription is, or one that is due or of another hub."""
    query = (
        select(Source, Subscription)
        .outerjoin(Subscription, col(Subscription.channel_key) == col(Source.key))
        .outerjoin(Site, col(Site.key) == col(Source.site_key))
        .where(col(Source.state) == "active", func.coalesce(col(Site.state), "active") == "active")
        .where(col(Source.hub_url).is_not(None), col(Source.topic_url).is_not(None))
        .where(or_(
            col(Subscription.channel_key).is_(None), col(Subscription.due_at) <= moment,
            col(Subscription.hub_url) != col(Source.hub_url), col(Subscription.topic_url) != col(Source.topic_url),
        ))
        .limit(limit)
    )  # fmt: skip
    for source, subscription in session.execute(query):
        due_at = subscription.due_at.isoformat() if subscription else ""
        yield "subscribe", source.key, source.hub_url or "", source.topic_url or "", due_at


def _unwanted(session: Session, moment: datetime, limit: int) -> Iterator[_Request]:
    """Yields subscriptions of channels that are polled no more, or name no hub any more."""
    query = (
        select(Subscription)
        .outerjoin(Source, col(Source.key) == col(Subscription.channel_key))
        .outerjoin(Site, col(Site.key) == col(Source.site_key))
        .where(or_(
            func.coalesce(col(Source.state), "removed") != "active", col(Source.hub_url).is_(None),
            func.coalesce(col(Site.state), "active") != "active",
        ))
        .where(or_(col(Subscription.state) != "ending", col(Subscription.due_at) <= moment))
        .limit(limit)
    )  # fmt: skip
    for subscription in session.scalars(query):
        due_at = subscription.due_at.isoformat()
        yield "unsubscribe", subscription.channel_key, subscription.hub_url, subscription.topic_url, due_at
