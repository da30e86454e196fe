"""How alike two texts are, by their MinHash: a signature of fixed size whose equal slots estimate Jaccard's index.

One-permutation hashing (Li, Owen, Zhang 2012) with optimal densification (Shrivastava 2017): each shingle is hashed
once, its hash chooses the slot, and the least of each slot stays. Near-duplicates share at least one band of slots
with a probability that rises steeply with their likeness (Leskovec et al., Mining of Massive Datasets, §3.4), so that
bands are an index. The constants are measured: bench/near_duplicates.py.
"""

import re
import struct
from array import array
from collections.abc import Sequence
from functools import lru_cache
from itertools import pairwise
from typing import NamedTuple
from zlib import crc32

import numpy as np
from numpy.typing import NDArray

# Slots, and how many make a band. Copies are shortened from the end, so the beginning of a text has slots of its own, by
# which a short copy is found.
SLOTS = 96
LEAD_SLOTS = 24
LEAD_WORDS = 120
ROWS = 3
# A text of fewer shingles cannot be compared.
LEAST = 40
# Shares of the shorter text from which on two texts tell the same: of different sites, and of one site.
SAME_STORY = 0.5
SAME_ON_ONE_SITE = 0.8

_WORD = re.compile(r"\w+")
_UNSPACED = re.compile(r"[\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3040-\u30ff\u3400-\u9fff\uf900-\ufaff]")
_MASK = 2**64 - 1
_FACTOR, _SECOND = 0x9E3779B97F4A7C15, 0xC2B2AE3D27D4EB4F
_MIX_FIRST, _MIX_SECOND = 0xBF58476D1CE4E5B9, 0x94D049BB133111EB
_EMPTY = 2**32
_LOW = np.uint64(_EMPTY - 1)
_PACKED = struct.Struct(f">{SLOTS + LEAD_SLOTS}I")

Hashes = NDArray[np.uint64]


class Signature(NamedTuple):
    """The number of different shingles of a text, and its MinHash followed by that of its beginning."""

    shingles: int
    slots: tuple[int, ...]

    def packed(self) -> bytes:
        """Returns the slots as bytes for the database."""
        return _PACKED.pack(*self.slots)

    def bands(self) -> list[int]:
        """Returns the bands that near-duplicates share, as signed 64-bit integers."""
        rows = np.array(self.slots, dtype=np.uint64).reshape(-1, ROWS)
        mixed = np.arange(1, len(self.slots) + 1, ROWS, dtype=np.uint64)
        for row in range(ROWS):
            mixed = _mixed(mixed * np.uint64(_FACTOR) + rows[:, row])
        bands: list[int] = (mixed ^ np.uint64(2**63)).view(np.int64).tolist()
        return bands


# A text is compared with several stored ones, and then indexed.
@lru_cache(maxsize=64)
def signature(text: str) -> Signature | None:
    """Returns the signature of a text, or None when it is too short to compare."""
    shingles = _shingles(text)
    different = _different(shingles)
    if different < LEAST:
        return None
    return Signature(different, (*_slots(shingles, SLOTS), *_slots(shingles[:LEAD_WORDS], LEAD_SLOTS)))


def unpack(shingles: int, packed: bytes) -> Signature:
    """Returns a signature from its row in the database."""
    return Signature(shingles, _PACKED.unpack(packed))


def jaccard(first: Signature, second: Signature) -> float:
    """Estimates the share of shingles that two texts have in common, 0 to 1, with an error of about 0.04."""
    return sum(map(int.__eq__, first.slots[:SLOTS], second.slots[:SLOTS])) / SLOTS


def containment(first: Signature, second: Signature) -> float:
    """Estimates the share of the shorter text that the longer one has too, 0 to 1."""
    share = jaccard(first, second)
    common = share / (1 + share) * (first.shingles + second.shingles)
    return min(1.0, common / min(first.shingles, second.shingles))


def same_story(first: Signature, second: Signature, *, same_site: bool) -> bool:
    """Whether two texts tell the same in nearly the same words. Texts of one site share its phrases."""
    return containment(first, second) >= (SAME_ON_ONE_SITE if same_site else SAME_STORY)


def _slots(shingles: Hashes, count: int) -> tuple[int, ...]:
    slots = np.full(count, _EMPTY, dtype=np.uint64)
    np.minimum.at(slots, ((shingles >> np.uint64(32)) % np.uint64(count)).astype(np.intp), shingles & _LOW)
    return _densified(slots.tolist())


def _shingles(text: str) -> Hashes:
    """Returns the hashes of all runs of three words, in order. Odd factors make a hash depend on the words' order."""
    checksums = array("Q", map(crc32, map(str.encode, _words(text.casefold()))))
    hashes = _mixed(np.frombuffer(checksums, dtype=np.uint64) + np.uint64(1))
    return hashes[:-2] * np.uint64(_FACTOR) + hashes[1:-1] * np.uint64(_SECOND) + hashes[2:]


def _different(shingles: Hashes) -> int:
    """Returns how many different ones there are; a tenth of the time that numpy.unique() takes."""
    ordered = np.sort(shingles)
    return int(np.count_nonzero(ordered[1:] != ordered[:-1])) + min(1, len(ordered))


def _words(text: str) -> Sequence[str]:
    words = _WORD.findall(text)
    if not _UNSPACED.search(text):
        return words
    return [piece for word in words for piece in _pieces(word)]


def _pieces(word: str) -> Sequence[str]:
    """Returns a word of a script without spaces as pairs of characters, a word of another script as it is."""
    if not _UNSPACED.search(word) or len(word) < 2:
        return (word,)
    return [first + second for first, second in pairwise(word)]


def _mixed(values: Hashes) -> Hashes:
    """Mixes every bit of each value into all others of it, as _mix() does."""
    values = (values ^ values >> np.uint64(30)) * np.uint64(_MIX_FIRST)
    values = (values ^ values >> np.uint64(27)) * np.uint64(_MIX_SECOND)
    return values ^ values >> np.uint64(31)


def _mix(value: int) -> int:
    """Mixes every bit into all others (splitmix64, Steele et al. 2014)."""
    value &= _MASK
    value = (value ^ value >> 30) * _MIX_FIRST & _MASK
    value = (value ^ value >> 27) * _MIX_SECOND & _MASK
    return value ^ value >> 31


def _densified(slots: list[int]) -> tuple[int, ...]:
    """Fills empty slots with the values of others, in an order that is the same for every text."""
    return tuple(slot if slot != _EMPTY else _borrowed(slots, place) for place, slot in enumerate(slots))


def _borrowed(slots: Sequence[int], place: int) -> int:
    attempt = 0
    while True:
        attempt += 1
        value = slots[_mix(place * _FACTOR + attempt) % len(slots)]
        if value != _EMPTY:
            return value
