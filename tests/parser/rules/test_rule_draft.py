"""Drafts of rules, and rules that change under a running process."""

import json
import os
import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path

import pytest
import yaml

from newsmill.rule_draft import draft
from services.parser.article import extract
from services.parser.page.document import Document
from services.parser.rules.site_rules import Rules
from shared.errors import SettingsError

URL = "https://www.harbourpost.example/local/ferry-returns-40211"
NOW = datetime(2026, 10, 9, 12, tzinfo=UTC)
PARAGRAPHS = [
    f"The ferry of line {number} came back on Monday after ten years in the dock of the town." for number in range(1, 9)
]
PAGE = f"""<html><head><title>Ferry returns to port</title></head><body>
<div class="css-1x2y3z story-head"><h1 class="story-title">Ferry returns to port</h1>
<p class="writer">By <a class="writer-name" href="/authors/ada-lind">Ada Lind</a></p>
<time class="first" datetime="2026-10-08T10:00:00+02:00">8 October 2026</time></div>
<div class="story-text"><div class="css-9">{"".join(f"<p>{text}</p>" for text in PARAGRAPHS)}</div></div>
</body></html>"""


def test_a_draft_names_the_elements_that_hold_what_was_read_and_reads_the_same() -> None:
    rules = Rules.model_validate(yaml.safe_load(draft(PAGE, URL, NOW)))
    assert rules.hosts == ("harbourpost.example",)
    assert (rules.title, rules.published, rules.authors) == (("h1.story-title",), ("time.first",), ("a.writer-name",))
    article = extract.read(Document(PAGE, URL), rules, NOW)
    assert article
    assert (article.title, article.authors, article.paragraphs) == (
        "Ferry returns to port",
        ("Ada Lind",),
        tuple(PARAGRAPHS),
    )


def test_a_standfirst_above_the_text_makes_its_box_no_larger() -> None:
    page = PAGE.replace("</time></div>", f"</time><p>{PARAGRAPHS[0].replace('ferry', 'old ferry')}</p></div>")
    page = page.replace('<div class="css-9">', "<div>")
    page = page.replace("<body>", "<body><article>").replace("</body>", "</article></body>")
    assert yaml.safe_load(draft(page, URL, NOW))["body"] == ["div.story-text > div"]


def test_classes_that_a_program_made_are_in_no_draft() -> None:
    assert "css-" not in draft(PAGE, URL, NOW)


def test_a_page_without_an_article_has_no_draft() -> None:
    with pytest.raises(SettingsError, match="no article can be read"):
        draft("<html><body></body></html>", URL, NOW)


@pytest.mark.process
def test_a_running_process_reads_a_changed_rule_with_its_next_page(tmp_path: Path) -> None:
    page, folder = tmp_path / "page.html", tmp_path / "rules"
    page.write_text(PAGE)
    folder.mkdir()
    line = json.dumps({"id": "a", "path": str(page), "url": URL, "kind": "article"}) + "\n"
    process = subprocess.Popen(
        [Path(sys.executable).with_name("newsmill"), "parse", "--jsonl"], stdin=subprocess.PIPE, stdout=subprocess.PIPE,
        text=True, bufsize=1, env=os.environ | {"NEWSMILL_RULES_FOLDER": str(folder)},
    )  # fmt: skip
    with process:
        assert process.stdin
        assert process.stdout
        titles = []
        for selector in (None, "p.writer", "p.writer[["):
            if selector:
                (folder / "post.yaml").write_text(f"hosts: [harbourpost.example]\ntitle: ['{selector}']\n")
            process.stdin.write(line)
            process.stdin.flush()
            titles.append(json.loads(process.stdout.readline())["article"]["title"])
        process.stdin.close()
    assert titles == ["Ferry returns to port", "By Ada Lind", "By Ada Lind"]
