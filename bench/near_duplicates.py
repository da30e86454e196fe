"""Near-duplicates: precision and recall on a labelled set, and what finding them costs as articles grow in number.

    python bench/near_duplicates.py CORPUS [--articles 1000000]

Positives are what newspapers make of one wire text: cut from the end, with a lead of their own, copy-edited, its
paragraphs in another order, wrapped in local text, all at once. Negatives are different articles: of any two sites, of one
site, and templates (weather, markets, matches) that differ in names and numbers. The texts are the corpus's own; the
treatments are ours. Sites are halved: thresholds are chosen on `work`, `check` is reported. Prints JSON.
"""

import argparse
import json
import random
import tempfile
import time
from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from itertools import combinations
from pathlib import Path
from urllib.parse import urlsplit

from sqlalchemy import text as sql
from sqlmodel import Session

from bench.extract_corpus import share
from services.storage.identity import minhash, near_duplicates
from services.storage.migrate import migrate
from shared.contracts import now_utc
from shared.database.engine import make_engine

THRESHOLDS = (0.2, 0.25, 0.3, 0.35, 0.4, 0.5, 0.6, 0.7, 0.8)
SWAPS = {
    "said": "stated", "people": "residents", "however": "but", "also": "too", "government": "authorities", "new": "fresh",
    "about": "around", "because": "since", "after": "following", "big": "large", "more than": "over", "percent": "%",
    "first": "initial", "last": "past", "show": "indicate", "help": "aid", "many": "numerous", "will": "is to",
}  # fmt: skip
LOCAL = (
    "Readers of this newspaper know the subject well: our own correspondents have followed it since the spring, and the "
    "town hall did not answer our questions before we went to press on Tuesday evening."
)
NAMES = "Aldermoor Brightwater Castleford Dunwick Eastholme Farleigh Grantham Harrowgate Islington Kettering".split()


def texts(corpus: Path) -> Iterator[tuple[str, str]]:
    """(site, text) of every article of the corpus that has one of some length."""
    for listing in sorted(corpus.glob("*/gold.jsonl")):
        for line in listing.read_bytes().splitlines():
            record = json.loads(line)
            gold = record["gold"]
            body = gold.get("body") or gold.get("text") or ""
            body = "\n".join(body) if isinstance(body, list) else body
            if isinstance(body, str) and len(body.split()) > 120:
                yield (urlsplit(record["url"]).hostname or "").removeprefix("www."), body


def sentences(text: str) -> list[str]:
    return [sentence.strip() for line in text.split("\n") for sentence in line.split(". ") if sentence.strip()]


def cut(share: float) -> Callable[[str, random.Random], str]:
    return lambda text, _: " ".join(text.split()[: max(60, int(len(text.split()) * share))])


def edited(text: str, chance: random.Random) -> str:
    """Light copy-editing: another word here and there, a sentence dropped."""
    kept = [sentence for sentence in sentences(text) if chance.random() > 0.08]
    words = " . ".join(kept).split()
    return " ".join(SWAPS.get(word.lower(), word) if chance.random() < 0.8 else word for word in words)


def reordered(text: str, chance: random.Random) -> str:
    parts = sentences(text)
    first, later = parts[:2], parts[2:]
    blocks = [later[start : start + 3] for start in range(0, len(later), 3)]
    chance.shuffle(blocks)
    return ". ".join([*first, *(sentence for block in blocks for sentence in block)])


def led(text: str, chance: random.Random) -> str:
    """With a lead of its own instead of the first two sentences."""
    lead = " ".join(chance.choices(text.split(), k=45))
    return f"{lead}. {'. '.join(sentences(text)[2:])}"


def local(text: str, _: random.Random) -> str:
    return f"(Wire) — {text}\n{LOCAL}\n{LOCAL[::-1]}"


def everything(text: str, chance: random.Random) -> str:
    return local(edited(reordered(led(cut(0.6)(text, chance), chance), chance), chance), chance)


