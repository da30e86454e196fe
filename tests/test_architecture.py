"""What the documents and the folder say is what the code does."""

import ast
import json
import re
from itertools import chain
from pathlib import Path

import pytest
import yaml

from newsmill import settings_file
from shared.queues import ROUTES

ROOT = Path(__file__).parents[1]
KINDS = tuple(settings_file.GROUPS.values())
OURS = sorted(path for name in ("shared", "services", "newsmill") for path in (ROOT / name).rglob("*.py"))


def test_local_env_is_what_the_settings_say() -> None:
    assert settings_file.FILE.read_text() == settings_file.render(), "make docs writes it anew"


def test_every_setting_tells_what_it_is() -> None:
    assert [name for kind in KINDS for name, field in kind.model_fields.items() if not field.description] == []


@pytest.mark.parametrize("document", ["README.md", "CONTRIBUTING.md"])
def test_a_document_names_what_exists(document: str) -> None:
    text = (ROOT / document).read_text()
    paths = re.findall(r"`((?:services|shared|deploy|docs|tests|bench|newsmill)/[\w./*-]*)`", text)
    assert len(paths) > 4
    assert [path for path in paths if not list(ROOT.glob(path.rstrip("/")))] == []
    targets = set(re.findall(r"^([a-z-]+):", (ROOT / "Makefile").read_text(), re.MULTILINE))
    assert set(re.findall(r"(?:`|\$ )make ([a-z-]+)", text)) <= targets


def test_only_settings_read_the_environment() -> None:
    readers = [path.name for path in OURS if re.search(r"os\.(environ|getenv)", path.read_text())]
    assert readers == ["settings.py"]


# What services may share, and why (docs/adr/0012). What only one of them reads belongs to that one.
SHARED = {
    "contracts": "the messages",
    "queues.py": "where each message goes",
    "errors.py": "what a handler may raise",
    "stage.py": "the wrapper round every handler",
    "outcomes.py": "what becomes of each item of a stage",
    "stage_metrics.py": "what every stage counts; the scheduler watches the canary's beats",
    "brake.py": "when a stage pauses because too much of it is set aside",
    "dead.py": "what every stage sets aside",
    "deliveries.py": "how often each item was delivered",
    "later.py": "what waits: every stage opens, renews or closes custody",
    "hold.lua": "custody and what is sent in one step; later.py runs it",
    "pages.py": "the raw pages that messages point to",
    "query": "the language of queries: reader and courier mean the same by it",
    "addresses.py": "which addresses are public: fetcher and courier connect to no others",
    "rhythm.py": "when the next digest is due: the reader sets the first, the courier the others",
    "urls.py": "one canonical form of a URL",
    "discovery": "what a look at a site shows: parser, storage and reader, and the command line",
    "pace.py": "the limits of polls: storage keeps them, a look shows what they come to",
    "websub.py": "the callbacks and secrets of hubs: scheduler, fetcher and reader derive them alike",
    "clock.py": "one clock for all machines",
    "settings.py": "the only reader of the environment",
    "worker": "a service as a process",
    "database": "the schema: storage writes, scheduler, reader and courier read",
}


def test_shared_holds_what_is_named_here_and_nothing_else() -> None:
    rooms = {path.name for path in (ROOT / "shared").iterdir() if not path.name.startswith("__")}
    assert rooms == SHARED.keys()


def test_every_queue_is_consumed_by_exactly_one_service() -> None:
    consumed = [
        name
        for path in ROOT.glob("services/*/worker.py")
        for name in re.findall(r"queues=\[(\w+)\.queue\]", path.read_text())
    ]
    assert sorted(consumed) == sorted({"FETCH", "PARSE", "STORE"})
    assert {route.queue for route in ROUTES.values()} == {"fetch", "parse", "store"}


@pytest.mark.parametrize("path", OURS, ids=lambda path: str(path.relative_to(ROOT)))
def test_nothing_is_opened_at_import(path: Path) -> None:
    opening = {"connect", "make_engine", "from_url", "create_engine", "Celery", "Session"}
    for node in ast.parse(path.read_text()).body:
        for call in (child for child in ast.walk(node) if isinstance(child, ast.Call)):
            name = getattr(call.func, "id", getattr(call.func, "attr", ""))
            inside = isinstance(node, ast.FunctionDef | ast.ClassDef | ast.If)
            assert inside or name not in opening, f"{path}:{call.lineno}"


def declared_metrics() -> set[str]:
    text = "\n".join(path.read_text() for path in OURS)
    return set(re.findall(r'"(newsmill_[a-z_]+)"', text))


def test_the_dashboard_and_the_alerts_name_metrics_that_exist() -> None:
    dashboards = [json.loads(path.read_text()) for path in (ROOT / "deploy/grafana").rglob("*.json")]
    rules = yaml.safe_load((ROOT / "deploy/prometheus/alerts.yml").read_text())
    written = chain(
        (target["expr"] for board in dashboards for panel in board["panels"] for target in panel.get("targets", [])),
        (rule["expr"] for group in rules["groups"] for rule in group["rules"]),
    )
    named = {
        re.sub(r"_(bucket|sum|count)$", "", name) for expr in written for name in re.findall(r"newsmill_[a-z_]+", expr)
    }
    assert len(named) > 10
    assert named - declared_metrics() == set()
