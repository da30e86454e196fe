"""The bytes of a page and what is known of them."""

from datetime import UTC, datetime
from hashlib import sha256

from prometheus_client import Counter
from requests import Response

from services.fetcher.answer.status import charset, media_type
from services.fetcher.answer.validators import believable
from services.fetcher.journey import Journey
from services.fetcher.wire.web import body
from shared.contracts import Page, Reason
from shared.errors import Drop

BYTES = Counter("newsmill_fetch_bytes_total", "Bytes of pages downloaded, after decompression.")


def content_of(answer: Response, limit: int) -> bytes:
    """The decoded body.

    Raises:
        Drop: TOO_LARGE, beyond `limit` bytes; NO_CONTENT, none at all.
        Failure: it broke off.
    """
    declared = answer.headers.get("Content-Length", "")
    too_large = Drop(Reason.TOO_LARGE, f"more than {limit} bytes (NEWSMILL_FETCH_MAX_BYTES)")
    if declared.isdecimal() and int(declared) > limit:
        raise too_large
    content = body(answer, limit)
    BYTES.inc(len(content))
    if len(content) > limit:
        raise too_large
    if not content:
        raise Drop(Reason.NO_CONTENT, f"HTTP {answer.status_code} without a body")
    return content


def page_of(journey: Journey, answer: Response, content: bytes) -> Page:
    """What is known of a page that is not in the page store yet: its key is empty."""
    return Page(
        url=journey.request.url,
        final_url=journey.url,
        redirects=tuple(journey.urls[1:]),
        moved_to=journey.moved_to,
        robots=journey.robots,
        key="",
        status=answer.status_code,
        media_type=media_type(answer),
        charset=charset(answer),
        body_hash=sha256(content).hexdigest(),
        size=len(content),
        etag=believable(answer.headers.get("ETag")),
        last_modified=believable(answer.headers.get("Last-Modified"), a_date=True),
        fetched_at=datetime.now(UTC),
    )
