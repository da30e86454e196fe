import csv
import json
from datetime import timedelta
from io import StringIO
from types import SimpleNamespace

import duckdb
import pytest
from sqlmodel import Session

from newsmill.commands import export as module
from newsmill.commands.export import Span, write_rows
from newsmill.exports.changes import read_place
from shared.contracts import Article
from shared.database.models import ArticleChange, Image
from shared.errors import SettingsError
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


def changes(engine, state, monkeypatch, capsys):
    """What an export with a state file writes to standard output."""
    monkeypatch.setattr(module, "find_system", lambda _: SimpleNamespace(engine=lambda: engine))
    module.export("articles", state=state)
    return [json.loads(line)["title"] for line in capsys.readouterr().out.splitlines()]


def test_an_export_with_a_state_file_writes_what_is_new_and_what_has_changed(
    engine, add, tmp_path, monkeypatch, capsys
):
    monkeypatch.setattr(module, "BATCH", 2)
    state = tmp_path / "state.json"
    ids = [add(article(number)) for number in range(3)]
    places = [add(ArticleChange(article_id=row, position=row)) for row in ids]
    assert len(places) == 3
    assert changes(engine, state, monkeypatch, capsys) == ["Title 0", "Title 1", "Title 2"]
    assert changes(engine, state, monkeypatch, capsys) == []
    with Session(engine) as session:
        session.get(ArticleChange, ids[0]).position = 10
        session.commit()
    assert changes(engine, state, monkeypatch, capsys) == ["Title 0"]


def test_what_is_no_state_file_is_named(tmp_path):
    (tmp_path / "state").write_text("[]")
    with pytest.raises(SettingsError, match="no state of an export"):
        read_place(tmp_path / "state")


def test_duckdb_reads_the_parquet_of_articles_with_their_types(engine, add, tmp_path):
    source_id = add(source(1, name="Le Journal"))
    add(
        article(
            1, source_id=source_id, title="العنوان", tags=["x", "y"], published_at=START, word_count=3, paywalled=True
        )
    )
    add(article(2))
    out = tmp_path / "articles.parquet"
    assert module._write(module._shown(engine, "articles", Span()), "articles", "parquet", out) == 2
    query = "SELECT title, tags, published_instant AT TIME ZONE 'UTC', word_count, paywalled, source FROM read_parquet(?) ORDER BY id"
    first, second = duckdb.execute(query, [str(out)]).fetchall()
    assert first == ("العنوان", ["x", "y"], START.replace(tzinfo=None), 3, True, "Le Journal")
    assert second[1:3] == ([], None)


def test_headlines_are_parquet_too(engine, add, tmp_path):
    add(headline(1))
    out = tmp_path / "headlines.parquet"
    assert module._write(module._shown(engine, "headlines", Span()), "headlines", "parquet", out) == 1
    assert duckdb.execute("SELECT text, position FROM read_parquet(?)", [str(out)]).fetchall() == [("Headline 1", 0)]
