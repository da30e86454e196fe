"""Looks URLs up in the ledger before they are requested: conditions for the request, or an end that still holds."""

from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta
from typing import Any

import structlog
from sqlalchemy import Engine, select
from sqlalchemy.exc import InterfaceError, OperationalError
from sqlmodel import Session, col

from shared.contracts import FetchRequested, PageDropped, Reason
from shared.database.models import Page
from shared.errors import BadUrl
from shared.urls import fingerprint

log = structlog.get_logger(__name__)

# Ends after which a copy of the page is ours: only then may a server say that nothing has changed.
READ = frozenset({"stored", "updated", "unchanged", "listed", Reason.NOT_MODIFIED.value})
HOUR, DAY = timedelta(hours=1), timedelta(days=1)
# How long an end holds before the page is requested again.
HOLD: Mapping[str, timedelta] = {
    Reason.HTTP_404.value: HOUR,
    Reason.HTTP_410.value: DAY,
    Reason.HTTP_451.value: DAY,
    Reason.HTTP_401.value: HOUR,
    Reason.HTTP_403.value: HOUR,
    Reason.BLOCKED_CHALLENGE.value: HOUR,
    Reason.CONSENT_WALL.value: HOUR,
    Reason.PARKED_DOMAIN.value: HOUR,
    Reason.ROBOTS.value: HOUR,
}


def knowledge(page: Page | None, moment: datetime, full_after: timedelta) -> dict[str, Any]:
    """The fields of a FetchRequested that the ledger knows.

    Where a page has moved for good holds as long as it can be read there, and its old address is asked first once in
    each time of `full_after`: what a server calls permanent may be its login or another's advertising, new each time.

    Args:
        page: the URL's row, if there is one.
        moment: now.
        full_after: age of the last whole copy after which the page is requested without conditions.
    """
    if page is None or page.disposition not in READ:
        return {}
    full = page.fetched_at is not None and moment - page.fetched_at > full_after
    is_first = page.fetched_at is None or _period(page.fetched_at, full_after) != _period(moment, full_after)
    # The ledger's "" says that the validator is not to be believed.
    return {
        "moved_to": None if is_first else page.moved_to,
        "etag": page.etag or None, "last_modified": page.last_modified or None, "body_hash": page.body_hash, "full": full,
    }  # fmt: skip


def _period(moment: datetime, length: timedelta) -> int:
    return int(moment.timestamp() // length.total_seconds())


def remembered(request: FetchRequested, page: Page | None, moment: datetime) -> PageDropped | None:
    """Returns the end of a URL that ended for a lasting reason not long ago; None if it may be requested."""
    reason = page.disposition or "" if page else ""
    if page is None or page.ended_at is None or reason not in HOLD:
        return None
    again = page.ended_at + HOLD[reason]
    if moment >= again:
        return None
    detail = f"remembered from {page.ended_at:%Y-%m-%dT%H:%M:%SZ}; asked for again after {again:%Y-%m-%dT%H:%M:%SZ} or with fresh=1"
    return PageDropped(
        **request.envelope(), url=request.url, stage="trigger", reason=Reason(reason), detail=detail,
        status=page.status,
    )  # fmt: skip


class Ledger:
    """Reads the ledger's rows. While the database is away it returns none, and triggers are accepted without them."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._away = False

    def pages(self, urls: Iterable[str]) -> dict[str, Page]:
        """The rows of these URLs, by URL."""
        keys = {key: url for url in urls if (key := _key(url))}
        try:
            with Session(self._engine) as session:
                rows = {keys[page.key]: page for page in session.scalars(select(Page).where(col(Page.key).in_(keys)))}
        except (OperationalError, InterfaceError) as error:
            if not self._away:
                log.warning("database is away: triggers are taken without what it knows", error=str(error.orig))
            self._away = True
            return {}
        self._away = False
        return rows


def _key(url: str) -> str | None:
    try:
        return fingerprint(url)
    except BadUrl:
        return None
