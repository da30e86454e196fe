import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.parser.article.body.text_features import of_text, texts_of
from services.parser.page.layout import Block

# Astral digits, marks of other scripts, and halves of surrogate pairs, which are in no kind.
TEXT = st.text(st.one_of(st.sampled_from("aZ9 .,،。𝟗\ud800"), st.characters()), min_size=1, max_size=500).map(
    lambda text: text + "x"
)


@given(st.lists(TEXT, min_size=1, max_size=5))
def test_characters_are_counted_block_by_block(texts: list[str]) -> None:
    columns = of_text(texts_of([Block(text, 0, 0, 0, 0) for text in texts]))
    for row, text in enumerate(texts):
        start = text[:80]
        assert columns["digits"][row] * min(len(text), 80) == pytest.approx(len(re.findall(r"\d", start)))
        if text.isascii():
            assert columns["points"][row] == min(len(re.findall("[.,;:!?]", text[:400])), 10)
            assert columns["capitals"][row] * min(len(text), 80) == pytest.approx(len(re.findall("[A-Z]", start)))
