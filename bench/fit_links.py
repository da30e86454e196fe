"""Fits the weights by which `services/parser/listing/story_links.py` recognizes a link to a story: a logistic regression, shown as a table.

    .venv-bench/bin/python bench/fit_links.py CORPUS/links/links.jsonl

Links of outlets of the share `work` are fitted on, five-fold by outlet for the figure; the others are only measured.
"""

import argparse
import hashlib
import json
from pathlib import Path
from typing import Any

import numpy as np
from extract_corpus import share
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
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("links", type=Path)
    options.add_argument("--strength", type=float, default=1.0, help="the inverse of the regularization")
    arguments = options.parse_args()
    links = [json.loads(line) for line in arguments.links.read_bytes().splitlines()]
    values = [features(link["text"], link["url"], link["page"]) for link in links]
    names = list(values[0])
    rows = np.array([[value[name] for name in names] for value in values])
    labels = np.array([link["is_headline"] for link in links])
    work = np.array([share(link["outlet"]) == "work" for link in links])
    fold = np.array([int(hashlib.sha256(link["outlet"].encode()).hexdigest(), 16) % FOLDS for link in links])
    scores = np.zeros(len(links))
    for number in range(FOLDS):
        weights, bias = fit(rows[work & (fold != number)], labels[work & (fold != number)], arguments.strength)
        scores[work & (fold == number)] = rows[work & (fold == number)] @ weights + bias
    weights, bias = fit(rows[work], labels[work], arguments.strength)
    scores[~work] = rows[~work] @ weights + bias
    for part, selected in (("work, cross-validated", work), ("other outlets", ~work)):
        print(f"{part}: F1 {f1_score(labels[selected], scores[selected] > 0):.3f} of {selected.sum()} links")
    print(
        "".join(f'    "{name}": {weight:.2f},\n' for name, weight in zip(names, weights, strict=True)),
        f"bias {bias:.2f}",
    )


if __name__ == "__main__":
    main()
