"""Whatever comes in at a door ends in a result or a named refusal, in time."""

import pytest

from tests.hostile.doors import DOORS
from tests.hostile.fuzzing import fuzz, mangled
from tests.hostile.visitor_doors import ENVELOPE_TEXT

pytestmark = pytest.mark.hostile

CHUNKED = b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nTransfer-Encoding: chunked\r\n\r\n"
# What bench/fuzz.py has found, each smaller than it was found.
FOUND = [
    ("answer", b"\0" + CHUNKED + b"-2\r\nab\r\n0\r\n\r\n"),
    ("robots-answer", CHUNKED + b"-2\r\nab\r\n0\r\n\r\n"),
    ("opml", b"<opml><body><outline xmlUrl='http://['/></body></opml>"),
    ("opml", b"<https:/>"),
    ("message", ENVELOPE_TEXT.replace(b"+00:00", b"+60:00")),
    ("look", b'\0<script type=\'application/ld+json\'>{"@type":"WebSite","name":"\\ud800"}</script>'),
    ("home-page", b'<script type=\'application/ld+json\'>{"@type":"WebSite","name":"\\ud800"}</script>'),
    ("webhook-answer", b"HTTP/1.1 503 Busy\r\nRetry-After: Mon, 01 Jan 2024 00:00:00 +99999999999999999999\r\n\r\n"),
    ("look-state", b"wish={}"),
    ("look-state", b'wish={"url": "https://news.example/", "started_at": 0}\nlimits=[1]'),
    ("look-state", b'wish={"url": "https://news.example/", "started_at": "2026-01-01T00:00"}'),
    ("receiver", b"tgram://1:["),
    ("rules", b"hosts: [!!int '']"),
    ("rules", b"\xbb"),
]


@pytest.mark.parametrize("name", DOORS)
def test_any_bytes_at_a_door_end_in_a_result_or_a_named_refusal(name: str) -> None:
    fuzz(data=mangled(DOORS[name]))(DOORS[name].take)()


@pytest.mark.parametrize(("name", "data"), FOUND, ids=[f"{name} {number}" for number, (name, _) in enumerate(FOUND)])
def test_what_fuzzing_has_found_is_mended(name: str, data: bytes) -> None:
    DOORS[name].take(data)
