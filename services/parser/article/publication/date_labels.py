"""What the words beside a date say of it: that it is the publication's, a change's, or that of something else."""

import re
from functools import cache, lru_cache
from itertools import groupby
from operator import itemgetter

from services.parser.article import dates
from services.parser.article.publication import dateline_words as words

PUBLISHED = tuple(dict.fromkeys(word for line in words.PUBLISHED.values() for word in line.split("|")))
_CERTAINLY_PUBLISHED = tuple(word for word in PUBLISHED if word not in (words.STATE, "datum"))
MODIFIED = tuple(dict.fromkeys(word for line in words.MODIFIED.values() for word in line.split("|")))
PARTS = re.compile(r"[|·•;]|\s[–—]\s")
CHANGE_NAMES = re.compile("updat|modif", re.IGNORECASE)
OTHER = tuple(dict.fromkeys(word for line in words.OTHER.values() for word in line.split("|")))
# "Nato il" is no part of "aggiornato il".
_OTHER = re.compile(rf"(?<![a-zß-ɏͰ-ԯ])(?:{'|'.join(map(re.escape, OTHER))})", re.IGNORECASE)


@lru_cache(maxsize=512)
def label_at(labels: tuple[str, ...], text: str) -> int:
    """Returns where the first of the labels begins in a text; -1 if it has none. Labels have two letters and more.

    The labels with the letters that stand at a place are tried there: a third of what searching the text for each of them costs, and a
    pattern of all would try every label at every character.
    """
    # "Date:" is no part of "update:".
    lower = text.lower().replace("update:", "updates")
    by_letters = _by_first_letters(labels)
    for place in range(len(lower) - 1):
        if (group := by_letters.get(lower[place : place + 2])) and lower.startswith(group, place):
            return place
    return -1


@cache
def _by_first_letters(labels: tuple[str, ...]) -> dict[str, tuple[str, ...]]:
    return {letters: tuple(group) for letters, group in groupby(sorted(labels), key=itemgetter(slice(2)))}


def is_other(text: str) -> bool:
    """Returns whether a line says that its date is that of something else than the article: a birth, a deadline, a clock."""
    return label_at(OTHER, text) >= 0 and _OTHER.search(text) is not None


def publication_part(text: str) -> str:
    """Returns the part of a line about the publication, if the line also has the date of a change or of its state."""
    state = text.lower().find(words.STATE)
    if state >= 0 and (publication := label_at(_CERTAINLY_PUBLISHED, text)) > state:
        return text[publication:]
    change = label_at(MODIFIED, text)
    if change < 0:
        first = label_at(_CERTAINLY_PUBLISHED, text)
        has_two = first > 0 and dates.looks_dated(text[:first]) and dates.looks_dated(text[first:])
        return text[first:] if has_two else text
    parts = [part for part in PARTS.split(text) if dates.looks_dated(part) and label_at(MODIFIED, part) < 0]
    if labelled := next((part for part in parts if label_at(PUBLISHED, part) >= 0), ""):
        start = text.index(labelled)
        return text[start:change] if change > start else text[start:]
    publication = label_at(PUBLISHED, text)
    if publication >= 0:
        return text[publication:] if publication > change else text[:change]
    if any(map(str.isdigit, text[:change])):
        return text[:change]
    return parts[0] if parts else text


def unlabelled(text: str) -> str:
    """Returns a text without the labels that it begins with: "yesterday" of "first published yesterday"."""
    while label_at(PUBLISHED, text) == 0:
        text = text.partition(" ")[2]
    return text
