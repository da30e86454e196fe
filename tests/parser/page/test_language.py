"""The language of a headline."""

import subprocess
import sys

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from py3langid.langid import MODEL_FILE, LanguageIdentifier

from services.parser.page import language


def test_a_short_headline_is_in_the_language_of_its_page_unless_it_clearly_is_not():
    assert language.detect("2015", "fr-MA") == "fr"
    assert language.detect("Morocco dominates opening stage of the desert marathon", "fr") == "en"
    assert language.direction(language.detect("مقتل خمسة أشخاص في حادث سير")) == "rtl"


@pytest.mark.parametrize(
    ("text", "page_language", "expected"),
    [
        ("Lindale 28-47 Northern Dragons", "en", "en"),
        ("'Iron Roof'", "en", "en"),
        ("Weir: Doubt over Lindale tie", "en", "en"),
        ("Lindale wins opening stage of Tour du Sud", "fr", "en"),
        ("Первый шаг", "ru", "ru"),
        ("北方战区海军演练", "zh", "zh"),
        ("Le phare du cap filmé depuis la mer", "en", "fr"),
        ("مجلس الوزراء", "fr", "ar"),
        ("Regjeringen vil stanse kraftutbygging", "en", "no"),
    ],
)
def test_the_language_of_few_words_is_the_pages_unless_the_evidence_is_strong(text, page_language, expected):
    assert language.detect(text, page_language) == expected


def test_a_text_is_in_the_language_of_its_page_where_its_opening_obviously_is():
    english = (
        "The harbour master said on Monday that the pier would stay closed until the spring tides had passed. " * 3
    )
    french = "Le capitaine du port a déclaré lundi que la jetée resterait fermée jusqu'aux marées de printemps. " * 3
    assert language.detect(english + french, "en") == "en"
    assert language.detect(french + english, "en") == "fr"


@pytest.fixture(scope="module")
def in_memory():
    return LanguageIdentifier.from_model_file(MODEL_FILE, norm_probs=True)


@given(st.text(max_size=100))
@settings(max_examples=200)
def test_the_model_finds_in_its_files_what_it_would_in_memory(in_memory, text):
    assert language._model().rank(text) == in_memory.rank(text)


MEMORY = """
from pathlib import Path
from py3langid import langid
from services.parser.page import language

def kilobytes():
    lines = Path("/proc/self/smaps_rollup").read_text().splitlines()
    return next(int(line.split()[1]) for line in lines if line.startswith("Pss:"))

before = kilobytes()
language.load()
assert language.detect("The council voted to rebuild the quay after months of debate between residents and traders.") == "en"
print(kilobytes() - before)
"""


def test_the_model_takes_a_small_part_of_its_size_in_memory():
    ended = subprocess.run([sys.executable, "-c", MEMORY], capture_output=True, text=True, check=True)
    assert int(ended.stdout) < 30_000
