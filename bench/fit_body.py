"""Fits the forest by which `services/parser/article/body` chooses an article's blocks, on pages with known bodies.

    .venv-bench/bin/python bench/fit_body.py CORPUS --out services/parser/article/body/forest.json

Only pages of the share `work` are used (`extract_corpus.share`); `--folds 4` also tells how well it does on sites that it
was not fitted on, and `--leave-out` on whole collections that it was not fitted on. Its folder's format: CORPUS/*/gold.jsonl and the pages they name, see bench/README.md.
"""

import argparse
import hashlib
import json
from collections import Counter, defaultdict
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
from catboost import CatBoostClassifier, Pool
from extract_corpus import Page, pages
from extract_score import bare, body, segments, tokens

from services.parser.article.body.features import features
from services.parser.article.body.paragraphs import declared_text
from services.parser.article.body.text_features import is_bare_link
from services.parser.page.document import Document

DEPTH, TREES, RATE = 5, 250, 0.1
# Whose bodies are whole, or sentences of them known; and what a page counts. Collections weigh alike as far as their size
# allows: a page of a small one counts more, one of which a few sentences are known less.
SHARES = {"fundus": 2.5, "wcxb": 1.0, "traf": 0.7, "asia": 3.0, "rtl": 3.0}
INPUTS_ONLY = {"letters", "link_letters", "prose"}  # what features are computed from, not features
LONG, SOME, FEW_WORDS = 25, 12, 5
SAME = 0.6
SURE = 40
UNKNOWN = -1.0


class Example(NamedTuple):
    """A page: its features, its blocks' texts and for each 1 (the article's), 0 or UNKNOWN."""

    page: Page
    names: tuple[str, ...]
    rows: Any
    texts: list[str]
    labels: Any


def example(page: Page) -> Example | None:
    document = Document(page.html, page.url)
    if not document.layout.blocks:
        return None
    columns = features(document.layout, declared_text(document))
    names = tuple(name for name in columns if name not in INPUTS_ONLY)
    texts = [block.text for block in document.layout.blocks]
    labels = by_body(texts, page.gold["text"]) if page.gold.get("text") else by_sentences(texts, page.gold)
    rows_asked = np.array([row for row, block in enumerate(document.layout.blocks) if not is_bare_link(block)], int)
    rows = np.column_stack([columns[name] for name in names]).astype(np.float32)[rows_asked]
    return (
        Example(page, names, rows, [texts[row] for row in rows_asked], labels[rows_asked]) if len(rows_asked) else None
    )


def by_sentences(texts: list[str], gold: dict[str, Any]) -> Any:
    """What holds a sentence that must be there is the article's; what holds one that must not, is not."""
    labels = np.full(len(texts), UNKNOWN)
    for row, text in enumerate(texts):
        if any(sentence in text for sentence in gold.get("without") or ()):
            labels[row] = 0
        if any(sentence in text or (len(text) > SURE and text in sentence) for sentence in gold.get("with") or ()):
            labels[row] = 1
    return labels


def by_body(texts: list[str], gold: str) -> Any:
    """A block is the article's if its text is in the known body; of equal ones, those nearest to what is surely its."""
    lines = Counter(filter(None, map(bare, gold.split("\n"))))
    joined, triples = "".join(map(bare, gold.split("\n"))), set(threes(tokens(gold)))
    keys = [bare(text) for text in texts]
    labels = np.array([likeness(text, key, lines, joined, triples) for text, key in zip(texts, keys, strict=True)])
    sure = [row for row, key in enumerate(keys) if labels[row] == 1 and len(key) >= SURE]
    equal: dict[str, list[int]] = defaultdict(list)
    for row, key in enumerate(keys):
        if labels[row] > 0:
            equal[key].append(row)
    for key, rows in equal.items():
        settle(labels, rows, lines.get(key, 0) or 1, sure)
    return labels


def threes(words: list[str]) -> "zip[tuple[str, str, str]]":
    return zip(words, words[1:], words[2:], strict=False)


def likeness(text: str, key: str, lines: Counter[str], joined: str, triples: set[tuple[str, str, str]]) -> float:
    """1 in the body, 0 not, between for a few letters that may be there by chance."""
    if not key:
        return UNKNOWN
    if key in lines or (len(key) >= SOME and key in joined):
        return 1
    words = tokens(text)
    if len(key) >= LONG and len(words) > FEW_WORDS:
        return float(sum(three in triples for three in threes(words)) / (len(words) - 2) > SAME)
    return 0.5 if key in joined else 0


def settle(labels: Any, rows: list[int], count: int, sure: list[int]) -> None:
    """Of blocks with the same text, keeps as many as the body has."""
    if len(rows) <= count and labels[rows[0]] == 1:
        return
    away = {row: min((abs(row - sure_row) for sure_row in sure), default=99) for row in rows}
    for place, row in enumerate(sorted(rows, key=away.__getitem__)):
        labels[row] = float(place < count and (labels[row] == 1 or away[row] <= 2))