TREATMENTS: dict[str, Callable[[str, random.Random], str]] = {
    "cut to 70 %": cut(0.7), "cut to 50 %": cut(0.5), "cut to 30 %": cut(0.3), "copy-edited": edited,
    "reordered": reordered, "own lead": led, "local text added": local, "all of it": everything,
}  # fmt: skip


def templates(chance: random.Random) -> list[str]:
    """Texts made from one mould: a market report, a forecast, a match; each differs in names and numbers."""
    moulds = (
        "Shares in {a} closed {n} points {w} on Tuesday as investors weighed figures from {b}. The index of {n} companies "
        "ended at {n}, having touched {n} in the morning. Turnover was {n} million. Analysts at {a} spoke of a {w} mood. "
        "The currency stood at {n} against the dollar, bonds yielded {n} per cent and oil cost {n} dollars a barrel in {b}.",
        "The day in {a} begins {w}, with {n} degrees at dawn and {n} by the afternoon. In {b} it will be {w} and up to {n} "
        "degrees. Winds from the {w} reach {n} kilometres an hour. The chance of rain is {n} per cent in {a} and {n} in {b}. "
        "The night will be {w} with {n} degrees, and the outlook for the week remains {w} along the coast near {b}.",
        "{a} beat {b} {n} to {n} before a crowd of {n}. The hosts took the lead in minute {n} with a {w} shot, and after {n} "
        "minutes {b} were level. The referee showed {n} cards. In the table {a} stand at place {n} with {n} points, {b} at "
        "place {n}. The next match against {a} is in {n} days, and the coach spoke of a {w} evening for the side.",
    )
    words = "calm nervous bright grey northerly westerly low high steady sharp dull warm".split()

    def fill(mould: str) -> str:
        out = mould * 2
        for mark, values in (("{a}", NAMES), ("{b}", NAMES), ("{w}", words)):
            while mark in out:
                out = out.replace(mark, chance.choice(values), 1)
        while "{n}" in out:
            out = out.replace("{n}", str(chance.randint(1, 9999)), 1)
        return out

    return [fill(mould) for mould in moulds for _ in range(12)]


class Pairs:
    """Pairs of texts with whether they are the same story, and of one site."""

    def __init__(self, articles: Sequence[tuple[str, str]], chance: random.Random) -> None:
        self.positive: dict[str, list[float]] = defaultdict(list)
        self.negative: dict[str, list[float]] = defaultdict(list)
        self.banded: dict[str, list[bool]] = defaultdict(list)
        signed = [(site, text, signature) for site, text in articles if (signature := minhash.signature(text))]
        for _, text, signature in signed:
            for name, treat in TREATMENTS.items():
                other_signature = minhash.signature(treat(text, chance))
                if other_signature:
                    self.positive[name].append(minhash.containment(signature, other_signature))
                    self.banded[name].append(bool(set(signature.bands()) & set(other_signature.bands())))
        by_site = defaultdict(list)
        for site, _, signature in signed:
            by_site[site].append(signature)
        for group in by_site.values():
            self.negative["one site"] += [minhash.containment(*pair) for pair in list(combinations(group, 2))[:200]]
        for _ in range(20_000):
            (site, _, signature), (other_site, _, other_signature) = chance.sample(signed, 2)
            if site != other_site:
                self.negative["two sites"].append(minhash.containment(signature, other_signature))
        moulded = [signature for text in templates(chance) if (signature := minhash.signature(text))]
        self.negative["templates"] = [minhash.containment(*pair) for pair in combinations(moulded, 2)]

    def report(self, threshold: float) -> dict[str, object]:
        """At a threshold for two sites; on one site it is stricter."""
        limits = {"one site": max(threshold, minhash.SAME_ON_ONE_SITE)}
        wrong = {
            name: sum(value >= limits.get(name, threshold) for value in values)
            for name, values in self.negative.items()
        }
        right = {
            name: sum(value >= threshold and banded for value, banded in zip(values, self.banded[name], strict=True))
            for name, values in self.positive.items()
        }
        total = sum(map(len, self.positive.values()))
        return {
            "precision": round(sum(right.values()) / max(1, sum(right.values()) + sum(wrong.values())), 4),
            "recall": round(sum(right.values()) / total, 4),
            "recall by treatment": {
                name: round(number / len(self.positive[name]), 3) for name, number in right.items()
            },
            "wrong of": {name: f"{number} of {len(self.negative[name])}" for name, number in wrong.items()},
        }


