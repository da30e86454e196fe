"""Conditional requests (RFC 9110 §13), and servers whose answers to them are wrong."""

import re
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime

from prometheus_client import Counter

from shared.contracts import FetchRequested, Page

DISBELIEVED = Counter(
    "newsmill_validators_disbelieved_total", "Pages that had changed though their validators had not."
)
# A server's clock may be a little off; a page that will be modified next year is a mistake.
CLOCK_TOLERANCE = timedelta(hours=1)
MAX_LENGTH = 1024
_SENDABLE = re.compile(r"[\x21-\x7e][\x20-\x7e]*")


def conditions(request: FetchRequested) -> dict[str, str]:
    """Returns the headers of a conditional request; none when the page is wanted in any case."""
    if request.full:
        return {}
    validators = {"If-None-Match": request.etag, "If-Modified-Since": request.last_modified}
    return {name: value for name, value in validators.items() if value and _is_sendable(value)}


def usable_validator(value: str | None, *, is_date: bool = False) -> str | None:
    """Returns a validator that can be sent back; "" for one that cannot: too long, not ASCII, or a date to come."""
    if value is None:
        return None
    return value if _is_sendable(value) and not (is_date and _is_future(value)) else ""


def is_unchanged(request: FetchRequested, page: Page) -> bool:
    """Whether a page has the same bytes as the ledger's copy."""
    return bool(request.body_hash) and page.body_hash == request.body_hash


def is_disbelieved(request: FetchRequested, page: Page) -> bool:
    """Whether a page has changed though its validators have not, so that its server would have answered 304.

    Only a full request shows it. A weak validator (RFC 9110 §8.8.1) may stay the same while unimportant bytes change,
    but which bytes are important is not for the server to say.
    """
    if not request.full or not request.body_hash or is_unchanged(request, page):
        return False
    same_etag = bool(page.etag) and page.etag == request.etag
    same_date = not page.etag and bool(page.last_modified) and page.last_modified == request.last_modified
    if same_etag or same_date:
        DISBELIEVED.inc()
    return same_etag or same_date


def _is_sendable(value: str) -> bool:
    return len(value) <= MAX_LENGTH and bool(_SENDABLE.fullmatch(value))


def _is_future(value: str) -> bool:
    try:
        date = parsedate_to_datetime(value)
    except (ValueError, OverflowError):
        return False
    date = date if date.tzinfo else date.replace(tzinfo=UTC)
    return date > datetime.now(UTC) + CLOCK_TOLERANCE
