"""The language of a text, and the direction that it is written in."""

import os
import sys
from array import array
from functools import cache, lru_cache
from itertools import islice
from mmap import ACCESS_READ, MADV_RANDOM, mmap
from tempfile import TemporaryFile
from typing import Any, Literal

import numpy as np
from typing_extensions import Buffer

RTL = frozenset({"ar", "fa", "he", "ur", "ps", "sd", "ug", "yi", "ckb", "dv"})
# Spoken languages that the model distinguishes; their news is written in the standard language.
_STANDARD = {"ary": "ar", "arz": "ar", "apc": "ar", "acm": "ar", "pcm": "en", "nb": "no", "nn": "no", "iw": "he"}
# The page's own language is taken as long as the model finds it possible, unless the model is certain of another or finds
# another many times likelier. Of a few words the model often has no opinion; then the page's language need only be in the
# same script.
_CERTAIN = 0.85
_LIKELY = 0.5
_TIMES_LIKELIER = 20
_POSSIBLE = 0.005
_GUESS = 0.35
_SAME_SCRIPT = 1e-6
_SAMPLE = 800
# The model's cost is in proportion to the text: where its opening is obviously in the page's language, that is enough.
_OPENING, _OBVIOUS = 250, 0.99
_LEAST_LETTERS = 3


def detect(text: str, hint: str | None = None) -> str | None:
    """Returns the ISO 639 code of a text's language; the hint's, or None, if the text has no letters.

    Args:
        text: a headline or a body; its first 800 characters are read.
        hint: the language of the page around it. A headline of few words is too short for any model, and is usually
            in the language of its page.
    """
    return _of_sample(text[:_SAMPLE], code(hint))


# The same headlines stand beside many articles of a site.
@lru_cache(maxsize=4_096)
def _of_sample(text: str, hint: str | None) -> str | None:
    if len(list(islice(filter(str.isalpha, text), _LEAST_LETTERS))) < _LEAST_LETTERS:
        return hint
    if hint and len(text) > _OPENING and _share_of_likeliest(text[:_OPENING], hint) >= _OBVIOUS:
        return hint
    # Beside such a share no other language can be certain, or many times likelier.
    if hint and _share_of_likeliest(text, hint) > 1 - _CERTAIN:
        return hint
    shares = _shares(text)
    best = max(shares, key=shares.__getitem__)
    if hint and not _decided(shares[best], shares.get(hint, 0.0)):
        least = _SAME_SCRIPT if shares[best] < _GUESS else _POSSIBLE
        return hint if shares.get(hint, 0.0) >= least else best
    return best


def _share_of_likeliest(text: str, language: str) -> float:
    """Returns how likely a language is if none is likelier, else 0: half the cost of the shares of all languages."""
    likeliest, share = _model().classify(text)
    return share if likeliest == language else 0.0


def _shares(text: str) -> dict[str, float]:
    """Returns how likely each language is, the shares of the spoken ones with their standard's."""
    shares: dict[str, float] = dict(_model().rank(text))
    for spoken, standard in _STANDARD.items():
        if spoken in shares:
            shares[standard] = shares.get(standard, 0.0) + shares.pop(spoken)
    return shares


def _decided(best: float, page: float) -> bool:
    """Returns whether the likeliest language's share speaks against that of the page's language."""
    return best >= _CERTAIN or (best >= _LIKELY and best >= _TIMES_LIKELIER * page)


def direction(language: str | None) -> Literal["ltr", "rtl"]:
    """Returns the direction that a language is written in; "ltr" if the language is unknown."""
    return "rtl" if language in RTL else "ltr"


def code(tag: str | None) -> str | None:
    """Returns the ISO 639 code in a language tag: `fr` for `fr-MA` or `fr_FR`; None if it is not a language tag."""
    primary = (tag or "").strip().replace("_", "-").split("-")[0].lower()
    return (
        _STANDARD.get(primary, primary) if primary.isascii() and primary.isalpha() and 2 <= len(primary) <= 3 else None
    )


def load() -> None:
    """Loads the model, which takes most of a second."""
    _model()


@cache
def _model() -> Any:
    """The model, whose two tables of 70 MB lie in files: of them only what texts ask for is in memory, once for all processes."""
    from py3langid.langid import MODEL_FILE, LanguageIdentifier  # noqa: PLC0415 - the import reads the model's libraries

    model = LanguageIdentifier.from_model_file(MODEL_FILE)
    features = np.frombuffer(_in_file(model.nb_ptc), model.nb_ptc.dtype).reshape(model.nb_ptc.shape)
    moves = _in_file(model.tk_nextmove).cast(model.tk_nextmove.typecode)
    output = array("i", model.tk_output)
    mapped = LanguageIdentifier(
        features, model.nb_pc, model.nb_classes, moves, output, norm_probs=True, tk_row=model.tk_row
    )
    # As a list it has 100,000 objects, whose counts of references each process would write.
    mapped._rowbase = array("I", mapped._rowbase)  # noqa: SLF001 - it is made by the constructor, of `tk_row`
    return mapped


def _in_file(table: Buffer) -> memoryview:
    """Returns a table as it lies in a file, which has no name and goes with the last process that has it."""
    with TemporaryFile() as file:
        file.write(table)
        file.flush()
        if sys.platform == "linux":
            # Else Linux maps, with each page of the file that is read, the fifteen beside it that it still has.
            os.fdatasync(file.fileno())
            os.posix_fadvise(file.fileno(), 0, 0, os.POSIX_FADV_DONTNEED)
        mapping = mmap(file.fileno(), 0, access=ACCESS_READ)
    mapping.madvise(MADV_RANDOM)
    return memoryview(mapping)
