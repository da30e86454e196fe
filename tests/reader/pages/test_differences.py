import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.reader.pages.differences import MOST_WORDS, differences

TEXTS = st.text(alphabet="ab ,é\n", max_size=60)


def without(kind: str, old: str, new: str) -> list[str]:
    paragraphs = ["".join(text for piece, text in paragraph if piece != kind) for paragraph in differences(old, new)]
    return [paragraph for paragraph in paragraphs if paragraph]


@given(TEXTS, TEXTS)
def test_without_what_was_added_it_is_the_old_text_and_without_what_was_removed_the_new(old, new):
    assert without("added", old, new) == [line for line in old.split("\n") if line]
    assert without("removed", old, new) == [line for line in new.split("\n") if line]


@given(TEXTS)
def test_a_text_does_not_differ_from_itself(text):
    assert {kind for paragraph in differences(text, text) for kind, _ in paragraph} <= {"same"}


def test_an_edited_word_is_shown_within_its_paragraph():
    paragraphs = differences("The quay opens on Monday.\nTolls stay.", "The quay opens on Friday.\nTolls stay.")
    assert paragraphs[0] == (
        ("same", "The quay opens on "), ("removed", "Monday"), ("added", "Friday"), ("same", "."),
    )  # fmt: skip
    assert paragraphs[1] == (("same", "Tolls stay."),)


def test_a_paragraph_in_the_place_of_another_is_shown_whole():
    kinds = [[kind for kind, _ in paragraph] for paragraph in differences("Ferries run again.", "Der Rat tagt heute.")]
    assert kinds == [["removed"], ["added"]]


@pytest.mark.parametrize("words", [MOST_WORDS * 3, MOST_WORDS * 60], ids=["long paragraph", "longer than all"])
def test_beyond_the_bounds_it_is_shown_whole(words):
    old = "word " * words
    assert differences(old, old + "more") == [(("removed", old),), (("added", old + "more"),)]
