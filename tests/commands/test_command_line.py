"""The command line as a list: summaries, help, version, completion, and what none of these may import."""

import json
import subprocess
import sys
import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from newsmill.cli import COMMANDS, app, load

ROOT = Path(__file__).parents[2]
NEWSMILL = Path(sys.executable).parent / "newsmill"
# What `newsmill --help` must start without: each costs more than typer and rich together, or opens the door to such.
HEAVY = {
    "alembic", "celery", "fastapi", "kombu", "lxml", "numpy", "prometheus_client", "pydantic", "redis",
    "requests", "selectolax", "sqlalchemy", "sqlmodel", "structlog", "yaml", "services", "newsmill.commands",
}  # fmt: skip


def leaves(command: Any, path: tuple[str, ...]) -> Iterator[tuple[tuple[str, ...], Any]]:
    subcommands = getattr(command, "commands", {})
    if not subcommands:
        yield path, command
    for name, subcommand in subcommands.items():
        yield from leaves(subcommand, (*path, name))


ALL = [leaf for name in COMMANDS for leaf in leaves(load(name), (name,))]


@pytest.mark.parametrize("name", COMMANDS)
def test_the_summary_of_a_command_is_the_first_sentence_of_its_help(name: str) -> None:
    help_text = load(name).help
    assert " ".join(help_text.split()).startswith(COMMANDS[name])
    assert COMMANDS[name] == help_text.split(". ")[0].split("\n")[0].rstrip(".") + "."


@pytest.mark.parametrize(("path", "command"), ALL, ids=[" ".join(path) for path, _ in ALL])
def test_every_command_argument_and_option_has_a_help_text(path: tuple[str, ...], command: Any) -> None:
    assert command.help
    assert [parameter.name for parameter in command.params if not getattr(parameter, "help", None)] == []
    assert CliRunner().invoke(app, [*path, "--help"]).exit_code == 0


@pytest.mark.parametrize(("path", "command"), ALL, ids=[" ".join(path) for path, _ in ALL])
def test_every_command_that_prints_facts_prints_them_as_json_too(path: tuple[str, ...], command: Any) -> None:
    always_json = {("parse",), ("export",), ("dead", "show"), ("image", "show")}
    options = {option for parameter in command.params for option in parameter.opts}
    assert ("--json" in options) == (path not in always_json)


def test_the_modules_of_commands_are_the_commands() -> None:
    modules = {path.stem for path in (ROOT / "newsmill" / "commands").glob("*.py")} - {"__init__"}
    assert modules == {"import_pages" if name == "import" else name for name in COMMANDS}


def test_the_version_is_that_of_the_project() -> None:
    version = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]["version"]
    assert CliRunner().invoke(app, ["--version"]).output == f"newsmill {version}\n"


def imported_by(*arguments: str, **environment: str) -> set[str]:
    program = (
        "import json, sys\nfrom newsmill.cli import main\n"
        "try:\n    main()\nfinally:\n    print('\\n' + json.dumps(sorted(sys.modules)), file=sys.stderr)"
    )
    done = subprocess.run(
        [sys.executable, "-c", program, *arguments], capture_output=True, text=True, check=False, env=environment
    )
    assert done.returncode == 0, done.stderr
    modules = json.loads(done.stderr.splitlines()[-1])
    return {name for name in modules if any(name == heavy or name.startswith(f"{heavy}.") for heavy in HEAVY)}


@pytest.mark.parametrize("option", ["--help", "--version"])
def test_help_and_version_import_no_command(option: str) -> None:
    assert imported_by(option) == set()


def test_completing_the_name_of_a_command_imports_none() -> None:
    imported = imported_by(_NEWSMILL_COMPLETE="complete_bash", COMP_WORDS="newsmill ex", COMP_CWORD="1")
    # Typer itself reads the group's options with pydantic.
    assert {name for name in imported if not name.startswith("pydantic")} == set()


@pytest.mark.parametrize(
    ("words", "completion"), [("ex", "export"), ("dead re", "retry"), ("export --stored", "--stored-since")]
)
def test_the_shell_completes_commands_and_options(words: str, completion: str) -> None:
    variables = {
        "_NEWSMILL_COMPLETE": "complete_bash",
        "COMP_WORDS": f"newsmill {words}",
        "COMP_CWORD": str(len(words.split())),
    }
    done = subprocess.run([NEWSMILL], capture_output=True, text=True, check=False, env=variables)
    assert completion in done.stdout.splitlines(), done.stderr


def test_a_misspelt_command_is_named_with_the_nearest_one() -> None:
    result = CliRunner().invoke(app, ["exprot"])
    assert result.exit_code == 2
    assert "'export'" in result.output
