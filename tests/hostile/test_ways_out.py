"""What is taken out: whatever a site writes into its titles and names, each format of it can be read and does nothing."""

import csv
import json
from datetime import UTC, datetime
from io import StringIO
from pathlib import Path
from xml.etree import ElementTree

import pyarrow.parquet as pq
import pytest
from hypothesis import strategies as st

from newsmill.commands.export import _csv_writer, _jsonl_writer
from newsmill.exports import parquet
from services.reader.api.feed_formats import ATOM, Feed, atom, json_feed
from services.reader.api.feeds import item
from services.reader.api.records import StoredArticle
from services.reader.queries.opml import opml
from shared.contracts import SiteDeclared
from shared.database.models import Site
from tests.hostile.fuzzing import fuzz

pytestmark = pytest.mark.hostile

NOW = datetime(2026, 1, 1, tzinfo=UTC)
FORMULAS = ("=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "\r=1", "\n=1", "\uff1d1", "\uff0b1", "\uff0d1", "\uff201")
TEXTS = st.text(max_size=40) | st.sampled_from(
    (*FORMULAS, "]]>", "<!--", "&#0;", "\x1b[2J", "\x0b", "\ufffe", "\ud800", "\x9b2J", '",,\n', "\u202e", "\u2028", "</title><script>")
)  # fmt: skip


def article(text: str) -> StoredArticle:
    return StoredArticle(
        id=1, title=text, text=text, subtitle=text, authors=(text,), tags=(text,), publisher=text, url="https://news.example/a",
        story_id=None, original_id=None, source_id=None, trace_id="t", version=1, published_instant=NOW, modified_instant=None,
        fetched_at=NOW, stored_at=NOW, updated_at=NOW, gone_at=None,
    )  # fmt: skip


def test_any_article_is_an_entry_of_an_atom_feed_and_of_a_json_feed() -> None:
    @fuzz(text=TEXTS)
    def feeds(text: str) -> None:
        entries = [item(article(text))]
        feed = Feed(entries[0].title, "https://reader.example/f", "https://reader.example/", entries, NOW)
        [entry] = ElementTree.fromstring(atom(feed)).iter(f"{{{ATOM}}}entry")
        assert [child.get("href") for child in entry.iter(f"{{{ATOM}}}link")] == ["https://news.example/a"]
        assert {element.tag.removeprefix(f"{{{ATOM}}}") for element in entry} <= {
            "id", "title", "updated", "published", "link", "author", "category", "summary", "content",
        }  # fmt: skip
        [shown] = json.loads(json.dumps(json_feed(feed), ensure_ascii=False).encode())["items"]
        assert shown.get("title", "") == entries[0].title

    feeds()


def test_any_name_of_a_site_is_an_outline_of_an_opml_file() -> None:
    @fuzz(text=TEXTS.filter(bool))
    def outlines(text: str) -> None:
        declared = SiteDeclared(home_page="https://news.example/", name=text)
        site = Site(key="k", home_page=declared.home_page, name=declared.name or "")
        [outline] = ElementTree.fromstring(opml([(site, [])])).iter("outline")
        assert set(outline.attrib) == {"text", "title", "htmlUrl"}

    outlines()


def test_no_cell_of_a_csv_file_is_a_formula_and_each_article_is_a_row() -> None:
    @fuzz(text=TEXTS)
    def rows(text: str) -> None:
        out = StringIO(newline="")
        _csv_writer(out, "articles")(article(text).model_dump(mode="json") | {"source": text})
        out.seek(0)
        header, row = csv.reader(out)
        assert len(row) == len(header)
        assert not [cell for cell in row if cell.startswith(tuple(formula[0] for formula in FORMULAS))]

    rows()


def test_any_article_is_a_line_of_json_and_a_row_of_parquet(tmp_path: Path) -> None:
    @fuzz(text=TEXTS)
    def records(text: str) -> None:
        out, record = StringIO(), article(text).model_dump(mode="json") | {"source": None}
        _jsonl_writer(out)(record)
        assert json.loads(out.getvalue()) == record
        path = tmp_path / "articles.parquet"
        assert parquet.write([record], StoredArticle, path) == 1
        assert pq.read_table(path).column("title").to_pylist() == [record["title"]]

    records()
