"""Evaluates decision trees that `bench/fit_body.py` fits.

Every tree is oblivious: all nodes of a level compare the same column with the same border, so the results of the
comparisons are the bits of a leaf's number (Prokhorenkova et al., "CatBoost: unbiased boosting with categorical
features", NeurIPS 2018).
"""

import json
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Any

import numpy as np
from numpy.typing import NDArray

Array = NDArray[Any]

# Bounds the memory: 250 trees take 2 KB a row.
_ROWS_AT_ONCE = 4_096


@dataclass(frozen=True, slots=True)
class Forest:
    """Oblivious decision trees.

    Attributes:
        names: of the feature columns that the trees compare.
        columns: the index in `names` for each question; a third of the questions are asked by several trees.
        borders: what the column is compared with, for each question.
        questions: the index of the question for each level and tree, the lowest bit of the leaf's number first.
        leaves: the score for each leaf, tree by tree.
        bias: added to the sum of the scores.
    """

    names: tuple[str, ...]
    columns: Array
    borders: Array
    questions: Array
    leaves: Array
    bias: float

    def likelihood(self, features: dict[str, Array], rows: Array) -> Array:
        """Returns, for each of these rows of the features, how likely it is of the fitted class, from 0 to 1."""
        parts = (rows[start : start + _ROWS_AT_ONCE] for start in range(0, len(rows), _ROWS_AT_ONCE))
        return np.concatenate([self._likelihood(features, part) for part in parts])

    def _likelihood(self, features: dict[str, Array], rows: Array) -> Array:
        values = np.array([features[name] for name in self.names], np.float32)[:, rows]
        answers = (values[self.columns] > self.borders[:, None]).view(np.uint8)
        levels = len(self.questions)
        leaf = answers.take(self.questions[levels - 1], axis=0)
        for level in reversed(range(levels - 1)):
            leaf <<= 1
            leaf |= answers.take(self.questions[level], axis=0)
        first_leaves = np.arange(0, len(self.leaves), 2**levels)
        score = self.leaves.take(leaf + first_leaves[:, None]).sum(axis=0) + self.bias
        result: Array = 1 / (1 + np.exp(-score))
        return result


@cache
def load(name: str) -> Forest:
    """Returns the forest in `NAME.json` beside this module."""
    content = json.loads((files(__package__) / f"{name}.json").read_text(encoding="utf-8"))
    compared = np.stack([np.array(content["columns"]), np.array(content["borders"], np.float32)], axis=-1)
    distinct, questions = np.unique(compared.reshape(-1, 2), axis=0, return_inverse=True)
    return Forest(
        names=tuple(content["names"]),
        columns=distinct[:, 0].astype(np.intp),
        borders=distinct[:, 1].astype(np.float32),
        questions=questions.reshape(compared.shape[:2]).T.copy(),
        leaves=np.array(content["leaves"], np.float64).ravel(),
        bias=float(content["bias"]),
    )
