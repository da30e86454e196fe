"""The state of a site as lines for a person: its condition, what is wrong, and the figures."""

from collections.abc import Iterator, Mapping
from typing import Any

from newsmill.sites.alerts import evidence_line
from shared.pace import duration


def state_lines(state: Mapping[str, Any]) -> Iterator[str]:
    """Yields the state of a site, or of a channel that stands by itself, in lines."""
    wall = f", its last look ended with {state['wall']}" if state["wall"] else ""
    yield f"  {state['condition']}{wall}"
    for alert in state["alerts"]:
        yield f"    {alert['kind']} since {alert['since'][:16]}: {alert['cause']}"
        yield f"      {evidence_line(alert['evidence'])}"
    yield from _figure_lines(state["figures"])


def _figure_lines(figures: Mapping[str, Any]) -> Iterator[str]:
    a_day, complete = figures["articles_a_day"], figures["completeness"]
    newest = figures["last_article_at"]
    yield f"  newest article {newest[:16] if newest else 'none'}; stored on the last 30 days: {' '.join(map(str, a_day))}"
    expected = f", {figures['expected']:g} expected" if figures["expected"] is not None else ""
    yield (
        f"  in 24 hours {complete['listed']} stories listed{expected}: {complete['stored']} stored, "
        f"{complete['dropped']} dropped, {complete['under_way']} under way"
    )
    if figures["freshness_seconds"] is not None:
        yield f"  stored {duration(figures['freshness_seconds'])} after publication (median)"
    if figures["fields"]:
        fields = ", ".join(f"{name} {share:.0%}" for name, share in figures["fields"].items())
        yield f"  of its {figures['sample']} newest articles have: {fields}"
    answers = ", ".join(f"{name} {number}" for name, number in figures["answers"].items() if number)
    yield f"  answers in 24 hours: {answers or 'none asked'}"
