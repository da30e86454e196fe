"""The bytes of a page, and its record."""

from collections.abc import Iterable
from datetime import UTC, datetime
from hashlib import sha256

from prometheus_client import Counter
from requests import Response

from services.fetcher.answer.freshness import fresh_seconds
from services.fetcher.answer.status import charset, is_binary, media_type
from services.fetcher.answer.validators import usable_validator
from services.fetcher.journey import Journey
from services.fetcher.wire.decoding import body, peek
from services.fetcher.wire.sniffing import looks_like_listing
from shared.contracts import Page, Reason
from shared.errors import Drop

BYTES = Counter("newsmill_fetch_bytes_total", "Bytes of pages downloaded, after decompression.")


def content_of(answer: Response, limit: int, *, image: bool = False) -> bytes:
    """Returns the decoded body. Of what is declared as no text only the beginning is read, unless it is that of a listing.

    Raises:
        Drop: TOO_LARGE, it has more than `limit` bytes; NO_CONTENT, it has none; NOT_TEXT.
        Failure: it broke off.
    """
    chunks = None if image or not is_binary(media_type(answer)) else _chunks_of_listing(answer)
    declared = answer.headers.get("Content-Length", "")
    too_large = Drop(Reason.TOO_LARGE, f"more than {limit} bytes (NEWSMILL_FETCH_MAX_BYTES)")
    if declared.isdecimal() and int(declared) > limit:
        raise too_large
    content = body(answer, limit, chunks)
    BYTES.inc(len(content))
    if len(content) > limit:
        raise too_large
    if not content:
        raise Drop(Reason.NO_CONTENT, f"HTTP {answer.status_code} without a body")
    return content


def _chunks_of_listing(answer: Response) -> Iterable[bytes]:
    """Returns the chunks of a body that begins like a listing: servers declare feeds as pictures, films and archives.

    Raises:
        Drop: NOT_TEXT, it does not.
    """
    beginning, chunks = peek(answer)
    if not looks_like_listing(beginning):
        raise Drop(Reason.NOT_TEXT, f"media type {media_type(answer)}, begins with {beginning[:8]!r}")
    return chunks


def page_of(journey: Journey, answer: Response, content: bytes) -> Page:
    """Returns the record of a page that is not in the page store yet: its key is empty."""
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
        etag=usable_validator(answer.headers.get("ETag")),
        last_modified=usable_validator(answer.headers.get("Last-Modified"), is_date=True),
        fresh_seconds=fresh_seconds(answer),
        fetched_at=datetime.now(UTC),
    )
