"""How alike two titles are: a headline and what the page's metadata, its address or another heading call the article."""

import re

from services.parser.article.authors.unspaced_names import UNSPACED
from services.parser.page.elements import comparison_key

# Two titles with at least this share of common words are about the same thing.
SIMILAR = 0.3
FEW_WORDS = 3
_SEVERAL_WORDS, _MANY_LETTERS, _SHORTEST_STEM = 5, 12, 8
# Two titles with at least this share of their words in common are the same in other words.
_SAME_WORDING = 0.7
# What may stand between a headline and the rest of a title: "Ferry returns (2/5)", "Post » Archive » Ferry returns".
_JOINTS = frozenset("-–—|ǀ｜·•:：»«›<>/([（【_…")
_WORD = re.compile(r"\w+")


def similarity(text: str, declared: str) -> float:
    """Returns the share of the shorter title's words that the longer has; of its letters in scripts without spaces."""
    words, declared_words = _words(text), _words(declared)
    key, declared_key = comparison_key(text), comparison_key(declared)
    is_unspaced = UNSPACED.search(key) is not None
    if min(len(words), len(declared_words)) >= FEW_WORDS and not is_unspaced:
        return len(words & declared_words) / min(len(words), len(declared_words))
    if is_unspaced:
        if len({*key}) >= _MANY_LETTERS:
            return len({*key} & {*declared_key}) / len({*key})
        return float(bool(declared_key) and (key in declared_key or declared_key in key))
    return float(
        bool(words and declared_words) and (words <= declared_words or declared_words <= words or key == declared_key)
    )


def has_common_stem(text: str, declared: str) -> bool:
    """Returns whether a long word of one title is in a word of the other: "Car loan" in German is "Autofinanzierung" or
    "Finanzierung des Autos"; many languages write such words as one or add endings."""
    long_words, declared_words = (
        [word for word in _words(title) if len(word) >= _SHORTEST_STEM] for title in (text, declared)
    )
    return any(
        word in declared_word or declared_word in word for word in long_words for declared_word in declared_words
    )


def is_other_wording(text: str, declared: str) -> bool:
    """Returns whether two titles of several words have most of their words in common: "Ten ways to (help you) sail"."""
    words, declared_words = _words(text), _words(declared)
    is_long = min(len(words), len(declared_words)) >= _SEVERAL_WORDS
    if comparison_key(text).find(comparison_key(declared)) > 0:
        return False  # "Ten thoughts on …" stands above the comments.
    return is_long and len(words & declared_words) >= _SAME_WORDING * len(words | declared_words)


def is_most_of(text: str, declared: str) -> bool:
    """Returns whether a text of several words, or the greater part of a declared title, has separators or brackets around it there."""
    before, _, after = declared.casefold().partition(text.casefold())
    is_long = len(text) >= len(before) + len(after) or len(_words(text)) >= _SEVERAL_WORDS
    is_part = len(before) + len(after) < len(declared) and is_long
    is_joined = not before or before.rstrip()[-1:] in _JOINTS
    return is_part and is_joined and (not after or after.lstrip()[:1] in _JOINTS)


def _words(title: str) -> set[str]:
    return {*_WORD.findall(title.casefold())}
