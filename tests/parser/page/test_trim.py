"""A page is trimmed to what can be parsed in linear time; what real pages hold passes unchanged."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from selectolax.lexbor import LexborHTMLParser

from services.parser.page.trim import (
    DEEPEST,
    DEEPEST_OF_PART,
    MOST_ATTRIBUTES,
    MOST_REOPENED,
    MOST_TAGS,
    _flattened,
    _open_formatting,
    parse_part,
    trim,
)

MANY = "<br>" * 10_000


def depth(html: str) -> int:
    """How deep the elements of a page nest."""
    deepest, level = 0, [LexborHTMLParser(html).body]
    while level:
        level = [child for node in level for child in node.iter()]
        deepest += 1
    return deepest


@pytest.mark.parametrize(
    "part",
    ["<div>", "<span>", "<div></ul>", "<span><div></span></div>", "<b id=%d>", "<b id=%d><p>", "<ul><li>", "<x-a></x-b>",
     "<table><tr><td>", "<div><table><tr><td></div></td>", "<!--><div>", "<svg><style><g></x>", "<a id=%d><object>",
     "<math><td>", "<pre><form><td><ul>", "<svg><li><pre>", "<svg><foreignObject><div>", "<li><section>",
     "<p title='<i>'><div class=\"</div>\">"],
)  # fmt: skip
def test_nothing_nests_without_limit(part: str) -> None:
    html = "".join(part % number if "%" in part else part for number in range(5_000))
    assert depth(trim(MANY + html)) <= 4 * DEEPEST + 200


def test_attributes_beyond_the_limit_are_cut_and_those_of_other_elements_stay() -> None:
    names = [f"a{number}" for number in range(3 * MOST_ATTRIBUTES)]
    html = trim(f"<p {' '.join(names)}>text<i id=\"x>y\" class='z'>more</i>")
    tree = LexborHTMLParser(html)
    assert len(tree.css_first("p").attributes) in range(MOST_ATTRIBUTES, MOST_ATTRIBUTES + 2)
    assert tree.css_first("i").attributes == {"id": "x>y", "class": "z"}
    assert tree.body.text() == "textmore"


@pytest.mark.parametrize(
    "first",
    ['="x', 'class="c"d', "class='c'\"d", "class=c'd", "/class", "class=\fc"],
    ids=["name after an equals sign", "name right behind a value", "quote in a name", "quote in a value", "slash", "form feed"],
)  # fmt: skip
def test_attributes_are_counted_as_the_standard_reads_them(first: str) -> None:
    names = " ".join(f"a{number}" for number in range(3 * MOST_ATTRIBUTES))
    tree = LexborHTMLParser(trim(f"<p {first} {names}>text"))
    assert len(tree.css_first("p").attributes) in range(MOST_ATTRIBUTES, MOST_ATTRIBUTES + 2)
    assert tree.body is not None
    assert tree.body.text() == "text"


def test_formatting_is_not_opened_again_in_every_paragraph_of_a_page() -> None:
    html = "<p>" + "".join(f"<b id={number}>" for number in range(1_000)) + "</p><p>text" * 9_000
    assert len(LexborHTMLParser(trim(html)).css("b")) <= MOST_REOPENED


def test_what_follows_the_last_tag_allowed_is_cut() -> None:
    assert trim("<br>" * (MOST_TAGS + 5) + "end") == "<br>" * MOST_TAGS


def test_unclosed_paragraphs_items_and_cells_do_not_count_as_nesting() -> None:
    for part in ("<p>text", "<ul><li>text<li>text</ul>", "<table><tr><td>text<td>text</table>"):
        assert trim(MANY + part * 3_000) == MANY + part * 3_000


@given(
    st.lists(
        st.sampled_from(
            ["<div>", "</div>", "<p>", "text", "<a href='/x'>", "</a>", "<td>", "<!-- -->", "<", ">", "'", '"', "="]
        ),
        max_size=60,
    )
)
def test_a_page_of_few_tags_passes_unchanged(parts: list[str]) -> None:
    assert trim("".join(parts)) == "".join(parts)


@given(
    st.lists(
        st.sampled_from(["<b>", "</b>", "<I>", "</i>", "</i >", "<p>", "<img>", "<!--</b>-->", "<b", "'"]), max_size=60
    )
)
def test_open_formatting_is_counted_as_it_is_cut(parts: list[str]) -> None:
    html = "".join(parts)
    most = _open_formatting(html)
    assert _flattened(html, most, DEEPEST) == html
    assert not most or _flattened(html, most - 1, DEEPEST) != html


def test_attributes_of_many_bodies_are_those_of_one_element_and_have_its_limit() -> None:
    tags = [f"<body a{number}=1>" for number in range(3 * MOST_ATTRIBUTES)]
    tree = LexborHTMLParser(trim(f"<html lang=fr>{''.join(tags)}<p>text</p>"))
    assert tree.body is not None
    assert len(tree.body.attributes) < MOST_ATTRIBUTES
    assert tree.body.text() == "text"


def test_a_part_nests_less_deep_than_a_page() -> None:
    tree = parse_part("<div>" * 5_000 + "text")
    assert tree.body is not None
    assert tree.body.text() == "text"
    assert depth(tree.html or "") <= DEEPEST_OF_PART + 10
