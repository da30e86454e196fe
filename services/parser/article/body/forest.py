"""Decision trees that were fitted elsewhere (`bench/fit_body.py`) and are only read here.

Every tree is oblivious: all nodes of a level ask the same question, so that a row's answers are the bits of the number
of its leaf (Prokhorenkova et al., "CatBoost: unbiased boosting with categorical features", NeurIPS 2018).
"""

import json
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Any

import numpy as np
from numpy.typing import NDArray

Array = NDArray[Any]


@dataclass(frozen=True, slots=True)
class Forest:
    """`names` of the columns it asks for; a row of `asked` (places among them) and `borders` for each tree, the lowest
    bit first; and its `leaves`."""

    names: tuple[str, ...]
    asked: Array
    borders: Array
    leaves: Array
    bias: float

    def likelihood(self, columns: dict[str, Array], asked: Array) -> Array:
        """How likely each of the rows that are `asked` for is what the forest was fitted to tell, from 0 to 1."""
        rows = np.stack([columns[name][asked] for name in self.names]).astype(np.float32)
        leaf = np.zeros((len(self.leaves), rows.shape[1]), np.intp)
        for level in range(self.asked.shape[1]):
            leaf += (rows[self.asked[:, level]] > self.borders[:, level, None]).astype(np.intp) << level
        score = np.take_along_axis(self.leaves, leaf, axis=1).sum(axis=0) + self.bias
        result: Array = 1 / (1 + np.exp(-score))
        return result


@cache
def load(name: str) -> Forest:
    """The forest in `NAME.json` beside this module."""
    read = json.loads((files(__package__) / f"{name}.json").read_text(encoding="utf-8"))
    return Forest(
        names=tuple(read["names"]),
        asked=np.array(read["asked"]),
        borders=np.array(read["borders"], np.float32),
        leaves=np.array(read["leaves"], np.float64),
        bias=float(read["bias"]),
    )
