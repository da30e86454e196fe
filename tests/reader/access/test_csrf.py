"""The tokens of forms: another on each page, each of one owner."""

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from services.reader.access.csrf import form_token, is_form_token

KEYS = st.text(min_size=1, max_size=40)
OWNERS = st.text(max_size=40)


@given(KEYS, OWNERS, OWNERS)
def test_a_token_is_its_owners_alone_and_looks_different_each_time(key, owner, stranger):
    assume(owner != stranger)
    tokens = {form_token(key, owner) for _ in range(3)}
    assert len(tokens) == 3
    assert all(is_form_token(key, owner, token) for token in tokens)
    assert not any(is_form_token(key, stranger, token) or is_form_token(f"{key}x", owner, token) for token in tokens)


@given(KEYS, OWNERS, st.text(max_size=80))
def test_any_other_text_is_no_token(key, owner, text):
    assert not is_form_token(key, owner, text)


@pytest.mark.parametrize("cut", [0, 2, 32, 62])
def test_a_part_of_a_token_is_none(cut):
    assert not is_form_token("key", "ada", form_token("key", "ada")[:cut])
