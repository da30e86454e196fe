"""The words of furniture, from `furniture_words.yaml`, as keys for comparison; of all languages, since pages mix them."""

from functools import cache
from importlib.resources import files

import yaml

from services.parser.page.elements import comparison_key


def keys(kind: str) -> frozenset[str]:
    """Returns the keys of the phrases of a kind."""
    return _keys_by_kind()[kind]


@cache
def beginnings(kind: str) -> tuple[str, ...]:
    """Returns the keys of the phrases of a kind, as `str.startswith` takes them."""
    return tuple(keys(kind))


@cache
def _keys_by_kind() -> dict[str, frozenset[str]]:
    content = yaml.safe_load((files(__package__) / "furniture_words.yaml").read_text(encoding="utf-8"))
    return {
        kind: frozenset(comparison_key(phrase) for phrases in languages.values() for phrase in phrases) - {""}
        for kind, languages in content.items()
    }
