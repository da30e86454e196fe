"""Feeds and sitemaps by an attacker, built of values and encodings rather than bytes."""

import json
from typing import Any

import pytest
from hypothesis import strategies as st

from tests.hostile.doors import DOORS
from tests.hostile.fuzzing import fuzz, mangled
from tests.hostile.page_doors import holds
from tests.hostile.words import XML_WORDS

pytestmark = pytest.mark.hostile

VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=30) | st.sampled_from(XML_WORDS).map(lambda word: word.decode(errors="replace")),
    lambda children: st.lists(children, max_size=4) | st.dictionaries(st.text(max_size=10), children, max_size=4),
    max_leaves=12,
)  # fmt: skip
NAMES = st.sampled_from(
    ("id", "url", "external_url", "title", "summary", "content_text", "content_html", "date_published", "image", "authors")
)  # fmt: skip


@fuzz(items=st.lists(st.dictionaries(NAMES, VALUES) | VALUES, max_size=5), more=st.dictionaries(st.sampled_from(("home_page_url", "language", "title")), VALUES))  # fmt: skip
def test_any_values_in_a_json_feed_are_read_or_refused(items: list[Any], more: dict[str, Any]) -> None:
    document = {"version": "https://jsonfeed.org/version/1.1", "items": items, **more}
    holds(json.dumps(document).encode(), None)


@fuzz(
    data=mangled(DOORS["feed"]) | mangled(DOORS["sitemap"]),
    encoding=st.sampled_from(("utf-16", "utf-16-be", "utf-32", "cp1256", "shift_jis")),
)
def test_any_listing_in_any_encoding_is_read_or_refused(data: bytes, encoding: str) -> None:
    holds(data.decode(errors="replace").encode(encoding, "replace"), None)
