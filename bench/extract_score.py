"""How right an extraction is: one page's fields against its known answers. Each score is from 0 to 1."""

import re
import unicodedata
from collections import Counter
from datetime import UTC, datetime
from typing import Any
from urllib.parse import unquote, urlsplit

# Scripts that write no spaces between words are counted by characters.
_TOKEN = re.compile(r"[぀-ヿ㐀-鿿豈-﫿฀-๿]|[^\W_぀-ヿ㐀-鿿豈-﫿฀-๿]+")
# Tests of other extractors, from which some pages are, compare beginnings; the shortest known body has 275 characters.
_LONGEST_BEGINNING = 150
_IMAGE_ID = re.compile(r"[0-9a-f]{8,}|\d{5,}", re.IGNORECASE)


def scores(gold: dict[str, Any], fields: dict[str, Any]) -> dict[str, float]:
    """Every measure for which an answer is known. `fields` has text, title, date, authors (list), image and language."""
    results = {name: measure(gold[name], fields.get(name)) for name, measure in _MEASURES.items() if gold.get(name)}
    if gold.get("with") or gold.get("without"):
        results["segments"] = segments(gold.get("with") or [], gold.get("without") or [], fields.get("text") or "")
    if "+" in str(gold.get("date", ""))[10:] or str(gold.get("date", "")).endswith("Z"):
        results["instant"] = float(_instant(str(gold["date"])) == _instant(str(fields.get("date"))))
    if gold.get("first"):
        results["first"] = begins(gold["first"], fields.get("text") or "")
    return {_NAMES.get(name, name): score for name, score in results.items()}


def title(gold: str, extracted: str | None) -> float:
    return float(folded(gold) == folded(extracted or ""))


def same_day(gold: str, extracted: str | None) -> float:
    return float(str(gold)[:10] == str(extracted)[:10])


def image(gold: str | list[str], extracted: str | None) -> float:
    images = gold if isinstance(gold, list) else [gold]
    return float(any(same_picture(image_url, extracted or "") for image_url in images))


def begins(gold: str, extracted: str) -> float:
    """Whether the text begins as it should."""
    first = bare(gold)[:60]
    return float(bare(extracted)[: len(first)] == first)


def body(gold: str, extracted: str | None) -> float:
    """F1 over the multisets of word tokens; of a text's first tokens where only the beginning is known."""
    known, words = tokens(gold), tokens(extracted or "")
    return f1(Counter(known), Counter(words[: len(known)] if len(gold) <= _LONGEST_BEGINNING else words))


def tokens(text: str) -> list[str]:
    return _TOKEN.findall(unicodedata.normalize("NFKC", text).lower())


def f1(gold: Counter[str], extracted: Counter[str]) -> float:
    """The harmonic mean of precision and recall of two multisets; 1 where both are empty."""
    common, both = sum((gold & extracted).values()), sum(gold.values()) + sum(extracted.values())
    return 2 * common / both if both else 1.0


def segments(required: list[str], unwanted: list[str], text: str) -> float:
    """The share of sentences that are there, or not there, as they should be."""
    have = " ".join(text.split())
    right = [" ".join(sentence.split()) in have for sentence in required] + [
        " ".join(sentence.split()) not in have for sentence in unwanted
    ]
    return sum(right) / len(right)


def authors(gold: list[str] | str, extracted: list[str] | None) -> float:
    """F1 over the sets of names."""
    names = [gold] if isinstance(gold, str) else gold
    return f1(
        Counter({folded(name).lower() for name in names}), Counter({folded(name).lower() for name in extracted or ()})
    )


def same_picture(gold: str, extracted: str) -> bool:
    """The same file name, or, since a picture comes in many crops, the same long number in its address."""
    if not extracted:
        return False
    gold_path, path = (unquote(urlsplit(url).path) for url in (gold, extracted))
    return gold_path.rsplit("/", 1)[-1] == path.rsplit("/", 1)[-1] or bool(
        {*_IMAGE_ID.findall(unquote(gold))} & {*_IMAGE_ID.findall(unquote(extracted))}
    )


def folded(text: str) -> str:
    """One form for what differs in white space and in Unicode's compatible forms only."""
    return " ".join(unicodedata.normalize("NFKC", text).split())


def bare(text: str) -> str:
    return "".join(tokens(text))


def _instant(text: str) -> datetime | None:
    """None for a day, or a time without a zone."""
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        return None
    return moment.astimezone(UTC).replace(microsecond=0) if moment.tzinfo else None


_MEASURES = {"text": body, "title": title, "authors": authors, "date": same_day, "image": image}
_NAMES = {"text": "body", "date": "day"}
