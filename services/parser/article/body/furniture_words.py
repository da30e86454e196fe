"""The words of furniture, from `furniture_words.yaml`, as keys for comparison; of all languages, since pages mix them."""

from functools import cache
from importlib.resources import files
from itertools import groupby
from operator import itemgetter

import yaml

from services.parser.page.elements import comparison_key


def keys(kind: str) -> frozenset[str]:
    """Returns the keys of the phrases of a kind."""
    return _keys_by_kind()[kind]


def begins(key: str, kind: str) -> bool:
    """Returns whether a key begins as the key of a phrase of a kind: of hundreds, those with its first letter are compared."""
    return key.startswith(_by_first_letter(kind).get(key[:1], ()))


@cache
def _by_first_letter(kind: str) -> dict[str, tuple[str, ...]]:
    return {letter: tuple(group) for letter, group in groupby(sorted(keys(kind)), key=itemgetter(0))}


@cache
def _keys_by_kind() -> dict[str, frozenset[str]]:
    content = yaml.safe_load((files(__package__) / "furniture_words.yaml").read_text(encoding="utf-8"))
    return {
        kind: frozenset(comparison_key(phrase) for phrases in languages.values() for phrase in phrases) - {""}
        for kind, languages in content.items()
    }
