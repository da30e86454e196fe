"""`newsmill parse`, the functions behind it."""

import gzip
import json
from pathlib import Path

import pytest

from newsmill.commands.parse import parse_file, parse_lines
from newsmill.commands.rules import rule_lines, rule_report
from shared.errors import SettingsError

GOLDEN = Path(__file__).parent / "golden"
FIELDS = {
    "title", "subtitle", "text", "paragraphs", "authors", "published_at", "modified_at", "site", "publisher", "origin_url",
    "section", "tags", "language", "direction", "lead_image", "images", "canonical_url", "paywalled", "word_count", "evidence",
}  # fmt: skip


def test_a_file_gives_every_field():
    record = parse_file(GOLDEN / "jsonld-en" / "page.html", "https://harbourpost.example/x", None)
    assert record["kind"] == "article"
    assert set(record["article"]) >= FIELDS
    assert set(record["headlines"][0]) >= {
        "text",
        "url",
        "position",
        "block",
        "language",
        "image",
        "summary",
        "published_at",
    }


def test_lines_keep_their_order_and_a_bad_one_stops_nothing(tmp_path):
    packed = tmp_path / "page.html.gz"
    packed.write_bytes(gzip.compress((GOLDEN / "og-es" / "page.html").read_bytes()))
    lines = [
        json.dumps({"id": 1, "path": str(packed), "url": "https://diariodelvalle.example/x"}),
        "no json",
        json.dumps({"id": 3, "path": str(tmp_path / "absent"), "url": "https://a.example/"}),
        json.dumps(
            {"id": 4, "path": str(GOLDEN / "rss" / "page.xml"), "url": "https://a.example/", "kind": "nonsense"}
        ),
        "[]",
        json.dumps({"id": 6, "path": str(GOLDEN / "rss" / "page.xml"), "url": "https://a.example/", "kind": "feed"}),
    ]
    answers = [json.loads(line) for line in parse_lines(lines)]
    assert [answer["id"] for answer in answers] == [1, None, 3, 4, None, 6]
    assert ["error" in answer for answer in answers] == [False, True, True, True, True, False]
    assert answers[0]["article"]["language"] == "es"
    assert all(answer["ms"] >= 0 for answer in answers)


def test_a_page_that_takes_too_long_is_named_and_the_next_is_read(tmp_path, monkeypatch):
    monkeypatch.setenv("NEWSMILL_PARSE_PAGE_SECONDS", "1")
    slow, quick = tmp_path / "slow.html", GOLDEN / "og-es" / "page.html"
    slow.write_text("<h2>Ferry</h2>" + "".join(f"<a href='/2024/01/02/a-story-{n}'></a>" for n in range(200_000)))
    lines = [json.dumps({"id": path.name, "path": str(path), "kind": "front"}) for path in (slow, quick)]
    first, second = map(json.loads, parse_lines(lines))
    assert (first["id"], first["error"][:6]) == ("slow.html", "poison")
    assert second["id"] == "page.html"
    assert "error" not in second


def test_a_rule_is_shown_at_work_and_what_matches_nowhere_is_counted(tmp_path):
    rule = tmp_path / "harbour.yaml"
    rule.write_text("hosts: [harbourpost.example]\ntitle: [h1]\nbody: [.never-there, article]\n")
    report = rule_report(rule, [GOLDEN / "jsonld-en" / "page.html"], None)
    lines = list(rule_lines(report))
    assert any(line.split()[:3] == ["title", "h1", "1"] for line in lines)
    assert any("River ferry returns" in line and line.startswith("     title") for line in lines)
    assert report["unmatched"] == ["body .never-there"]
    assert lines[-1] == "matches on no page: body .never-there"


def test_a_wrong_rule_is_named_before_any_page_is_read(tmp_path):
    rule = tmp_path / "wrong.yaml"
    rule.write_text("hosts: [a.example]\ntitle: ['a[[']")
    with pytest.raises(SettingsError, match=r"wrong\.yaml: title"):
        rule_report(rule, [], None)
