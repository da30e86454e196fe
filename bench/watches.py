"""What it costs an article to be compared with 10, 1,000 and 10,000 watches, beside asking each watch by itself.

    python bench/watches.py [--articles 300]

Articles of 450 words and of 1,200 characters without spaces, words as frequent as in news (Zipf's law). Watches as people
write them: names, phrases, lists of alternatives, NEAR, minus, beginnings, a site, a language; one of a hundred is of frequent
words alone. CPU time; rounds of the two ways take turns. Prints a line of JSON a number of watches: milliseconds to cut an
article into words, to percolate it, to ask each, and how many watches matched.
"""

import argparse
import json
import random
from collections import Counter
from collections.abc import Sequence
from itertools import accumulate
from statistics import mean, median
from time import process_time

from services.courier.watches.percolator import Percolator
from shared.query.document import Document, document
from shared.query.parse import parse
from shared.query.tree import Node

LATIN = [f"{stem}{number}" for number in range(5000) for stem in ("quai", "port", "vote", "maire", "ferry", "school")]
CHINESE = [chr(0x4E00 + number) for number in range(3000)]
HOSTS = [f"paper{number}.example" for number in range(200)]
NUMBERS = (10, 1_000, 10_000)
# Asking each of ten thousand watches takes so long that fewer articles do.
NAIVE = 40


def zipf(words: Sequence[str]) -> list[float]:
    return list(accumulate(1 / (rank + 3) for rank in range(len(words))))


WEIGHTS = {"latin": zipf(LATIN), "chinese": zipf(CHINESE)}


def text(chance: random.Random) -> str:
    if chance.random() < 0.8:
        return " ".join(chance.choices(LATIN, cum_weights=WEIGHTS["latin"], k=450))
    return "".join(chance.choices(CHINESE, cum_weights=WEIGHTS["chinese"], k=1200))


def article(chance: random.Random, body: str) -> Document:
    language = chance.choice(("fr", "en", "de", "zh"))
    return document(body, hosts=[chance.choice(HOSTS)], languages=[language], papers=chance.randint(1, 4))


def query(chance: random.Random) -> Node:
    if chance.random() < 0.01:
        a, b = chance.choices(LATIN[:30], k=2)
        typed = f"{a} {b}"
    else:
        # A watch is of what is rare: names, places.
        a, b, c, d = chance.choices(LATIN[200:], k=4)
        run = "".join(chance.choices(CHINESE[100:], k=3))
        forms = (
            f"{a} {b}", f'"{a} {b}"', f"{a} -{b}", f"({a} or {b} or {c} or {d})", f"{a} NEAR/5 {b}", f"{a} site:{chance.choice(HOSTS)}",
            f"{a} language:fr papers:2", f"{a[:-1]}*", run, f"({a} or {b}) ({c} or {d})", f"site:{chance.choice(HOSTS)} {LATIN[0]}",
        )  # fmt: skip
        typed = chance.choice(forms)
    node = parse(typed)
    assert node is not None
    return node


def frequency(bodies: Sequence[str]) -> dict[str, float]:
    counts = Counter(word for body in bodies for word in set(document(body).words))
    return {word: 100 * number / len(bodies) for word, number in counts.items()}


def measure(number: int, bodies: Sequence[str], known: dict[str, float]) -> dict[str, float]:
    chance = random.Random(number)
    queries = [query(chance) for _ in range(number)]
    began = process_time()
    percolator = Percolator(enumerate(queries), known)
    built = process_time() - began
    cut, percolated, asked, matches = [], [], [], 0
    for place, body in enumerate(bodies):
        began = process_time()
        new = article(chance, body)
        cut.append(process_time() - began)
        began = process_time()
        watch_ids = percolator.matches(new)
        percolated.append(process_time() - began)
        matches += len(watch_ids)
        if place < NAIVE:
            began = process_time()
            each = [name for name, node in enumerate(queries) if new.matches(node)]
            asked.append(process_time() - began)
            assert sorted(watch_ids) == each
    figures = {
        "cut_ms": median(cut), "percolate_ms": median(percolated), "percolate_mean_ms": mean(percolated),
        "percolate_p99_ms": sorted(percolated)[int(len(bodies) * 0.99)], "each_ms": median(asked), "build_ms": built,
    }  # fmt: skip
    return {"watches": number, "matches_an_article": matches / len(bodies)} | {
        name: round(1000 * value, 3) for name, value in figures.items()
    }


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--articles", type=int, default=300)
    options = parser.parse_args()
    chance = random.Random(1)
    bodies = [text(chance) for _ in range(options.articles)]
    known = frequency([text(chance) for _ in range(300)])
    for number in NUMBERS:
        print(json.dumps(measure(number, bodies, known)), flush=True)


if __name__ == "__main__":
    main()
