"""Alerts as lines for people."""

from collections.abc import Iterator, Mapping
from typing import Any


def alert_lines(report: Mapping[str, Any]) -> Iterator[str]:
    """Yields open alerts in lines, each with its evidence and its likely cause."""
    if not report["alerts"]:
        yield "no open alert: nothing is silent, fails or has changed"
    for alert in report["alerts"]:
        place = f"  {alert['url']}" if alert["url"] else ""
        yield f"{alert['kind'].replace('-', ' '):<15} since {alert['since'][:16]}  {alert['name']}{place}"
        yield f"                {alert['cause']}"
        yield f"                {evidence_line(alert['evidence'])}"


def evidence_line(evidence: Mapping[str, Any]) -> str:
    """Returns the evidence of an alert in a line."""
    return "; ".join(f"{name.replace('_', ' ')}: {_value(value)}" for name, value in evidence.items())


def _value(value: Any) -> str:
    if isinstance(value, dict):
        return ", ".join(f"{name.replace('_', ' ')} {_value(part)}" for name, part in value.items())
    return str(value)
