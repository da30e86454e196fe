"""Words are counted as Unicode divides them, and texts of every script have comparable lengths."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from services.parser.page import words
from services.parser.page.words import extent, word_count


@pytest.mark.parametrize(
    ("text", "count"),
    [
        ("The harbour master said: “It's closed – all of it.”", 9),
        ("It costs 3,000.50 crowns", 4),
        ("A well-known pier", 4),
        ("L'été à Genève", 3),
        ("бюро погоды", 2),
        ("हिन्दी समाचार पत्र", 3),
        ("اقرأ الصحيفة", 2),
        ("港务局说，渡轮照常运行。", 10),
        ("フェリー運賃", 3),
        ("항만청은 말했다", 2),
        ("เขื่อนกันคลื่น", 3),
        ("— … •", 0),
        ("", 0),
    ],
)
def test_words_are_counted_as_unicode_divides_them(text: str, count: int) -> None:
    assert word_count(text) == count


ENGLISH = "The port authority said on Thursday that the breakwater will be rebuilt in two stages and the ferries run as usual."


@pytest.mark.parametrize(
    "translation",
    [
        "港务局星期四表示，防波堤将分两个阶段重建，渡轮照常运行，渔船使用北侧航道。",
        "港湾局は木曜日、防波堤を二段階で再建し、フェリーは通常通り運航すると発表した。",
        "การท่าเรือกล่าวเมื่อวันพฤหัสบดีว่าเขื่อนจะสร้างใหม่เป็นสองระยะและเรือข้ามฟากจะวิ่งตามปกติ",
        "항만청은 목요일 방파제를 두 단계로 다시 짓고 여객선은 평소처럼 운항한다고 밝혔다.",
    ],
)
def test_a_translation_is_about_as_long_as_the_original(translation: str) -> None:
    original, translated = extent(ENGLISH), extent(translation)
    assert 0.6 < translated.letters / original.letters < 1.4
    assert 0.5 < translated.words / original.words < 1.5


@settings(max_examples=40, deadline=None)
@given(st.text(), st.text())
def test_two_texts_divided_by_a_space_have_the_words_of_both(first: str, second: str) -> None:
    apart = word_count(first) + word_count(second)
    assert apart - 1 <= word_count(f"{first} {second}") <= apart


@given(
    st.lists(st.sampled_from([*"aÉž_19 \n", *".,;:'’‘\"“”-–…/@%"]) | st.characters(max_codepoint=0x17F)).map("".join)
)
@settings(max_examples=500)
def test_words_in_latin_letters_are_those_of_the_standard(text):
    assert not words._LATIN.fullmatch(text) or len(words._LATIN_WORD.findall(text)) == len(
        words._WORD_START.findall(text)
    )
