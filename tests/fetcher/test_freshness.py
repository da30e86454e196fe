"""How long an answer says that it stays fresh (RFC 9111 §4.2)."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from requests import Response

from services.fetcher.answer.freshness import MAX_SECONDS, fresh_seconds
from shared.contracts import FetchRequested
from shared.errors import Drop

NOON, ONE, ELEVEN = (f"Sun, 01 Mar 2026 {hour}:00:00 GMT" for hour in (12, 13, 11))


@pytest.mark.parametrize(
    ("headers", "seconds"),
    [
        ({}, None),
        ({"Cache-Control": "max-age=600"}, 600),
        ({"Cache-Control": 'public, MAX-AGE="600"'}, 600),
        ({"Cache-Control": "max-age=600, s-maxage=9000"}, 600),
        ({"Cache-Control": "s-maxage=9000"}, None),
        ({"Cache-Control": "max-age=600", "Age": "450"}, 150),
        ({"Cache-Control": "max-age=600", "Age": "4500"}, None),
        ({"Cache-Control": "max-age=600, max-age=60"}, 600),
        ({"Cache-Control": "max-age=0", "Date": NOON, "Expires": ONE}, None),
        ({"Cache-Control": "max-age=600", "Date": NOON, "Expires": ONE}, 600),
        ({"Cache-Control": "max-age=soon", "Date": NOON, "Expires": ONE}, 3600),
        ({"Cache-Control": "no-cache, max-age=600"}, None),
        ({"Cache-Control": "max-age=600, no-store"}, None),
        ({"Cache-Control": "max-age=-5"}, None),
        ({"Cache-Control": "max-age = 600;public"}, 600),
        ({"Cache-Control": "private; max-age='600'"}, 600),
        ({"Cache-Control": 'no-cache="Set-Cookie", max-age=600'}, 600),
        ({"Cache-Control": "max-age=600", "Pragma": "no-cache"}, 600),
        ({"Date": NOON, "Expires": "Sunday, 01-Mar-26 13:00:00 GMT"}, 3600),
        ({"Cache-Control": "max-age=" + "9" * 5000}, MAX_SECONDS),
        ({"Date": NOON, "Expires": ONE}, 3600),
        ({"Date": NOON, "Expires": ELEVEN}, None),
        ({"Date": NOON, "Expires": "0"}, None),
        ({"Date": NOON, "Expires": "Sun, 99 Foo 2026"}, None),
    ],
)
def test_an_answer_says_for_how_long_it_is_fresh(headers: dict[str, str], seconds: int | None) -> None:
    answer = Response()
    answer.headers.update(headers)
    assert fresh_seconds(answer) == seconds


def test_the_page_carries_it(make, site) -> None:
    [fetched] = make().fetch(FetchRequested(url=site.page(Cache_Control="max-age=600")))
    assert fetched.page.fresh_seconds == 600


def test_an_answer_that_nothing_has_changed_says_it_too(make, site) -> None:
    url = site.page(b"", 304, Cache_Control="max-age=900")
    with pytest.raises(Drop) as end:
        make().fetch(FetchRequested(url=url, etag='"1"'))
    assert (end.value.reason, end.value.fresh_seconds) == ("not-modified", 900)


@given(st.dictionaries(st.sampled_from(["Cache-Control", "Expires", "Date", "Age"]), st.text(max_size=60)))
def test_whatever_the_headers_are_the_time_is_none_or_within_its_bounds(headers: dict[str, str]) -> None:
    answer = Response()
    answer.headers.update(headers)
    seconds = fresh_seconds(answer)
    assert seconds is None or 0 < seconds <= MAX_SECONDS
