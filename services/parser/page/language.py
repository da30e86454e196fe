"""Which language a text is in, and which way it runs."""

from functools import cache
from typing import Any, Literal

RTL = frozenset({"ar", "fa", "he", "ur", "ps", "sd", "ug", "yi", "ckb", "dv"})
# Spoken forms that the model tells apart and that news is written in the standard of.
_STANDARD = {"ary": "ar", "arz": "ar", "apc": "ar", "acm": "ar", "pcm": "en", "nb": "no", "nn": "no", "iw": "he"}
# Below this the model is guessing; then the page's own language decides if the model finds it possible at all.
_SURE = 0.5
_POSSIBLE = 0.2
_ENOUGH = 800


def detect(text: str, hint: str | None = None) -> str | None:
    """The ISO 639 code of a text's language.

    Args:
        text: a headline or a body; its first 800 characters are read.
        hint: the language of the page around it. A headline of few words is too short for any model, and stands
            most often in the language of its page.
    """
    hint = code(hint)
    if sum(map(str.isalpha, text[:_ENOUGH])) < 3:
        return hint
    shares: dict[str, float] = {}
    for language, share in _model().rank(text[:_ENOUGH]):
        standard = _STANDARD.get(language, language)
        shares[standard] = shares.get(standard, 0.0) + float(share)
    best = max(shares, key=shares.__getitem__)
    if hint and shares[best] < _SURE and (shares.get(hint, 0.0) >= _POSSIBLE * shares[best]):
        return hint
    return best


def direction(language: str | None) -> Literal["ltr", "rtl"]:
    """Which way a language is written."""
    return "rtl" if language in RTL else "ltr"


def code(tag: str | None) -> str | None:
    """`fr` of `fr-MA` or `fr_FR`; None for what is no language tag."""
    first = (tag or "").strip().replace("_", "-").split("-")[0].lower()
    return _STANDARD.get(first, first) if first.isascii() and first.isalpha() and 2 <= len(first) <= 3 else None


def load() -> None:
    """Reads the model, which takes most of a second and 60 MB."""
    _model()


@cache
def _model() -> Any:
    from py3langid.langid import MODEL_FILE, LanguageIdentifier  # noqa: PLC0415 - the import reads the model's libraries

    return LanguageIdentifier.from_model_file(MODEL_FILE, norm_probs=True)
