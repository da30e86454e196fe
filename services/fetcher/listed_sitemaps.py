"""Conditional requests for the sitemaps that a robots.txt or an index lists. Their requests come from the fetcher and the
parser, which cannot read the ledger, so the validators of their last copies wait in Redis for a day.

A copy counts only once it is stored: while its trace is in custody, the sitemap is requested whole. An index is always
requested whole, since its sitemaps may change while it stays the same.
"""

import re
import zlib
from typing import cast

from redis import Redis

from services.fetcher.wire.sniffing import is_gzip
from shared.contracts import FetchRequested, Kind, Origin, Page
from shared.later import CUSTODY
from shared.urls import fingerprint

KEY = "newsmill:sitemap:"
# After so long a sitemap is requested whole, since servers' validators may be wrong.
SECONDS = 86_400
_HEAD_BYTES = 4_096
_LISTS_PAGES = re.compile(rb"<(?:[\w.-]+:)?urlset[\s>]", re.IGNORECASE)
_FIELDS = ("etag", "last_modified", "body_hash")


class ListedSitemaps:
    """The validators of listed sitemaps.

    Args:
        redis: remembers them, and says which traces are in custody.
    """

    def __init__(self, redis: "Redis") -> None:
        self._redis = redis

    def with_validators(self, request: FetchRequested) -> FetchRequested:
        """Returns a request for a listed sitemap with the validators of its last stored copy; any other as it is."""
        if not _is_listed(request):
            return request
        trace_id, *values = cast("list[bytes | None]", self._redis.hmget(_key(request), "trace_id", *_FIELDS))
        if trace_id is None or self._redis.zscore(CUSTODY, trace_id.decode()) is not None:
            return request
        validators = {name: value.decode() if value else None for name, value in zip(_FIELDS, values, strict=True)}
        return request.model_copy(update=validators)

    def remember(self, request: FetchRequested, page: Page, content: bytes) -> None:
        """Remembers the validators of a listed sitemap that lists pages.

        Args:
            request: for the sitemap.
            page: its download.
            content: its bytes.
        """
        if _is_listed(request) and _LISTS_PAGES.search(_head(content)):
            copy = {"trace_id": request.trace_id} | {name: getattr(page, name) or "" for name in _FIELDS}
            with self._redis.pipeline() as pipe:
                pipe.hset(_key(request), mapping=copy)
                pipe.expire(_key(request), SECONDS)
                pipe.execute()


def _is_listed(request: FetchRequested) -> bool:
    live = request.origin is Origin.LIVE and not request.full
    return live and request.kind is Kind.SITEMAP and request.cause is not None and request.body_hash is None


def _key(request: FetchRequested) -> str:
    # Another source may follow the links of the same sitemap.
    return f"{KEY}{request.source_id}:{request.follow:d}:{fingerprint(request.url)}"


def _head(content: bytes) -> bytes:
    if not is_gzip(content):
        return content[:_HEAD_BYTES]
    try:
        return zlib.decompressobj(zlib.MAX_WBITS | 16).decompress(content, _HEAD_BYTES)
    except zlib.error:
        return b""
