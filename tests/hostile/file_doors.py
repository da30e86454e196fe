"""The doors for files: WARC records, saved pages, OPML, the file of sources."""

import contextlib
import gzip
from io import BytesIO
from urllib.parse import urlsplit

from warcio.statusandheaders import StatusAndHeaders
from warcio.warcwriter import WARCWriter

from newsmill.imports.items import address_of
from newsmill.imports.warc_pages import BODY_BYTES, FIRST_DATE, read_page
from newsmill.imports.warc_records import record_spans
from services.scheduler.sources import read_sources
from shared.discovery.entries import from_opml, merge
from shared.errors import SettingsError
from tests.hostile.door import Door, travels
from tests.hostile.words import OPML_WORDS, PAGE_WORDS, WARC_WORDS, YAML_WORDS

BODY = b"<p>The council of Harbourtown votes on the quay.</p>"
OPML = b"""<?xml version="1.0"?><opml version="2.0"><head><title>Mine</title></head><body><outline text="Dailies">
<outline text="Gazette" type="rss" xmlUrl="https://gazette.example/rss" htmlUrl="https://gazette.example/"/></outline>
<outline text="Post" xmlUrl="https://feeds.post.example/all"/></body></opml>"""
SOURCES = b"""sources:
  - name: Gazette
    url: https://gazette.example/
    kind: front
    follow: true
    interval_seconds: 900
    login: gazette
  - {name: Feed, url: "https://gazette.example/rss.xml", kind: feed, priority: 9}
"""


def warc_record(body: bytes, *headers: tuple[str, str], packed: bool = False) -> bytes:
    """Returns a response of a WARC file, a gzip member if `packed`."""
    stream = BytesIO()
    head = StatusAndHeaders("200 OK", [("Content-Type", "text/html"), *headers], protocol="HTTP/1.1")
    writer = WARCWriter(stream, gzip=packed)
    url = "https://paper.example/1"
    writer.write_record(writer.create_warc_record(url, "response", payload=BytesIO(body), length=len(body), http_headers=head))  # fmt: skip
    return stream.getvalue()


def take_warc(data: bytes) -> None:
    """Each record is a page within its limits or has a reason, in the order of the file, up to its end."""
    end = 0
    for span in record_spans(BytesIO(data)):
        assert span.end >= end
        end = span.end
        page = read_page(span.data) if span.data else span.problem
        if page is not None and not isinstance(page, str):
            assert urlsplit(page.url).scheme in ("http", "https")
            assert page.date >= FIRST_DATE
            assert len(page.raw.body) <= BODY_BYTES
    assert end == len(data)


def take_saved_page(data: bytes) -> None:
    assert address_of(data) is None or address_of(data)


def take_sources(data: bytes) -> None:
    with contextlib.suppress(ValueError):
        declared = read_sources(data.decode())
        for message in (*declared.sites, *declared.sources):
            travels(message)


def take_opml(data: bytes) -> None:
    """A file of subscriptions: entries of the web, each home page once, or an error that names the file."""
    with contextlib.suppress(SettingsError):
        entries = merge(from_opml(data, "feeds.opml"))
        assert len(entries) == len({entry.url for entry in entries})


FILE_DOORS = {
    "warc": Door(
        take_warc,
        (warc_record(BODY) + warc_record(BODY * 2), warc_record(BODY, packed=True) + warc_record(BODY * 2, packed=True),
         warc_record(gzip.compress(BODY), ("Content-Encoding", "gzip")), warc_record(b"5\r\n<p>ab\r\n0\r\n\r\n", ("Transfer-Encoding", "chunked"))),
        WARC_WORDS,
    ),
    "saved-page": Door(
        take_saved_page,
        (b"<!-- saved from url=(0026)https://a.example/noted -->" + BODY, b"<link href='https://a.example/own' rel='canonical'>" + BODY),
        PAGE_WORDS,
    ),
    "opml": Door(take_opml, (OPML,), OPML_WORDS),
    "sources": Door(take_sources, (SOURCES,), YAML_WORDS),
}  # fmt: skip
