"""Which faults are done on which database."""

import os

import pytest

from tests.chaos.faults import BRIEFLY, LOCALLY


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Leaves out what SQLite need not be asked: in the bounded version all that its kind does not matter to."""
    long = int(os.environ.get("CHAOS_ROUNDS", "1")) > 1 or bool(os.environ.get("CHAOS_ONLY"))
    there = LOCALLY if long else BRIEFLY
    left_out = [
        one for one in items if (given := _given(one)) and given["system"] == "sqlite" and given["name"] not in there
    ]
    config.hook.pytest_deselected(items=left_out)
    items[:] = [one for one in items if one not in left_out]


def _given(item: pytest.Item) -> dict[str, str] | None:
    """The parameters of a test of one fault."""
    given: dict[str, str] = getattr(getattr(item, "callspec", None), "params", {})
    return given if "name" in given and "system" in given else None
