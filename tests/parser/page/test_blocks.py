"""A page as blocks of text in boxes."""

import numpy as np
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from selectolax.lexbor import LexborHTMLParser

from services.parser.article.body import forest, paragraphs
from services.parser.article.body.features import DeclaredText, features
from services.parser.page.blocks import read_layout, single_spaced
from services.parser.page.class_words import BIT, in_names


def test_class_names_are_read_as_words() -> None:
    assert in_names("article__share-bar") & BIT["share"]
    assert in_names("relatedStories") & BIT["related"]
    assert not in_names("shadow-lg adrift") & (BIT["ad"] | BIT["share"])


TAGS = st.sampled_from("div p span a b ul li table tr td h1 h2 article section figure br script x-card".split())


HTML = st.recursive(
    st.text(max_size=80), lambda inner: st.builds(lambda tag, parts: f"<{tag} class=story href=/a-b>{''.join(parts)}</{tag}>", TAGS, st.lists(inner, max_size=5)), max_leaves=40
)  # fmt: skip


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(HTML)
def test_blocks_hold_the_pages_text_in_order_and_each_box_follows_its_own(html: str) -> None:
    page = read_layout(LexborHTMLParser(f"<body>{html}").body)
    assert all(box.parent < number for number, box in enumerate(page.boxes) if number)
    assert all(0 < block.box < len(page.boxes) for block in page.blocks)
    assert all(block.text and max(block.link_chars, block.bold_chars) <= len(block.text) for block in page.blocks)
    assert all(link.row <= len(page.blocks) for link in page.links)
    if page.blocks:
        columns = features(page, DeclaredText(("A title",), "A description", ""))
        assert {len(column) for column in columns.values()} == {len(page.blocks)}
        likely = forest.load("forest").likelihood(columns, np.arange(len(page.blocks)))
        assert ((likely >= 0) & (likely <= 1)).all()
        assert set(paragraphs.article_lines(page, DeclaredText())) <= {block.text for block in page.blocks}


def test_a_sentence_with_links_and_emphasis_is_one_block_and_breaks_divide() -> None:
    page = read_layout(
        LexborHTMLParser("<p>One <b>bold</b> <a href=/x>link</a>, <i>so</i>.<br>Still.<br><br>Two.</p>").body
    )
    assert [block.text for block in page.blocks] == ["One bold link, so. Still.", "Two."]
    assert (page.blocks[0].link_chars, page.blocks[0].bold_chars, page.blocks[0].inline_elements) == (4, 4, 1)


@given(st.text("a \t\n\xa0\u2003\x1fé", max_size=60), st.integers(1, 8))
def test_a_text_is_spaced_in_parts_as_at_once(text: str, part: int) -> None:
    assert single_spaced(text, part) == " ".join(text.split())
