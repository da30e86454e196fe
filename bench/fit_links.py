"""Fits the weights by which `services/parser/stories.py` knows a link to a story: a logistic regression, shown as a table.

    .venv-bench/bin/python bench/fit_links.py CORPUS/links/links.jsonl

Links of outlets of the half `work` are fitted on, five-fold by outlet for the figure; `check` is only measured.
"""

import argparse
import hashlib
import json
from pathlib import Path
from typing import Any

import numpy as np
from extract_corpus import half
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import f1_score
from sklearn.preprocessing import StandardScaler

from services.parser.listing.story_links import features

FOLDS = 5


def fit(rows: Any, labels: Any, strength: float) -> tuple[Any, float]:
    """Weights of the features as they are, and the bias."""
    scaler = StandardScaler().fit(rows)
    model = LogisticRegression(C=strength, max_iter=2000).fit(scaler.transform(rows), labels)
    weights = model.coef_[0] / scaler.scale_
    return weights, float(model.intercept_[0] - (scaler.mean_ * weights).sum())


def main() -> None:
    told = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    told.add_argument("links", type=Path)
    told.add_argument("--strength", type=float, default=1.0, help="the inverse of the regularization")
    asked = told.parse_args()
    links = [json.loads(line) for line in asked.links.read_bytes().splitlines()]
    found = [features(one["text"], one["url"], one["page"]) for one in links]
    names = [name for name in found[0] if name != "page_of_web"]
    rows = np.array([[one[name] for name in names] for one in found])
    labels = np.array([one["is_headline"] for one in links])
    work = np.array([half(one["outlet"]) == "work" for one in links])
    fold = np.array([int(hashlib.sha256(one["outlet"].encode()).hexdigest(), 16) % FOLDS for one in links])
    scores = np.zeros(len(links))
    for number in range(FOLDS):
        weights, bias = fit(rows[work & (fold != number)], labels[work & (fold != number)], asked.strength)
        scores[work & (fold == number)] = rows[work & (fold == number)] @ weights + bias
    weights, bias = fit(rows[work], labels[work], asked.strength)
    scores[~work] = rows[~work] @ weights + bias
    for part, those in (("work, cross-validated", work), ("check", ~work)):
        print(f"{part}: F1 {f1_score(labels[those], scores[those] > 0):.3f} of {those.sum()} links")
    print(
        "".join(f'    "{name}": {weight:.2f},\n' for name, weight in zip(names, weights, strict=True)),
        f"bias {bias:.2f}",
    )


if __name__ == "__main__":
    main()
