import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.reader.pages.marking import marked, parts


@given(st.text(max_size=80), st.text(max_size=20))
def test_the_parts_of_a_text_are_the_text(text, q):
    assert "".join(part for part, _ in parts(text, q)) == text


@pytest.mark.parametrize(
    ("text", "q", "html"),
    [
        ("Le sénat vote", "senat", "Le <mark>sénat</mark> vote"),
        ("Harbour <b> harbours", "harb*", "<mark>Harbour</mark> &lt;b&gt; <mark>harbours</mark>"),
        ("old harbour, new harbour", '"new harbour"', "old harbour, <mark>new harbour</mark>"),
        ("ferry and tram", "ferry -tram", "<mark>ferry</mark> and tram"),
        ("ferry and tram", "site:x.example (ferry or tram)", "<mark>ferry</mark> and <mark>tram</mark>"),
        ("mayor opens harbour", "mayor NEAR/3 harbour", "<mark>mayor</mark> opens <mark>harbour</mark>"),
        ("舊港口重新開放", "港口重", "舊<mark>港口重</mark>新開放"),
        ("المدينة تفتح الميناء", "الميناء", "المدينة تفتح <mark>الميناء</mark>"),
        ("a quay", "", "a quay"),
        ("a bay", "a*", "<mark>a</mark> bay"),
    ],
    ids=["accents", "beginning", "phrase", "excluded", "alternatives", "near", "chinese", "arabic", "nothing", "short"],
)
def test_what_a_search_asks_for_is_marked(text, q, html):
    assert marked(text, q) == html
