"""Ways to index the words of articles in every script, side by side: size, time to write, milliseconds of a search, and
whether words of two and of three characters are found.

    python bench/search.py [--articles 20000] [--headlines] [--postgres URL]

With --headlines the texts are as long as headlines. Half of the made-up articles are of words with spaces between them, half of Chinese characters, both as frequent as in news
(Zipf's law). SQLite in a temporary folder; PostgreSQL in an empty database, if one is given. Prints a line of JSON a way.
"""

import argparse
import json
import random
import sqlite3
import tempfile
from collections.abc import Callable, Sequence
from itertools import accumulate
from pathlib import Path
from statistics import median
from time import perf_counter
from typing import Any, NamedTuple

import psycopg

from shared.database.search import FUNCTION, POSTGRES_FUNCTION, query_words, words

LATIN = [f"{stem}é{number}" for number in range(2500) for stem in ("quai", "port", "vote", "maire")]
CHINESE = [chr(0x4E00 + number) for number in range(3000)]
# Words with spaces between them, and Chinese characters, of a text.
ARTICLE, HEADLINE = (120, 400), (9, 24)


class Sqlite(NamedTuple):
    """A way of SQLite: how its index is made, what of a text is indexed, and how words are asked for."""

    tokenizer: str
    indexed: Callable[[str], str]
    match: Callable[[str], str]


def quoted(word: str) -> str:
    return f'"{word}"'


def joined(text: str) -> str:
    return " ".join(words(text))


SQLITE = {
    "FTS5 unicode61": Sqlite("unicode61 remove_diacritics 2", str, quoted),
    "FTS5 trigram": Sqlite("trigram", str, quoted),
    "FTS5, own words": Sqlite(
        "unicode61 remove_diacritics 0 categories 'L* N* M* Co'",
        joined,
        lambda word: quoted(" ".join(query_words(word))),
    ),
}
# The index's expression, and the condition that uses it.
POSTGRES = {
    "to_tsvector('simple')": ("gin (to_tsvector('simple', body))", "to_tsvector('simple', body) @@ plainto_tsquery('simple', %s)"),
    "pg_trgm": ("gin (body gin_trgm_ops)", "body ILIKE '%%' || %s || '%%'"),
    "to_tsvector, own words": (
        f"gin (to_tsvector('simple', {FUNCTION}(body)))", f"to_tsvector('simple', {FUNCTION}(body)) @@ to_tsquery('simple', %s)",
    ),
}  # fmt: skip


def texts(count: int, chance: random.Random, lengths: tuple[int, int] = ARTICLE) -> list[str]:
    vocabularies = [(LATIN, " ", lengths[0]), (CHINESE, "", lengths[1])]
    weights = [
        list(accumulate(1 / (rank + 10) for rank in range(len(vocabulary)))) for vocabulary, _, _ in vocabularies
    ]
    made = []
    for number in range(count):
        vocabulary, space, length = vocabularies[number % 2]
        made.append(space.join(chance.choices(vocabulary, cum_weights=weights[number % 2], k=length)))
    return made


def searches(bodies: Sequence[str], chance: random.Random) -> dict[str, list[str]]:
    chinese = [chance.choice(bodies[1::2]) for _ in range(15)]
    places = [chance.randrange(len(body) - 3) for body in chinese]
    return {
        "a word": [chance.choice(chance.choice(bodies[::2]).split()) for _ in range(15)],
        "without its accent": [chance.choice(chance.choice(bodies[::2]).split()).replace("é", "e") for _ in range(15)],
        "two characters": [body[place : place + 2] for body, place in zip(chinese, places, strict=True)],
        "three characters": [body[place : place + 3] for body, place in zip(chinese, places, strict=True)],
    }


def measured(search: Callable[[str], Sequence[Any]], cases: dict[str, list[str]]) -> dict[str, Any]:
    results: dict[str, Any] = {}
    for name, queries in cases.items():
        times, hits = [], 0
        for query in queries:
            begun = perf_counter()
            hits += bool(search(query))
            times.append((perf_counter() - begun) * 1000)
        results[name] = {"ms": round(median(times), 2), "found": f"{hits}/{len(queries)}"}
    return results


def sqlite(way: Sqlite, bodies: Sequence[str], cases: dict[str, list[str]], path: Path) -> dict[str, Any]:
    connection = sqlite3.connect(path)
    connection.execute(f'CREATE VIRTUAL TABLE search USING fts5(words, content="", tokenize="{way.tokenizer}")')
    begun = perf_counter()
    rows = ((number, way.indexed(body)) for number, body in enumerate(bodies))
    connection.executemany("INSERT INTO search(rowid, words) VALUES (?, ?)", rows)
    connection.commit()
    seconds = perf_counter() - begun
    query = "SELECT rowid FROM search WHERE words MATCH ? ORDER BY rowid DESC LIMIT 51"
    results = measured(lambda word: connection.execute(query, (way.match(word),)).fetchall(), cases)
    connection.close()
    return {"ms to write an article": round(seconds * 1000 / len(bodies), 3), "MB": path.stat().st_size >> 20} | results


def postgres(way: str, bodies: Sequence[str], cases: dict[str, list[str]], url: str) -> dict[str, Any]:
    index, condition = POSTGRES[way]
    query = f"SELECT id FROM searched WHERE {condition} ORDER BY id DESC LIMIT 51"  # noqa: S608 - of this module's own
    own = way.endswith("own words")
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute(f"CREATE INDEX searched_index ON searched USING {index}".encode())
        begun = perf_counter()
        with connection.cursor() as cursor, cursor.copy("COPY searched (body) FROM STDIN") as copy:
            for body in bodies:
                copy.write_row((body,))
        seconds = perf_counter() - begun
        connection.execute("VACUUM ANALYZE searched")

        def search(word: str) -> Sequence[Any]:
            lexemes = " & ".join(f"'{lexeme}'" for lexeme in query_words(word)) if own else word
            return connection.execute(query.encode(), (lexemes,)).fetchall()

        results = measured(search, cases)
        [size] = connection.execute("SELECT pg_relation_size('searched_index') >> 20").fetchone() or [0]
        connection.execute("DROP INDEX searched_index; TRUNCATE searched")
    return {"ms to write an article": round(seconds * 1000 / len(bodies), 3), "MB": size} | results


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--articles", type=int, default=20_000)
    parser.add_argument("--headlines", action="store_true")
    parser.add_argument("--postgres")
    arguments = parser.parse_args()
    chance = random.Random(4)
    bodies = texts(arguments.articles, chance, HEADLINE if arguments.headlines else ARTICLE)
    cases = searches(bodies, chance)
    for name, way in SQLITE.items():
        with tempfile.TemporaryDirectory() as folder:
            print(json.dumps({"way": name, **sqlite(way, bodies, cases, Path(folder) / "search.db")}), flush=True)
    if arguments.postgres:
        with psycopg.connect(arguments.postgres, autocommit=True) as connection:
            connection.execute("CREATE EXTENSION pg_trgm; CREATE TABLE searched (id serial PRIMARY KEY, body text)")
            connection.execute(POSTGRES_FUNCTION.encode())
        for name in POSTGRES:
            print(json.dumps({"way": name, **postgres(name, bodies, cases, arguments.postgres)}), flush=True)


if __name__ == "__main__":
    main()
