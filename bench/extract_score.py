"""How right an extraction is: one page's fields against its known answers. Each score is from 0 to 1."""

import re
import unicodedata
from collections import Counter
from datetime import UTC, datetime
from typing import Any
from urllib.parse import unquote, urlsplit

# Scripts that write no spaces between words are counted by characters.
_TOKEN = re.compile(r"[぀-ヿ㐀-鿿豈-﫿฀-๿]|[^\W_぀-ヿ㐀-鿿豈-﫿฀-๿]+")
_IMAGE_ID = re.compile(r"[0-9a-f]{8,}|\d{5,}", re.IGNORECASE)


def scores(gold: dict[str, Any], found: dict[str, Any]) -> dict[str, float]:
    """Every measure for which an answer is known. `found` has text, title, date, authors (list), image and language."""
    given = {name: measure(gold[name], found.get(name)) for name, measure in _MEASURES.items() if gold.get(name)}
    if gold.get("with") or gold.get("without"):
        given["segments"] = segments(gold.get("with") or [], gold.get("without") or [], found.get("text") or "")
    if "+" in str(gold.get("date", ""))[10:] or str(gold.get("date", "")).endswith("Z"):
        given["instant"] = float(_instant(str(gold["date"])) == _instant(str(found.get("date"))))
    if gold.get("first"):
        given["first"] = begins(gold["first"], found.get("text") or "")
    return {_NAMES.get(name, name): score for name, score in given.items()}


def title(gold: str, found: str | None) -> float:
    return float(folded(gold) == folded(found or ""))


def same_day(gold: str, found: str | None) -> float:
    return float(str(gold)[:10] == str(found)[:10])


def image(gold: str | list[str], found: str | None) -> float:
    wanted = gold if isinstance(gold, list) else [gold]
    return float(any(same_picture(one, found or "") for one in wanted))


def begins(gold: str, found: str) -> float:
    """Whether the text begins as it should."""
    first = bare(gold)[:60]
    return float(bare(found)[: len(first)] == first)


def body(gold: str, found: str | None) -> float:
    """F1 over the multisets of word tokens."""
    return f1(Counter(tokens(gold)), Counter(tokens(found or "")))


def tokens(text: str) -> list[str]:
    return _TOKEN.findall(unicodedata.normalize("NFKC", text).lower())


def f1(gold: Counter[str], found: Counter[str]) -> float:
    """The harmonic mean of precision and recall of two multisets; 1 where both are empty."""
    common, both = sum((gold & found).values()), sum(gold.values()) + sum(found.values())
    return 2 * common / both if both else 1.0


def segments(wanted: list[str], unwanted: list[str], text: str) -> float:
    """The share of sentences that are there, or not there, as they should be."""
    have = " ".join(text.split())
    right = [" ".join(one.split()) in have for one in wanted] + [" ".join(one.split()) not in have for one in unwanted]
    return sum(right) / len(right)


def authors(gold: list[str] | str, found: list[str] | None) -> float:
    """F1 over the sets of names."""
    wanted = [gold] if isinstance(gold, str) else gold
    return f1(Counter({folded(one).lower() for one in wanted}), Counter({folded(one).lower() for one in found or ()}))


def same_picture(gold: str, found: str) -> bool:
    """The same file name, or, since a picture comes in many crops, the same long number in its address."""
    if not found:
        return False
    one, two = (unquote(urlsplit(url).path) for url in (gold, found))
    return one.rsplit("/", 1)[-1] == two.rsplit("/", 1)[-1] or bool(
        {*_IMAGE_ID.findall(unquote(gold))} & {*_IMAGE_ID.findall(unquote(found))}
    )


def folded(text: str) -> str:
    """One form for what differs in white space and in Unicode's compatible forms only."""
    return " ".join(unicodedata.normalize("NFKC", text).split())


def bare(text: str) -> str:
    return "".join(tokens(text))


def _instant(text: str) -> datetime | None:
    """None for a day, or a time without a zone."""
    try:
        found = datetime.fromisoformat(text)
    except ValueError:
        return None
    return found.astimezone(UTC).replace(microsecond=0) if found.tzinfo else None


_MEASURES = {"text": body, "title": title, "authors": authors, "date": same_day, "image": image}
_NAMES = {"text": "body", "date": "day"}
