"""Which faults are done on which database."""

import os

import pytest

from tests.chaos.faults import BRIEFLY, LOCALLY


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Leaves out what SQLite need not be asked: in the bounded version all that its kind does not matter to."""
    long = int(os.environ.get("CHAOS_ROUNDS", "1")) > 1 or bool(os.environ.get("CHAOS_ONLY"))
    names = LOCALLY if long else BRIEFLY
    left_out = [
        item
        for item in items
        if (parameters := _parameters(item)) and parameters["system"] == "sqlite" and parameters["name"] not in names
    ]
    config.hook.pytest_deselected(items=left_out)
    items[:] = [item for item in items if item not in left_out]


def _parameters(item: pytest.Item) -> dict[str, str] | None:
    """The parameters of a test of one fault."""
    parameters: dict[str, str] = getattr(getattr(item, "callspec", None), "params", {})
    return parameters if "name" in parameters and "system" in parameters else None
