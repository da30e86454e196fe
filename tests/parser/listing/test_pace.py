"""How often a feed wishes to be asked for."""

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.parser.listing import pace
from services.parser.parse import read
from shared.contracts import Kind, Pace

ITEM = "<item><title>A ferry runs again</title><link>https://news.example/a</link><ttl>9</ttl></item>"
NOW = datetime(2026, 5, 1, 12, tzinfo=UTC)


def rss(channel: str, after: str = "") -> str:
    return f"<rss version='2.0'><channel><title>News</title>{channel}{ITEM}{after}</channel></rss>"


@pytest.mark.parametrize(
    ("channel", "wish"),
    [
        ("<ttl>60</ttl>", Pace(seconds=3600)),
        ("<ttl> 60\n</ttl>", Pace(seconds=3600)),
        ("<ttl>an hour</ttl>", None),
        ("<ttl>-5</ttl>", None),
        ("<!-- <ttl>60</ttl> -->", None),
        ("<ttl>999999999</ttl>", Pace(seconds=pace.MAX_SECONDS)),
        ("<sy:updatePeriod>hourly</sy:updatePeriod>", Pace(seconds=3600)),
        ("<sy:updatePeriod> Hourly </sy:updatePeriod><sy:updateFrequency>4</sy:updateFrequency>", Pace(seconds=900)),
        ("<syn:updateFrequency>2</syn:updateFrequency>", Pace(seconds=43_200)),
        ("<sy:updatePeriod>fortnightly</sy:updatePeriod>", None),
        ("<sy:updatePeriod>daily</sy:updatePeriod><sy:updateFrequency>0</sy:updateFrequency>", Pace(seconds=86_400)),
        ("<ttl>15</ttl><sy:updatePeriod>hourly</sy:updatePeriod>", Pace(seconds=3600)),
        ("<skipHours><hour>0</hour><hour> 1 </hour><hour>24</hour><hour>25</hour></skipHours>", Pace(skip_hours=(0, 1))),
        ("<skipDays><day>Sunday</day><day>saturday</day><day>Noday</day></skipDays>", Pace(skip_days=(5, 6))),
        ("<skipHours>" + "".join(f"<hour>{hour}</hour>" for hour in range(24)) + "</skipHours>", None),
        ("", None),
    ],
)  # fmt: skip
def test_a_feed_wishes_to_be_asked_for_only_so_often(channel: str, wish: Pace | None) -> None:
    assert pace.read(rss(channel)) == wish


def test_the_wish_may_stand_after_the_items_and_an_item_has_none() -> None:
    assert pace.read(rss("", "<ttl>30</ttl>")) == Pace(seconds=1800)
    assert pace.read(rss("")) is None


def test_the_wish_goes_with_the_headlines() -> None:
    content = read(rss("<ttl>60</ttl>").encode(), "https://news.example/feed", Kind.FEED, None, NOW)
    assert (content.pace, len(content.headlines)) == (Pace(seconds=3600), 1)


_PIECES = (
    "<ttl>",
    "</ttl>",
    "<hour>",
    "</hour>",
    "<skipHours>",
    "</skipHours>",
    "<item>",
    "</item>",
    "<!--",
    "99",
    " ",
)


@given(st.lists(st.sampled_from(_PIECES) | st.text(max_size=5)))
def test_whatever_a_feed_is_its_wish_is_within_bounds(pieces: list[str]) -> None:
    wish = pace.read("".join(pieces))
    assert wish is None or 0 <= wish.seconds <= pace.MAX_SECONDS
