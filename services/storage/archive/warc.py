"""Pages as WARC 1.1 records (ISO 28500:2017): a request and a response each, every record a gzip member of its own.

The body is stored decoded, so headers that describe its coding are renamed `X-Crawl-…`, as Common Crawl does.
"""

import json
import zlib
from collections.abc import Iterable, Iterator
from datetime import UTC, datetime
from hashlib import sha256
from typing import Any, NamedTuple
from urllib.parse import urlsplit
from uuid import NAMESPACE_URL, uuid5

import structlog
from isal import isal_zlib
from warcio.archiveiterator import ArchiveIterator
from warcio.exceptions import ArchiveLoadFailed

from shared.contracts import Page
from shared.pages import Http, Raw

log = structlog.get_logger(__name__)

# ISA-L packs 150 KB of HTML in a third of a millisecond, to 3 % more than zlib's level 3 in 1.7 ms (ADR 16).
LEVEL = 2
# Holds the page of the message as JSON, so that it can be parsed again as it was.
PAGE_HEADER = "Newsmill-Page"
RESPONSE, REQUEST = "application/http; msgtype=response", "application/http; msgtype=request"
DECODED = frozenset({"content-encoding", "transfer-encoding", "content-length"})
SOFTWARE = "Newsmill (https://pypi.org/project/newsmill/)"


class Record(NamedTuple):
    """A response record. `end` is where the next record begins; `page` is None in files that Newsmill did not write."""

    end: int
    url: str
    date: datetime
    raw: Raw
    page: Page | None = None


class Skipped(NamedTuple):
    """A record that holds no page, and the reason in one word. `end` is None where no record follows."""

    end: int | None
    reason: str


def info(name: str, date: datetime) -> bytes:
    """Returns the record that a file of this name begins with."""
    fields = f"software: {SOFTWARE}\r\nformat: WARC File Format 1.1\r\n".encode()
    return _record("warcinfo", "application/warc-fields", b"", fields, {
        "WARC-Record-ID": f"<urn:uuid:{uuid5(NAMESPACE_URL, name)}>", "WARC-Filename": name, "WARC-Date": _stamp(date),
    })  # fmt: skip


def record(trace_id: str, page: Page, raw: Raw) -> bytes:
    """Returns the response and request records of a page. The same page gives the same bytes."""
    http = raw.http or Http(status=page.status, answer=(("Content-Type", page.media_type or "text/html"),))
    date = _stamp(page.fetched_at)
    ids = {kind: f"<urn:uuid:{uuid5(NAMESPACE_URL, f'{trace_id} {kind}')}>" for kind in ("response", "request")}
    digest = page.body_hash or sha256(raw.body).hexdigest()
    page_json = page.model_dump_json(exclude={"key"}, exclude_defaults=True)
    response = _record("response", RESPONSE, _response_head(http, raw.body), raw.body, {
        "WARC-Record-ID": ids["response"], "WARC-Date": date, "WARC-Target-URI": page.final_url,
        PAGE_HEADER: json.dumps(json.loads(page_json)), "WARC-Payload-Digest": f"sha256:{digest}",
        "WARC-Identified-Payload-Type": page.media_type or "",
    })  # fmt: skip
    request = _record("request", REQUEST, _request_head(http, page.final_url), b"", {
        "WARC-Record-ID": ids["request"], "WARC-Date": date, "WARC-Target-URI": page.final_url,
        "WARC-Concurrent-To": ids["response"],
    })  # fmt: skip
    return response + request


def records(stream: Any) -> Iterator[Record | Skipped]:
    """Yields the records of a WARC or ARC file, whoever wrote it, from where the stream stands.

    A file that is cut off, or is still being written, ends with a `Skipped` of the reason `torn`.
    """
    # Digests are not checked: other programs' digests are of the body before it was decoded.
    archive = ArchiveIterator(stream, arc2warc=True)
    while True:
        try:
            entry = next(archive, None)
            if entry is None:
                return
            record = _read(entry)
            # The length is right only when the record was read to its end.
            end = archive.get_record_offset() + archive.get_record_length()
            yield record._replace(end=end)
        except (ArchiveLoadFailed, EOFError, zlib.error, OSError, ValueError) as error:
            log.warning("torn WARC", error=str(error)[:300])
            yield Skipped(None, "torn")
            return


def _read(entry: Any) -> Record | Skipped:
    if entry.rec_type != "response":
        return Skipped(0, entry.rec_type)
    url = entry.rec_headers.get_header("WARC-Target-URI") or ""
    if entry.http_headers is None or urlsplit(url.strip("<>")).scheme not in ("http", "https"):
        return Skipped(0, "not-http")
    status = entry.http_headers.get_statuscode()
    if status != "200":
        return Skipped(0, f"http-{status}")
    body = entry.content_stream().read()
    http = Http((), 200, "OK", tuple((name, value) for name, value in entry.http_headers.headers))
    return Record(0, url.strip("<>"), _date(entry), Raw(body, http), _page(entry))


def _page(entry: Any) -> Page | None:
    """Returns the page as we wrote it; None where a record has none that can be read."""
    text = entry.rec_headers.get_header(PAGE_HEADER)
    try:
        return Page.model_validate({**json.loads(text), "key": ""}) if text else None
    except (ValueError, TypeError, RecursionError):
        return None


def _date(entry: Any) -> datetime:
    text = entry.rec_headers.get_header("WARC-Date") or ""
    try:
        return datetime.fromisoformat(text).astimezone(UTC)
    except (ValueError, OverflowError):
        return datetime.now(UTC)


def _stamp(moment: datetime) -> str:
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")


def _response_head(http: Http, body: bytes) -> bytes:
    headers = [(f"X-Crawl-{name}" if name.lower() in DECODED else name, value) for name, value in http.answer]
    return _head(f"HTTP/1.1 {http.status} {http.phrase}", [*headers, ("Content-Length", str(len(body)))])


def _request_head(http: Http, url: str) -> bytes:
    parts = urlsplit(url)
    target = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
    headers = [("Host", parts.netloc), *((name, value) for name, value in http.request if name.lower() != "host")]
    return _head(f"GET {target} HTTP/1.1", headers)


def _head(first_line: str, headers: Iterable[tuple[str, str]]) -> bytes:
    lines = [first_line, *(f"{name}: {value}" for name, value in headers)]
    # As readers of WARC take them; a half of a surrogate pair has no bytes.
    return ("\r\n".join(lines) + "\r\n\r\n").encode(errors="replace")


def _record(kind: str, media_type: str, head: bytes, body: bytes, headers: dict[str, str]) -> bytes:
    """Returns a record as a gzip member; `head` is the HTTP message's own and `body` what follows it."""
    details = {name: value for name, value in headers.items() if value}
    fields = {"WARC-Type": kind} | details | {"Content-Type": media_type, "Content-Length": str(len(head) + len(body))}
    packer = isal_zlib.compressobj(LEVEL, isal_zlib.DEFLATED, zlib.MAX_WBITS | 16)
    pieces = (_head("WARC/1.1", fields.items()), head, body, b"\r\n\r\n")
    return b"".join(map(packer.compress, pieces)) + packer.flush()