def weights(page_example: Example) -> Any:
    """A page counts by its collection and a block by its length."""
    by_length = np.minimum(np.sqrt([len(text) for text in page_example.texts]), 40.0)
    return 100 * SHARES[page_example.page.collection] * by_length / by_length.sum()


def fit(examples: list[Example]) -> CatBoostClassifier:
    rows, labels = (
        np.vstack([page_example.rows for page_example in examples]),
        np.concatenate([page_example.labels for page_example in examples]),
    )
    weight, labelled = np.concatenate([weights(page_example) for page_example in examples]), labels != UNKNOWN
    model = CatBoostClassifier(
        depth=DEPTH, iterations=TREES, learning_rate=RATE, l2_leaf_reg=5, rsm=0.3, bootstrap_type="Bernoulli",
        subsample=0.7, border_count=64, random_seed=1, verbose=0, thread_count=2,
    )  # fmt: skip
    return model.fit(Pool(rows[labelled], labels[labelled], weight=weight[labelled]))


def score(model: CatBoostClassifier, page_example: Example) -> float:
    """Of a page whose body, or some of whose sentences, are known."""
    kept = model.predict_proba(page_example.rows)[:, 1] >= 0.5
    text = "\n".join(text for text, keep in zip(page_example.texts, kept, strict=True) if keep)
    gold = page_example.page.gold
    return (
        body(gold["text"], text)
        if gold.get("text")
        else segments(gold.get("with") or [], gold.get("without") or [], text)
    )


def cross_validated(examples: list[Example], folds: int) -> dict[str, float]:
    """Scores by collection, each page by a forest that saw no page of its site."""
    groups = [
        int(hashlib.sha256(page_example.page.site.encode()).hexdigest(), 16) // 2 % folds for page_example in examples
    ]
    return by_others(examples, groups)


def by_others(examples: list[Example], groups: list[int] | list[str]) -> dict[str, float]:
    """Scores by collection, each page by a forest that saw no page of its group."""
    scores_by_collection = defaultdict(list)
    for group in sorted(set(groups)):
        model = fit([page_example for page_example, other in zip(examples, groups, strict=True) if other != group])
        for page_example, other in zip(examples, groups, strict=True):
            if other == group:
                scores_by_collection[page_example.page.collection].append(score(model, page_example))
    return {name: sum(scores) / len(scores) for name, scores in scores_by_collection.items()}


def written(model: CatBoostClassifier, names: tuple[str, ...], scratch: Path) -> dict[str, Any]:
    """The forest as `services/parser/article/body/forest.py` reads it, without the columns that no tree asks for."""
    model.save_model(str(scratch), format="json")
    forest = json.loads(scratch.read_text())
    scratch.unlink()
    scale, bias = forest["scale_and_bias"]
    splits = [
        [(split["float_feature_index"], split["border"]) for split in tree["splits"]]
        for tree in forest["oblivious_trees"]
    ]
    used = sorted({column for tree in splits for column, _ in tree})
    # A tree that stopped early asks a question that is always answered no.
    padded = [tree + [(used[0], float("1e30"))] * (DEPTH - len(tree)) for tree in splits]
    leaves = [tree["leaf_values"] + [0.0] * (2**DEPTH - len(tree["leaf_values"])) for tree in forest["oblivious_trees"]]
    return {
        "names": [names[column] for column in used],
        "columns": [[used.index(column) for column, _ in tree] for tree in padded],
        "borders": [[float(f"{border:.6g}") for _, border in tree] for tree in padded],
        "leaves": [[round(scale * value, 5) for value in row] for row in leaves],
        "bias": bias[0],
    }


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("corpus", type=Path)
    parser.add_argument("--out", type=Path)
    parser.add_argument("--folds", type=int, default=0)
    parser.add_argument("--leave-out", action="store_true", help="each collection by a forest of the others")
    options = parser.parse_args()
    gold_fields = ("text", "with", "without")
    examples = [
        page_example
        for page in pages(options.corpus, frozenset(SHARES))
        if page.share == "work"
        and any(page.gold.get(field) for field in gold_fields)
        and (page_example := example(page))
    ]
    print(
        f"{len(examples)} pages, {sum(len(page_example.texts) for page_example in examples)} blocks, {len(examples[0].names)} features"
    )
    if options.folds:
        print(cross_validated(examples, options.folds))
    if options.leave_out:
        print(by_others(examples, [page_example.page.collection for page_example in examples]))
    if options.out:
        forest = written(fit(examples), examples[0].names, options.out.with_suffix(".scratch"))
        options.out.write_text(json.dumps(forest, separators=(",", ":")) + "\n")
        print(f"{options.out}: {options.out.stat().st_size} bytes, {len(forest['names'])} features used")


if __name__ == "__main__":
    main()
