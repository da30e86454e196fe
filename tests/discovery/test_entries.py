"""What a user wants to add: each home page once, whatever the file writes."""

import time
from pathlib import Path

import pytest

from shared.discovery.entries import Entry, from_lines, from_opml, merge
from shared.errors import SettingsError

OPML = """<?xml version="1.0"?><opml version="2.0"><head><title>Mine</title></head><body>
<outline text="Dailies"><outline text="Gazette" type="rss" xmlUrl="https://gazette.example/rss" htmlUrl="https://www.gazette.example/"/>
<outline text="Gazette, sport" xmlUrl="http://gazette.example/sport.rss" htmlUrl="http://gazette.example"/></outline>
<outline text="Post" xmlUrl="https://feeds.post.example/all"/><outline text="empty"/></body></opml>"""


def test_an_opml_file_gives_each_site_once_with_its_feeds_and_folders() -> None:
    gazette, post = merge(from_opml(OPML.encode(), "feeds.opml"))
    assert gazette == Entry(
        "https://www.gazette.example/", "Gazette", ("Dailies",),
        ("https://gazette.example/rss", "http://gazette.example/sport.rss"),
    )  # fmt: skip
    assert post == Entry("https://feeds.post.example/", "Post", (), ("https://feeds.post.example/all",))


def test_a_huge_opml_file_is_read_and_its_duplicates_are_one() -> None:
    outlines = "".join(f'<outline xmlUrl="https://paper-{number % 2000}.example/rss"/>' for number in range(20_000))
    assert len(merge(from_opml(f"<opml><body>{outlines}</body></opml>".encode(), "feeds.opml"))) == 2000


def test_many_feeds_of_one_site_cost_in_proportion_to_their_number() -> None:
    entries = (Entry("https://a.example/", None, (f"tag {number}",), (f"https://a.example/{number}",)) for number in range(20_000))  # fmt: skip
    started = time.process_time()
    [site] = merge(entries)
    assert time.process_time() - started < 10
    assert len(site.feeds) == len(site.tags) == 20_000


@pytest.mark.parametrize("text", ["", "<rss/>", "no XML", '{"opml": 1}'])
def test_a_file_that_is_no_opml_is_a_clear_error(text: str) -> None:
    with pytest.raises(SettingsError, match=r"feeds\.opml: no OPML"):
        list(from_opml(text.encode(), "feeds.opml"))


def test_an_entity_of_an_opml_file_reads_no_file_of_this_machine(tmp_path: Path) -> None:
    (tmp_path / "secret").write_text("hunter2")
    text = (
        f'<!DOCTYPE opml [<!ENTITY secret SYSTEM "file://{tmp_path}/secret">]><opml><body>'
        '<outline text="&secret;" xmlUrl="https://gazette.example/rss"/></body></opml>'
    )
    assert "hunter2" not in str(list(from_opml(text.encode(), "feeds.opml")))


def test_lines_are_home_pages_with_or_without_a_scheme() -> None:
    lines = ["# dailies", "", " gazette.example ", "http://post.example/fr/", "https://www.gazette.example/"]
    assert [entry.url for entry in merge(from_lines(lines))] == ["https://gazette.example", "http://post.example/fr/"]
