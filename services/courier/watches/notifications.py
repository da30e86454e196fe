"""Notifications by Apprise: mail, Slack, Telegram and about a hundred other services, each by a URL."""

import logging
from collections.abc import Collection, Iterator
from contextlib import contextmanager
from threading import get_ident
from typing import Any
from urllib.parse import unquote, urlsplit

import apprise

from services.courier.guarded_names import public_names
from services.courier.watches.payloads import in_words
from services.courier.webhooks import Answer
from shared.addresses import Network

# Shorter parts of a URL are no secrets, but words like "json".
SECRET_LENGTH = 5
MOST_DETAIL = 300


def notify(url: str, payload: dict[str, Any], networks: Collection[Network]) -> Answer:
    """Sends a payload in words once; never raises for what the service or the network does.

    Apprise itself resolves and connects; what it resolves are public addresses only, unless they are in `networks`.
    """
    asset = apprise.AppriseAsset(async_mode=False, secure_logging=True, storage_mode="memory")
    with _warnings() as warnings:
        service = apprise.Apprise.instantiate(url, asset=asset)
        if not isinstance(service, apprise.NotifyBase):
            return Answer("retry", detail="Apprise knows no service of this URL, or the URL lacks something")
        title, text = in_words(payload)
        with public_names(networks) as refused:
            sent = service.notify(body=text, title=title)
    if sent:
        return Answer("delivered")
    return Answer("retry", detail=_without_secrets("; ".join(refused or warnings), url)[:MOST_DETAIL] or "not sent")


class _Warnings(logging.Handler):
    """Keeps what this thread is warned of."""

    def __init__(self) -> None:
        super().__init__(logging.WARNING)
        self.messages: list[str] = []
        self._thread = get_ident()

    def emit(self, record: logging.LogRecord) -> None:
        """Keeps a record's message."""
        if record.thread == self._thread:
            self.messages.append(record.getMessage())


@contextmanager
def _warnings() -> Iterator[list[str]]:
    """Yields what Apprise warns of in this thread meanwhile."""
    handler, logger = _Warnings(), logging.getLogger("apprise")
    logger.addHandler(handler)
    try:
        yield handler.messages
    finally:
        logger.removeHandler(handler)


def _without_secrets(text: str, url: str) -> str:
    """Returns what Apprise says without the parts of the URL that may be tokens."""
    parts = urlsplit(url)
    secrets = {part for piece in (parts.netloc, parts.path, parts.query) for part in _pieces(piece)}
    for secret in sorted(secrets - {parts.hostname}, key=len, reverse=True):
        text = text.replace(secret, "…")
    return text


def _pieces(text: str) -> list[str]:
    for separator in "/?&=:@,":
        text = text.replace(separator, " ")
    pieces = text.split()
    return [piece for piece in (*pieces, *map(unquote, pieces)) if len(piece) >= SECRET_LENGTH]
