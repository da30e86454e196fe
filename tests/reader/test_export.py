import csv
import json
from datetime import timedelta
from io import StringIO

import pytest

from newsmill.commands import export as module
from newsmill.commands.export import Span, write_rows
from shared.contracts import Article
from shared.database.models import Image
from tests.reader.conftest import START, article, headline, source


def exported(engine, table, file_format, **span):
    out = StringIO(newline="")
    return write_rows(engine, table, file_format, Span(**span), out), out.getvalue()


def test_articles_as_json_lines_carry_the_contracts_names(engine, add):
    source_id = add(source(1, name="Le Journal"))
    one_id = add(article(1, source_id=source_id, published="2026-11-01", title="العنوان", tags=["x"]))
    add(Image(article_id=one_id, key="1", url="https://i.example/1"))
    number, text = exported(engine, "articles", "jsonl")
    record = json.loads(text)
    assert number == 1
    assert set(Article.model_fields) | {"id", "url", "source", "stored_at"} <= set(record)
    assert (record["title"], record["source"], record["published_at"]) == ("العنوان", "Le Journal", "2026-11-01")
    assert record["images"][0]["url"] == "https://i.example/1"
    assert "العنوان" in text
    assert Article.model_validate(record).tags == ("x",)


def test_an_articles_kicker_and_its_title_for_search_engines_are_exported(engine, add):
    add(article(1, kicker="Port Elwick", seo_title="Elwick ferry: when it sails again"))
    (row,) = csv.DictReader(StringIO(exported(engine, "articles", "csv")[1], newline=""))
    record = json.loads(exported(engine, "articles", "jsonl")[1])
    expected = ("Port Elwick", "Elwick ferry: when it sails again")
    assert (row["kicker"], row["seo_title"]) == (record["kicker"], record["seo_title"]) == expected


@pytest.mark.parametrize("table", ["articles", "headlines"])
def test_every_row_once_over_batches(engine, add, monkeypatch, table):
    monkeypatch.setattr(module, "BATCH", 4)
    ids = [add(article(number) if table == "articles" else headline(number)) for number in range(8)]
    number, text = exported(engine, table, "jsonl")
    assert number == 8
    assert [json.loads(line)["id"] for line in text.splitlines()] == ids


def test_a_headlines_authors_and_categories_are_exported(engine, add):
    add(headline(1, authors=["Ada Lind", "Bo Ek"], tags=["Sea"]))
    (row,) = csv.DictReader(StringIO(exported(engine, "headlines", "csv")[1], newline=""))
    assert (row["authors"], row["tags"]) == ("Ada Lind; Bo Ek", "Sea")
    record = json.loads(exported(engine, "headlines", "jsonl")[1])
    assert (record["authors"], record["tags"]) == (["Ada Lind", "Bo Ek"], ["Sea"])


def test_headlines_since_a_time_are_those_first_seen_then(engine, add):
    for number in range(4):
        add(headline(number))
    assert exported(engine, "headlines", "jsonl", stored_since=headline(2).first_seen_at)[0] == 2
    assert exported(engine, "articles", "csv", stored_since=START)[0] == 0


def test_articles_are_chosen_by_when_they_were_stored_or_published(engine, add):
    old_news = article(1, published_at=START - timedelta(days=30), stored_at=START + timedelta(hours=1))
    undated = article(2, published_at=None, stored_at=START + timedelta(hours=1))
    stored_before = article(3, published_at=START + timedelta(days=1), stored_at=START - timedelta(hours=1))
    ids = {name: add(row) for name, row in (("old", old_news), ("undated", undated), ("before", stored_before))}

    def chosen(**span):
        return {json.loads(line)["id"] for line in exported(engine, "articles", "jsonl", **span)[1].splitlines()}

    assert chosen(stored_since=START) == {ids["old"], ids["undated"]}
    assert chosen(published_since=START) == {ids["undated"], ids["before"]}
    assert chosen(stored_since=START, published_since=START) == {ids["undated"]}


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
