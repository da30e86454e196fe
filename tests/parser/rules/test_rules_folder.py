"""Rules in a folder of the operator's own."""

import os
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
from structlog.testing import capture_logs

from services.parser.parse import read
from services.parser.rules import site_rules
from services.parser.rules.rules_folder import RulesFolder, load_rules
from shared.contracts import Kind

PAGE = (
    b"<html><head><title>Post</title></head><body><h1>Section of the paper</h1><div class=big>Ferry returns to port</div>"
    b"<div class=text><p>"
    + b"The ferry came back on Monday after ten years in dock. " * 20
    + b"</p></div></body></html>"
)
URL = "https://harbourpost.example/a"


@pytest.fixture(autouse=True)
def _no_rules_stay() -> Iterator[None]:
    yield
    site_rules.use(tuple)
    site_rules.refresh()


def title() -> str:
    article = read(PAGE, URL, Kind.ARTICLE, None, datetime.now(UTC)).article
    assert article
    return article.title


def write(folder: Path, selector: str, changed: int, name: str = "post.yaml") -> None:
    file = folder / name
    file.write_text(f"hosts: [harbourpost.example]\ntitle: ['{selector}']\n")
    os.utime(file, ns=(changed, changed))


def test_a_rule_holds_from_the_next_page_after_it_was_added_changed_and_removed(tmp_path: Path) -> None:
    load_rules(tmp_path)
    assert title() == "Section of the paper"
    write(tmp_path, ".big", changed=1)
    assert title() == "Ferry returns to port"
    write(tmp_path, "h1", changed=2)
    assert title() == "Section of the paper"
    write(tmp_path, ".big", changed=3)
    (tmp_path / "post.yaml").unlink()
    assert title() == "Section of the paper"


def test_a_broken_file_is_named_and_its_former_rules_are_kept(tmp_path: Path) -> None:
    write(tmp_path, ".big", changed=1)
    write(tmp_path, ".a[[", changed=1, name="other.yaml")
    with capture_logs() as entries:
        load_rules(tmp_path)
    [broken] = [entry for entry in entries if "broken" in entry["event"]]
    assert "other.yaml" in broken["error"]
    assert "is no CSS selector" in broken["error"]
    assert title() == "Ferry returns to port"
    write(tmp_path, ".big[[", changed=2)
    with capture_logs() as entries:
        assert title() == "Ferry returns to port"
        assert title() == "Ferry returns to port"
    assert ["its former rules are kept" in entry["event"] for entry in entries] == [True]


def test_a_folder_that_is_missing_holds_no_rules_until_it_is_there(tmp_path: Path) -> None:
    folder = RulesFolder(tmp_path / "rules")
    assert folder.rules() == ()
    (tmp_path / "rules").mkdir()
    write(tmp_path / "rules", ".big", changed=1)
    assert [rules.title for rules in folder.rules()] == [(".big",)]


def test_built_in_rules_stay_beside_those_of_the_folder(tmp_path: Path) -> None:
    write(tmp_path, ".big", changed=1)
    load_rules(tmp_path)
    site_rules.refresh()
    assert site_rules.find("https://www.turess.com/fr/x/1").title == ("span.articletitle",)
    assert site_rules.find(URL).title == (".big",)
