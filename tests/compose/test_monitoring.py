"""The dashboard and the alerts name what exists. Reads files only; needs no Docker."""

import json
import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
DEPLOY = ROOT / "deploy"
DASHBOARD = json.loads((DEPLOY / "grafana/dashboards/newsmill.json").read_text(encoding="utf-8"))
ALERTS = (DEPLOY / "prometheus/alerts.yml").read_text(encoding="utf-8")
EXPRESSIONS = [target["expr"] for panel in DASHBOARD["panels"] for target in panel["targets"]]


def metrics_in(text: str) -> set[str]:
    return {re.sub(r"_(bucket|sum|count)$", "", name) for name in re.findall(r"\bnewsmill_\w+", text)}


@pytest.fixture(scope="module")
def exported() -> set[str]:
    sources = [*ROOT.glob("shared/*.py"), *ROOT.glob("services/**/*.py")]
    return {name for path in sources for name in re.findall(r'"(newsmill_\w+)"', path.read_text(encoding="utf-8"))}


@pytest.mark.parametrize("expression", [*EXPRESSIONS, ALERTS], ids=[*map(str, range(len(EXPRESSIONS))), "alerts"])
def test_every_metric_that_is_looked_at_is_exported(exported, expression):
    assert metrics_in(expression) <= exported


def test_dashboard_asks_the_provisioned_datasource():
    provisioned = (DEPLOY / "grafana/provisioning/datasources/prometheus.yml").read_text(encoding="utf-8")
    uids = {panel["datasource"]["uid"] for panel in DASHBOARD["panels"]}
    assert uids == set(re.findall(r"uid: (\S+)", provisioned))


def test_every_alert_has_a_runbook():
    runbooks = {
        line[4:].strip().lower() for line in (DEPLOY / "README.md").read_text().splitlines() if line[:4] == "### "
    }
    anchors = re.findall(r"runbook: deploy/README\.md#(\w+)", ALERTS)
    assert anchors == [name.lower() for name in re.findall(r"alert: (\w+)", ALERTS)]
    assert set(anchors) <= runbooks
