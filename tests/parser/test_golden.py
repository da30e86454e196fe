"""Whole pages, invented, in the layouts that news is published in: what must be read from each."""

import json
from datetime import UTC, datetime
from pathlib import Path

import pytest

from services.parser.parse import read

GOLDEN = Path(__file__).parent / "golden"
NOW = datetime(2026, 1, 1, tzinfo=UTC)


@pytest.mark.parametrize("case", sorted(folder.name for folder in GOLDEN.iterdir()))
def test_a_page_is_read_as_expected(case):
    expected = json.loads((GOLDEN / case / "expected.json").read_text(encoding="utf-8"))
    page = next((GOLDEN / case).glob("page.*"))
    content = read(page.read_bytes(), expected["url"], None, None, NOW)
    assert content.kind == expected["kind"]
    assert _article(content.article) == expected["article"]
    assert [headline.model_dump(mode="json", exclude_defaults=True) for headline in content.headlines] == expected[
        "headlines"
    ]


@pytest.mark.parametrize("case", ["aggregator-fr", "jsonld-en", "og-es", "text-fr"])
def test_what_won_stands_first_in_the_evidence(case):
    expected = json.loads((GOLDEN / case / "expected.json").read_text(encoding="utf-8"))
    page = next((GOLDEN / case).glob("page.*"))
    article = read(page.read_bytes(), expected["url"], None, None, NOW).article
    assert article.evidence["title"][0].value == article.title
    assert article.evidence["published_at"][0].value == article.published_at


def _article(article):
    if article is None:
        return None
    fields = article.model_dump(mode="json", exclude_defaults=True, exclude={"evidence", "text"})
    return fields | {"paragraphs": list(article.paragraphs)}
