"""Values for a field of an article, each with its source and a confidence, and their order."""

from collections.abc import Iterable, Iterator
from datetime import datetime

from services.parser.article import dates
from services.parser.page.document import Document
from shared.contracts import Candidate

# (text, source, confidence from 0 to 1); the text may be missing.
Value = tuple[str | None, str, float]
Values = Iterator[Value]
_DAY = len("2026-10-09")
Evidence = dict[str, tuple[Candidate, ...]]


def ranked(values: Iterable[Value]) -> tuple[Candidate, ...]:
    """Returns candidates for the values that have a text, each text once, the most confident first."""
    candidates: dict[str, Candidate] = {}
    with_text = ((text, source, confidence) for text, source, confidence in values if text)
    for text, source, confidence in sorted(with_text, key=lambda value: -value[2]):
        candidates.setdefault(text, Candidate(value=text, source=source, confidence=confidence))
    return tuple(candidates.values())


def ranked_dates(values: Iterable[Value], now: datetime, document: Document) -> tuple[Candidate, ...]:
    """Returns candidates in ISO 8601 for the values that hold a date.

    Args:
        values: texts as the page has them.
        now: when the page was fetched; later dates are left out.
        document: the page; its language tells the order of numbers and what some words mean.
    """
    texts = [value for value in values if value[0]]
    # A page declares one instant in several places.
    by_text = {
        text: dates.read(text, now, document.month_first, document.language)
        for text in dict.fromkeys(text or "" for text, _, _ in texts)
    }
    readings = [by_text[text or ""] for text, _, _ in texts]
    certain = {
        reading[:_DAY] for (text, _, _), reading in zip(texts, readings, strict=True)
        if reading and not dates.is_ambiguous(text or "")
    }  # fmt: skip
    return ranked(
        (_as_others_read(reading, text or "", certain), source, confidence)
        for (text, source, confidence), reading in zip(texts, readings, strict=True)
    )


def _as_others_read(reading: str | None, text: str, certain: set[str]) -> str | None:
    """Returns the reading of a text; with month and day swapped where only that is a day of which others are certain."""
    if not reading or reading[:_DAY] in certain or not dates.is_ambiguous(text):
        return reading
    other_order = dates.swapped(reading)
    return other_order if other_order[:_DAY] in certain else reading


def best(evidence: Evidence, field: str) -> str | None:
    """Returns the value of a field's first candidate; None if the field has none."""
    return next((candidate.value for candidate in evidence.get(field, ())), None)
