"""What Apprise does, in a process of its own: whatever answers it may be hostile, and Apprise reads all of it."""

import logging
import resource
import signal
import sys
from collections.abc import Collection, Iterator
from contextlib import contextmanager
from io import StringIO
from multiprocessing.connection import Connection
from typing import NamedTuple
from urllib.parse import unquote, urlsplit

import apprise

from services.courier.guarded_sockets import guard_sockets
from services.courier.webhooks import Answer
from shared.addresses import Network

# Of the process's own memory, what Apprise and its libraries take included.
MEGABYTES = 160
# Services that tell something to whoever sits at this machine, or write into its log.
LOCAL = frozenset({"dbus", "glib", "gnome", "kde", "macosx", "qt", "syslog", "windows"})
# Shorter parts of a URL are no secrets, but words like "json".
SECRET_LENGTH = 5
MOST_DETAIL = 300


class Notification(NamedTuple):
    """What is sent by Apprise: the URL of a service, a title and a text."""

    url: str
    title: str
    text: str


def serve(end: Connection, notification: Notification, networks: Collection[Network], seconds: float) -> None:
    """Sends a notification and how that ended; the kernel ends the process when it takes longer."""
    signal.setitimer(signal.ITIMER_REAL, seconds)
    resource.setrlimit(resource.RLIMIT_DATA, (MEGABYTES * 2**20, MEGABYTES * 2**20))
    # A traceback may hold parts of the URL.
    sys.stderr = StringIO()
    end.send(send(notification, guard_sockets(networks)))


def send(notification: Notification, refusals: list[str]) -> Answer:
    """Sends a notification once.

    Args:
        notification: what is sent.
        refusals: gets the reasons for which addresses are refused meanwhile.
    """
    if notification.url.partition(":")[0].lower() in LOCAL:
        return Answer("retry", detail="this service is one of the machine itself, not of the network")
    asset = apprise.AppriseAsset(async_mode=False, secure_logging=True, storage_mode="memory")
    with _warnings() as warnings:
        service = apprise.Apprise.instantiate(notification.url, asset=asset)
        if not isinstance(service, apprise.NotifyBase):
            return Answer("retry", detail="Apprise knows no service of this URL, or the URL lacks something")
        if service.notify(body=notification.text, title=notification.title):
            return Answer("delivered")
    detail = without_secrets("; ".join(refusals or warnings), notification.url)
    return Answer("retry", detail=detail[:MOST_DETAIL] or "not sent")


class _Warnings(logging.Handler):
    """Keeps what is warned of."""

    def __init__(self) -> None:
        super().__init__(logging.WARNING)
        self.messages: list[str] = []

    def emit(self, record: logging.LogRecord) -> None:
        """Keeps a record's message."""
        self.messages.append(record.getMessage())


@contextmanager
def _warnings() -> Iterator[list[str]]:
    """Yields what Apprise warns of meanwhile."""
    handler, logger = _Warnings(), logging.getLogger("apprise")
    logger.addHandler(handler)
    try:
        yield handler.messages
    finally:
        logger.removeHandler(handler)


def without_secrets(text: str, url: str) -> str:
    """Returns what Apprise says without the parts of the URL that may be tokens; nothing if the URL cannot be parted."""
    try:
        parts = urlsplit(url)
    except ValueError:
        return ""
    secrets = {part for piece in (parts.netloc, parts.path, parts.query) for part in _pieces(piece)}
    for secret in sorted(secrets - {parts.hostname}, key=len, reverse=True):
        text = text.replace(secret, "…")
    return text


def _pieces(text: str) -> list[str]:
    for separator in "/?&=:@,":
        text = text.replace(separator, " ")
    pieces = text.split()
    return [piece for piece in (*pieces, *map(unquote, pieces)) if len(piece) >= SECRET_LENGTH]