def quality(corpus: Path) -> dict[str, object]:
    shares: dict[str, list[tuple[str, str]]] = defaultdict(list)
    for site, text in dict.fromkeys(texts(corpus)):
        shares[share(site)].append((site, text))
    report: dict[str, object] = {}
    for name, articles in shares.items():
        pairs = Pairs(articles, random.Random(1))
        report[name] = {"articles": len(articles)} | {str(limit): pairs.report(limit) for limit in THRESHOLDS}
    return report


def cost(most: int) -> list[dict[str, float]]:
    """Milliseconds an article, by how many articles have a signature already; SQLite."""
    chance = random.Random(2)
    words = [f"w{number}" for number in range(30_000)]
    costs = []
    with tempfile.TemporaryDirectory() as folder:
        address = f"sqlite:///{folder}/stories.db"
        migrate(address)
        engine = make_engine(address)
        stored = 0
        for size in (size for size in (10_000, 100_000, 1_000_000) if size <= most):
            fill(engine, stored, size, chance)
            stored = size
            costs.append(
                {
                    "articles": size,
                    **measure(engine, size, [" ".join(chance.choices(words, k=500)) for _ in range(500)]),
                }
            )
            stored += 500
        engine.dispose()
    return costs


def fill(engine: object, start: int, end: int, chance: random.Random) -> None:
    """Signatures of made-up articles, as many as there would be."""
    with engine.begin() as connection:  # type: ignore[attr-defined]
        connection.execute(sql("PRAGMA foreign_keys=OFF"))
    with engine.connect() as connection:  # type: ignore[attr-defined]
        connection.exec_driver_sql("PRAGMA foreign_keys=OFF")
        connection.commit()
        for first in range(start, end, 5000):
            ids = range(first + 1, min(end, first + 5000) + 1)
            signatures = [
                (
                    number,
                    minhash.Signature(
                        400, tuple(chance.getrandbits(32) for _ in range(minhash.SLOTS + minhash.LEAD_SLOTS))
                    ),
                )
                for number in ids
            ]
            moment = now_utc().isoformat(sep=" ")
            connection.exec_driver_sql(
                "INSERT INTO signature VALUES (?, ?, ?, ?)",
                [(n, s.shingles, s.packed(), moment) for n, s in signatures],
            )
            connection.exec_driver_sql(
                "INSERT INTO band VALUES (?, ?)", sorted((band, n) for n, s in signatures for band in s.bands())
            )
            connection.commit()


def measure(engine: object, size: int, bodies: Sequence[str]) -> dict[str, float]:
    begun = time.process_time()
    signed = [minhash.signature(body) for body in bodies]
    signing = time.process_time() - begun
    lots = [range(start, start + 50) for start in range(0, len(bodies), 50)]
    begun = time.process_time()
    with engine.connect() as connection, Session(connection) as session:  # type: ignore[call-overload]
        connection.exec_driver_sql("PRAGMA foreign_keys=OFF")
        for lot in lots:
            near_duplicates.index(session, {size + 1 + number: signed[number] for number in lot if signed[number]})
        session.commit()
    return {
        "signature_ms": round(signing / len(bodies) * 1000, 3),
        "find_and_index_ms": round((time.process_time() - begun) / len(bodies) * 1000, 3),
    }


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("corpus", type=Path)
    parser.add_argument("--articles", type=int, default=1_000_000)
    options = parser.parse_args()
    print(
        json.dumps(
            {"quality": quality(options.corpus), "cost": cost(options.articles) if options.articles else []}, indent=2
        )
    )


if __name__ == "__main__":
    main()
