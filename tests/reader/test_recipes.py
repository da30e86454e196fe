"""The recipes in docs/recipes run as they stand, on an export of invented articles."""

import re
from datetime import timedelta
from pathlib import Path

from newsmill.commands import export as module
from newsmill.commands.export import Span
from tests.reader.conftest import START, article

RECIPES = Path(__file__).parents[2] / "docs" / "recipes" / "README.md"


def test_every_recipe_runs_and_counts_right(engine, add, tmp_path, monkeypatch):
    for number in range(6):
        add(article(number, language="fr" if number % 2 else "ar", authors=["Ada Quist"][: number % 2], tags=["harbour"],
                    publisher="The Gazette", published_at=START - timedelta(hours=number)))  # fmt: skip
    monkeypatch.chdir(tmp_path)
    module._write(module._shown(engine, "articles", Span()), "articles", "parquet", Path("articles.parquet"))
    recipes = re.findall(r"```python\n(.*?)```", RECIPES.read_text(), re.DOTALL)
    assert len(recipes) == 3
    names: dict[str, object] = {}
    for recipe in recipes:
        exec(recipe, names)
    assert names["by_day"].fetchall() == [(START.date(), "ar", 3), (START.date(), "fr", 3)]
    assert names["authors"].fetchall() == [("Ada Quist", 3)]
    assert len(names["newest"].fetchall()) == 6
    assert len(names["articles"]) == 6
