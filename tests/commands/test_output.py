"""What commands print of what others wrote does nothing to the terminal."""

import json
import re
from io import StringIO
from pathlib import Path

import pytest
import structlog
from hypothesis import given
from hypothesis import strategies as st
from rich.console import Console

from newsmill import output
from newsmill.local.layout import Layout
from newsmill.local.view import screen
from newsmill.local.watch import STAGES, Snapshot

pytestmark = pytest.mark.hostile

COMMANDS = Path(output.__file__).parent
# Sets the title of the window, clears the screen, and the same by a character of one byte.
ATTACK = "Ferry \x1b]0;owned\x07\x1b[2J\x9b2J\rreturns"
OBEYED = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f]")


@given(st.text())
def test_no_text_is_obeyed_and_a_json_document_means_the_same(text: str) -> None:
    assert not OBEYED.search(output.visible(text))
    assert json.loads(output.visible(json.dumps(text, ensure_ascii=False))) == text


def test_what_is_printed_and_logged_is_not_obeyed(capsys: pytest.CaptureFixture[str]) -> None:
    output.log_to_standard_error()
    output.print_report({"title": ATTACK}, lambda report: [report["title"]], as_json=False)
    structlog.get_logger().warning(ATTACK, url=ATTACK)
    out, err = capsys.readouterr()
    assert out == "Ferry \\u001b]0;owned\\u0007\\u001b[2J\\u009b2J\\u000dreturns\n"
    assert err.count("\\u001b]0;owned") == 2
    assert "\x1b]" not in err


def test_the_live_view_is_not_obeyed(tmp_path: Path) -> None:
    numbers = dict.fromkeys(STAGES, 0)
    snapshot = Snapshot(
        at=0.0, queues=numbers, triggers=0, custody=0, parked=0, dead=0, paused={}, handled=numbers, pages={}, articles=0,
        headlines=1, latest=(("en", ATTACK),), errors=(ATTACK,), sources_error=ATTACK,
    )  # fmt: skip
    shown = StringIO()
    Console(file=shown, force_terminal=True, width=120).print(
        screen(snapshot, numbers, Layout(tmp_path, 9, {"scheduler": 9}, "unix:///absent"))
    )
    assert shown.getvalue().count("Ferry") == 3
    assert not re.search(r"\x1b\]|\x1b\[2J|\x9b|\x07|\r", shown.getvalue())


def test_commands_print_by_the_function_that_hides_nothing() -> None:
    printing = re.compile(r"typer\.secho\(|typer\.echo\((?!f\"newsmill \{VERSION\}\")|(?<![\w.])print\(")
    others = [path for path in COMMANDS.rglob("*.py") if path != Path(output.__file__)]
    assert [path.name for path in others if printing.search(path.read_text())] == []
