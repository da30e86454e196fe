"""Channels: pages that are polled, as a file, a person or discovery declares them and as persons change them."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import select
from sqlmodel import Session, col

from services.storage.tables import edits
from services.storage.tables.pacer import Pacer
from services.storage.tables.sources import due
from services.storage.tables.upsert import Row, Upsert
from shared.contracts import ChannelChanged, Kind, Role, SourceDeclared, now_utc
from shared.database.models import Source
from shared.urls import canonical, fingerprint

_INSERT = Upsert(Source, "key")
_LINKS = ("site_key", "role", "found_by", "hub_url", "topic_url")
_EDITABLE = ("name", "state", "follow", "interval_seconds")
_ROLES = {Kind.FEED: Role.FEED, Kind.SITEMAP: Role.SITEMAP, Kind.FRONT: Role.FRONT}


def write(session: Session, messages: Sequence[SourceDeclared | ChannelChanged], pacer: Pacer) -> None:
    """Writes declarations and changes of channels in their order, one row a URL. A shorter interval takes effect at once.

    Args:
        session: of the transaction.
        messages: of the batch. A change of a channel that does not exist is left out.
        pacer: the budgets of polls.
    """
    _INSERT.write(session, [_row(message) for message in messages if isinstance(message, SourceDeclared)])
    keys = {_key(message) for message in messages}
    query = select(Source).where(col(Source.key).in_(keys)).order_by(col(Source.key)).with_for_update()
    channels = {channel.key: channel for channel in session.scalars(query)} if keys else {}
    for message in messages:
        if channel := channels.get(_key(message)):
            _apply(session, channel, message, pacer)


def _key(message: SourceDeclared | ChannelChanged) -> str:
    return message.key if isinstance(message, ChannelChanged) else fingerprint(message.url)


def _apply(session: Session, channel: Source, message: SourceDeclared | ChannelChanged, pacer: Pacer) -> None:
    if isinstance(message, ChannelChanged):
        edits.edit(channel, message, *_EDITABLE)
    else:
        edits.declare(channel, _declared_columns(message), message.declared_by)
        _link(channel, message)
    if channel.last_polled_at is not None:
        due_at, reason = due(session, channel, None, pacer)
        if due_at < channel.next_poll_at:
            channel.next_poll_at, channel.reason = due_at, reason
    if isinstance(message, ChannelChanged) and message.poll:
        poll_now(channel, message.actor)


def poll_now(channel: Source, actor: str) -> None:
    """Makes a channel due at once, because a person asks for it."""
    channel.next_poll_at, channel.reason = now_utc(), f"asked for by {actor}"


def _link(channel: Source, message: SourceDeclared) -> None:
    """Joins a channel to its site. A declaration without a site leaves it where it is."""
    for name in _LINKS:
        if (value := getattr(message, name)) is not None:
            setattr(channel, name, value)
    if message.site_key is not None:
        channel.unnamed_since = None


def _declared_columns(message: SourceDeclared) -> dict[str, Any]:
    return {
        "name": message.name, "url": canonical(message.url), "kind": message.kind.value if message.kind else None,
        "follow": message.follow, "interval_seconds": message.interval_seconds, "priority": message.priority,
        "state": message.state, "access": message.access.model_dump() if message.access else None,
    }  # fmt: skip


def _row(message: SourceDeclared) -> Row:
    """Returns the row of a channel that was never declared before."""
    role = message.role or (_ROLES.get(message.kind) if message.kind else None)
    moment = now_utc()
    return _declared_columns(message) | {name: getattr(message, name) for name in _LINKS} | {
        "key": fingerprint(message.url), "declared_by": message.declared_by, "created_at": moment,
        "next_poll_at": moment, "failures": 0, "edits": [], "role": role,
    }  # fmt: skip
