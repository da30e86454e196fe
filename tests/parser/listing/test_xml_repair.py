"""A reference to what is no character costs a feed or a sitemap no entry."""

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.parser.listing.xml_repair import replace_impossible
from services.parser.parse import read

NOW = datetime(2026, 1, 1, tzinfo=UTC)
FEED = "<rss><channel><item><title>A quay {} reopens</title><link>/quay</link></item><item><title>A ferry sails</title><link>/ferry</link></item></channel></rss>"
SITEMAP = (
    "<urlset><url><loc>https://news.example/quay{}</loc></url><url><loc>https://news.example/ferry</loc></url></urlset>"
)


@pytest.mark.parametrize("listing", [FEED, SITEMAP])
@pytest.mark.parametrize(
    "reference", ["&#xD800;", "&#55296;", "&#x110000;", "&#99999999;", "&#0;", "&#xFFFF;", "&#x1F;", f"&#{'9' * 5000};"]
)
def test_an_impossible_reference_loses_no_entry(listing: str, reference: str) -> None:
    headlines = read(listing.format(reference).encode(), "https://news.example/list", None, None, NOW).headlines
    assert [(headline.url or "").rpartition("/")[2][:4] for headline in headlines] == ["quay", "ferr"]


@given(st.text(st.characters(codec="utf-8", exclude_categories=["Cc", "Cn"]), max_size=30))
def test_characters_may_be_written_as_references(text: str) -> None:
    written = "".join(f"&#{ord(character)};&#x{ord(character):x};" for character in text)
    assert replace_impossible(written) == written
