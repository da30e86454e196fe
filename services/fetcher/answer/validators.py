"""Conditional requests (RFC 9110 §13), and servers whose answers to them are not to be believed."""

import re
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime

from prometheus_client import Counter

from shared.contracts import FetchRequested, Page

DISBELIEVED = Counter(
    "newsmill_validators_disbelieved_total", "Pages that had changed though their validators had not."
)
# A clock may be a little off; a page that will be modified next year is a mistake.
FUTURE = timedelta(hours=1)
LONGEST = 1024
_SENDABLE = re.compile(r"[\x21-\x7e][\x20-\x7e]*")


def conditions(request: FetchRequested) -> dict[str, str]:
    """The headers of a conditional request; none when the page is to be seen whole."""
    if request.full:
        return {}
    known = {"If-None-Match": request.etag, "If-Modified-Since": request.last_modified}
    return {name: value for name, value in known.items() if value and _sendable(value)}


def believable(value: str | None, *, a_date: bool = False) -> str | None:
    """A validator that can be sent back; "" for one that is there and can't: overlong, not ASCII, or yet to come."""
    if value is None:
        return None
    return value if _sendable(value) and not (a_date and _future(value)) else ""


def unchanged(request: FetchRequested, page: Page) -> bool:
    """Whether a page came with the same bytes as the ledger's copy."""
    return bool(request.body_hash) and page.body_hash == request.body_hash


def disbelieved(request: FetchRequested, page: Page) -> bool:
    """Whether a page has changed and its server would have said that it had not.

    Only a full request shows it. A weak validator (RFC 9110 §8.8.1) may stay the same while bytes change that
    matter to nobody, but what matters to nobody is not for the server to say.
    """
    if not request.full or not request.body_hash or unchanged(request, page):
        return False
    same_etag = bool(page.etag) and page.etag == request.etag
    same_date = not page.etag and bool(page.last_modified) and page.last_modified == request.last_modified
    if same_etag or same_date:
        DISBELIEVED.inc()
    return same_etag or same_date


def _sendable(value: str) -> bool:
    return len(value) <= LONGEST and bool(_SENDABLE.fullmatch(value))


def _future(value: str) -> bool:
    try:
        when = parsedate_to_datetime(value)
    except (ValueError, OverflowError):
        return False
    when = when if when.tzinfo else when.replace(tzinfo=UTC)
    return when > datetime.now(UTC) + FUTURE
