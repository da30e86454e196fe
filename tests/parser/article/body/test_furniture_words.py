import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.parser.article.body.furniture_words import begins, keys

KINDS = ("references", "invitations", "notices", "walls", "editors", "rights", "comments_on")


@given(kind=st.sampled_from(KINDS), data=st.data())
def test_a_key_begins_as_a_phrase_does_wherever_that_is_among_the_phrases(kind: str, data: st.DataObject) -> None:
    phrase = data.draw(st.sampled_from(sorted(keys(kind))))
    key = phrase[: data.draw(st.integers(0, len(phrase)))] + data.draw(st.text(max_size=5))
    assert begins(key, kind) == key.startswith(tuple(keys(kind)))


@pytest.mark.parametrize("kind", KINDS)
def test_an_empty_key_begins_as_no_phrase(kind: str) -> None:
    assert not begins("", kind)
