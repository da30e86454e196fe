import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.parser.article.publication.date_labels import MODIFIED, OTHER, PUBLISHED, label_at

KINDS = {"published": PUBLISHED, "modified": MODIFIED, "other": OTHER}
TEXT = st.lists(
    st.one_of(st.sampled_from(PUBLISHED + MODIFIED + OTHER), st.text(max_size=4), st.just(" 9 October ")), max_size=5
).map("".join)


@pytest.mark.parametrize("kind", KINDS)
@given(text=TEXT)
def test_a_label_is_the_first_of_all_that_a_text_has(kind: str, text: str) -> None:
    lower = text.lower().replace("update:", "updates")
    places = [lower.find(label) for label in KINDS[kind] if label in lower]
    assert label_at(KINDS[kind], text) == min(places, default=-1)


@pytest.mark.parametrize("kind", KINDS)
def test_labels_are_long_enough_to_be_sought_by_two_letters(kind: str) -> None:
    assert min(map(len, KINDS[kind])) >= 2
