"""docs/security.md names tests that exist, and every test of this folder."""

import ast
import re
from pathlib import Path

ROOT = Path(__file__).parents[2]
NAMED = re.findall(r"`(tests/[\w/]+\.py)::(test_\w+)`", (ROOT / "docs/security.md").read_text())


def names_in(path: Path) -> set[str]:
    nodes = ast.walk(ast.parse(path.read_text()))
    return {node.name for node in nodes if isinstance(node, ast.FunctionDef) and node.name.startswith("test_")}


def test_every_test_that_proves_a_promise_exists() -> None:
    assert len(NAMED) > 40
    assert [name for path, name in NAMED if not (ROOT / path).exists() or name not in names_in(ROOT / path)] == []


def test_every_row_of_a_promise_names_a_test() -> None:
    promises = (ROOT / "docs/security.md").read_text().partition("## What is not promised")[0]
    rows = [row for row in promises.splitlines() if row.startswith("| ") and row != "| promise | test |"]
    assert [row for row in rows if "::test_" not in row] == []


def test_every_attack_of_this_folder_is_in_the_document() -> None:
    attacks = {
        name for path in Path(__file__).parent.glob("test_*.py") if path != Path(__file__) for name in names_in(path)
    }
    assert attacks - {name for _, name in NAMED} == set()
