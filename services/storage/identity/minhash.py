"""How alike two texts are, by their MinHash: a signature of fixed size whose equal slots estimate Jaccard's index.

One-permutation hashing (Li, Owen, Zhang 2012) with optimal densification (Shrivastava 2017): each shingle is hashed
once, its hash chooses the slot, and the least of each slot stays. Near-duplicates share at least one band of slots
with a probability that rises steeply with their likeness (Leskovec et al., Mining of Massive Datasets, §3.4), so that
bands are an index. The constants are measured: bench/near_duplicates.py.
"""

import re
import struct
from collections.abc import Sequence
from itertools import pairwise
from typing import NamedTuple
from zlib import crc32

# Slots, and how many make a band. Texts are cut from the end, so that their beginnings have slots of their own, by
# which a short copy finds the long one.
SLOTS = 96
LEAD_SLOTS = 24
LEAD_WORDS = 120
ROWS = 3
# Fewer shingles say nothing.
LEAST = 40
# A share of the shorter text: above it two texts of different sites tell the same, and of one site, too.
SAME_STORY = 0.5
SAME_ON_ONE_SITE = 0.8

_WORD = re.compile(r"\w+")
_UNSPACED = re.compile(r"[\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3040-\u30ff\u3400-\u9fff\uf900-\ufaff]")
_MASK = 2**64 - 1
_FACTOR, _SECOND = 0x9E3779B97F4A7C15, 0xC2B2AE3D27D4EB4F
_EMPTY = 2**32
_PACKED = struct.Struct(f">{SLOTS + LEAD_SLOTS}I")


class Signature(NamedTuple):
    """A text's MinHash, then that of its beginning; and how many different shingles the text has."""

    shingles: int
    slots: tuple[int, ...]

    def packed(self) -> bytes:
        """For the database."""
        return _PACKED.pack(*self.slots)

    def bands(self) -> list[int]:
        """Its bands, as signed 64-bit integers: what near-duplicates share."""
        found = []
        for start in range(0, SLOTS + LEAD_SLOTS, ROWS):
            mixed = start + 1
            for slot in self.slots[start : start + ROWS]:
                mixed = _mix(mixed * _FACTOR + slot)
            found.append(mixed - 2**63)
        return found


def signature(text: str) -> Signature | None:
    """The signature of a text; None when it is too short to say anything."""
    runs = _shingles(text)
    shingles = set(runs)
    if len(shingles) < LEAST:
        return None
    return Signature(len(shingles), (*_slots(shingles, SLOTS), *_slots(set(runs[:LEAD_WORDS]), LEAD_SLOTS)))


def unpack(shingles: int, packed: bytes) -> Signature:
    """A signature from the database."""
    return Signature(shingles, _PACKED.unpack(packed))


def jaccard(one: Signature, other: Signature) -> float:
    """An estimate of the share of shingles that two texts have in common, 0 to 1; its error is about 0.04."""
    return sum(map(int.__eq__, one.slots[:SLOTS], other.slots[:SLOTS])) / SLOTS


def containment(one: Signature, other: Signature) -> float:
    """An estimate of the share of the shorter text that the longer one has too, 0 to 1."""
    share = jaccard(one, other)
    common = share / (1 + share) * (one.shingles + other.shingles)
    return min(1.0, common / min(one.shingles, other.shingles))


def same_story(one: Signature, other: Signature, *, one_site: bool) -> bool:
    """Whether two texts tell the same in nearly the same words. A site's own texts share its phrases."""
    return containment(one, other) >= (SAME_ON_ONE_SITE if one_site else SAME_STORY)


def _slots(shingles: set[int], count: int) -> Sequence[int]:
    slots = [_EMPTY] * count
    for shingle in shingles:
        slot = (shingle >> 32) % count
        value = shingle & 0xFFFFFFFF
        slots[slot] = min(slots[slot], value)
    return _densified(slots)


def _shingles(text: str) -> list[int]:
    """The hashes of all runs of three words; each word is mixed once, a run by odd factors that keep its order."""
    words = _words(text.casefold())
    hashed = {word: _mix(crc32(word.encode()) + 1) for word in set(words)}
    first = [hashed[word] for word in words]
    return [
        (one * _FACTOR + two * _SECOND + three) & _MASK
        for one, two, three in zip(first, first[1:], first[2:], strict=False)
    ]


def _words(text: str) -> Sequence[str]:
    words = _WORD.findall(text)
    if not _UNSPACED.search(text):
        return words
    return [piece for word in words for piece in _pieces(word)]


def _pieces(word: str) -> Sequence[str]:
    """A run of a script without spaces in pairs of characters; a word of another script as it is."""
    if not _UNSPACED.search(word) or len(word) < 2:
        return (word,)
    return [first + second for first, second in pairwise(word)]


def _mix(value: int) -> int:
    """Spreads every bit over all others (splitmix64, Steele et al. 2014)."""
    value &= _MASK
    value = (value ^ value >> 30) * 0xBF58476D1CE4E5B9 & _MASK
    value = (value ^ value >> 27) * 0x94D049BB133111EB & _MASK
    return value ^ value >> 31


def _densified(slots: list[int]) -> tuple[int, ...]:
    """Empty slots take what others have, in an order that is the same for every text."""
    return tuple(slot if slot != _EMPTY else _borrowed(slots, place) for place, slot in enumerate(slots))


def _borrowed(slots: Sequence[int], place: int) -> int:
    attempt = 0
    while True:
        attempt += 1
        found = slots[_mix(place * _FACTOR + attempt) % len(slots)]
        if found != _EMPTY:
            return found
