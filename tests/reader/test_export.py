import csv
import json
from io import StringIO

import pytest

from newsmill import export as module
from newsmill.export import export
from shared.contracts import Article
from shared.database.models import Image
from tests.reader.conftest import START, article, headline, source


def exported(engine, what, form, since=None):
    out = StringIO(newline="")
    return export(engine, what, form, since, out), out.getvalue()


def test_articles_as_json_lines_carry_the_contracts_names(engine, add):
    one = add(source(1, name="Le Journal"))
    one_id = add(article(1, source_id=one, published="2026-11-01", title="العنوان", tags=["x"]))
    add(Image(article_id=one_id, key="1", url="https://i.example/1"))
    number, text = exported(engine, "articles", "jsonl")
    record = json.loads(text)
    assert number == 1
    assert set(Article.model_fields) | {"id", "url", "source", "stored_at"} <= set(record)
    assert (record["title"], record["source"], record["published_at"]) == ("العنوان", "Le Journal", "2026-11-01")
    assert record["images"][0]["url"] == "https://i.example/1"
    assert "العنوان" in text
    assert Article.model_validate(record).tags == ("x",)


@pytest.mark.parametrize("what", ["articles", "headlines"])
def test_every_row_once_over_batches(engine, add, monkeypatch, what):
    monkeypatch.setattr(module, "BATCH", 4)
    ids = [add(article(number) if what == "articles" else headline(number)) for number in range(8)]
    number, text = exported(engine, what, "jsonl")
    assert number == 8
    assert [json.loads(line)["id"] for line in text.splitlines()] == ids


def test_since(engine, add):
    for number in range(4):
        add(headline(number))
    assert exported(engine, "headlines", "jsonl", headline(2).first_seen_at)[0] == 2
    assert exported(engine, "articles", "csv", START)[0] == 0


def test_csv(engine, add):
    one_id = add(article(1, title='=HYPERLINK("x")', authors=["-A", "B"], text='One,\n"two"', paywalled=True))
    add(Image(article_id=one_id, key="1", url="https://i.example/1", caption="c", position=0))
    add(Image(article_id=one_id, key="2", url="https://i.example/2", position=1))
    _, text = exported(engine, "articles", "csv")
    (row,) = csv.DictReader(StringIO(text, newline=""))
    assert row["title"] == '\'=HYPERLINK("x")'
    assert row["authors"] == "'-A; B"
    assert row["text"] == 'One,\n"two"'
    assert row["images"] == "https://i.example/1; https://i.example/2"
    assert (row["paywalled"], row["live_blog"], row["subtitle"], row["id"]) == ("true", "false", "", str(one_id))


@pytest.mark.parametrize("first", ["=", "+", "-", "@", "\t", "\r"])
def test_no_cell_is_a_formula(engine, add, first):
    add(headline(1, text=f"{first}1+1", wordings=[{"text": "before", "last_seen_at": "2026-11-01"}]))
    (row,) = csv.DictReader(StringIO(exported(engine, "headlines", "csv")[1], newline=""))
    assert row["text"] == f"'{first}1+1"
    assert row["wordings"] == "before"


def test_an_empty_database_exports_a_header_row(engine):
    number, text = exported(engine, "headlines", "csv")
    assert (number, text.startswith("text,url,position")) == (0, True)
    assert exported(engine, "headlines", "jsonl") == (0, "")
