"""What a running system shows: a live view on a terminal, plain lines elsewhere."""

from collections import deque
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from rich.console import Group
from rich.panel import Panel
from rich.table import Table
from rich.text import Text

from newsmill.local.layout import Layout
from newsmill.local.watch import STAGES, Snapshot
from newsmill.output import visible


@dataclass
class Rates:
    """Items a second by stage, over the last few snapshots."""

    snapshots: deque[Snapshot] = field(default_factory=lambda: deque(maxlen=5))

    def add(self, snapshot: Snapshot) -> dict[str, float]:
        """Adds a snapshot and returns the rates."""
        self.snapshots.append(snapshot)
        first = self.snapshots[0]
        seconds = max(snapshot.at - first.at, 1e-9)
        return {stage: max(0.0, (snapshot.handled[stage] - first.handled[stage]) / seconds) for stage in STAGES}


def screen(snapshot: Snapshot, rates: Mapping[str, float], layout: Layout) -> Group:
    """Returns the live view of a snapshot."""
    path = Table(expand=True, box=None)
    for title in ("stage", "waiting", "a second", "in all"):
        path.add_column(title, justify="left" if title == "stage" else "right")
    for stage in STAGES:
        row = (str(snapshot.queues[stage]), f"{rates[stage]:.1f}", f"{snapshot.handled[stage]:.0f}")
        path.add_row(f"{stage} (paused: {pauses[0]})" if (pauses := snapshot.paused.get(stage)) else stage, *row)
    totals = (
        f"{snapshot.articles} articles · {snapshot.headlines} headlines · {snapshot.custody} under way · "
        f"{snapshot.parked} parked · {snapshot.dead} dead letters"
    )
    latest = Text(visible("\n".join(f"{language:>3}  {text}" for language, text in snapshot.latest)) or "none yet")
    problems = (*_problems(snapshot), *snapshot.errors)
    errors = Text(visible("\n".join(problems)) or "none", style="red" if problems else "dim")
    where = Text(
        f"reader {layout.reader_url} · metrics {layout.metrics_url('scheduler')}/metrics · Ctrl-C stops", "dim"
    )
    return Group(
        Panel(path, title="Newsmill"), Text(totals), Panel(latest, title="latest headlines"),
        Panel(errors, title="errors"), where,
    )  # fmt: skip


def line(snapshot: Snapshot, rates: Mapping[str, float]) -> str:
    """Returns a snapshot as a line, for a log."""
    stages = " ".join(
        f"{stage}{' PAUSED' if stage in snapshot.paused else ''} {snapshot.queues[stage]} waiting {rates[stage]:.1f}/s"
        for stage in STAGES
    )
    return (
        f"{stages} | {snapshot.articles} articles {snapshot.headlines} headlines "
        f"{snapshot.custody} under way {snapshot.parked} parked {snapshot.dead} dead"
        + "".join(f" | {problem}" for problem in _problems(snapshot))
    )


def _problems(snapshot: Snapshot) -> Iterator[str]:
    yield from (f"not known now: {problem}" for problem in snapshot.unknown)
    if snapshot.sources_error:
        yield f"the sources stay as they were: {snapshot.sources_error}"
