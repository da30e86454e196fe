"""What a running system shows: a live view on a terminal, plain lines elsewhere, and the summary at the end."""

from collections import deque
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from time import monotonic
from typing import Any

import requests
from prometheus_client.parser import text_string_to_metric_families
from redis import Redis
from rich.console import Group
from rich.panel import Panel
from rich.table import Table
from rich.text import Text
from sqlalchemy import Engine, func, select
from sqlmodel import Session, col

from newsmill.local.layout import Layout
from shared.database.models import Article, Headline, Page
from shared.dead import DeadLetters
from shared.later import Later
from shared.queues import QUEUES, TRIGGER_LANES, TRIGGERS, queue_keys
from shared.worker.pressure import paused

STAGES = {"fetch": "fetcher", "parse": "parser", "store": "storage"}
LAST = 8


@dataclass(frozen=True)
class Snapshot:
    """The system at a moment: lengths, totals, and the items each stage has handled since it started."""

    at: float
    queues: Mapping[str, int]
    triggers: int
    custody: int
    parked: int
    dead: int
    paused: Mapping[str, Sequence[str]]
    handled: Mapping[str, float]
    pages: Mapping[str, int]
    articles: int
    headlines: int
    latest: tuple[tuple[str, str], ...]
    errors: tuple[str, ...]

    @property
    def idle(self) -> bool:
        """Whether everything that was triggered has its disposition."""
        return not self.triggers and not self.custody and not self.parked and not any(self.queues.values())

    def summary(self) -> dict[str, Any]:
        """The totals, as `--json` prints them."""
        return {
            "articles": self.articles, "headlines": self.headlines, "pages": dict(self.pages),
            "dead_letters": self.dead, "idle": self.idle,
        }  # fmt: skip


class Watch:
    """Looks at a running system. Reads the same metrics, queues and tables that anybody can."""

    def __init__(self, layout: Layout, redis: "Redis", engine: Engine) -> None:
        self._layout = layout
        self._redis = redis
        self._later = Later(redis)
        self._dead = DeadLetters(redis)
        self._engine = engine

    def look(self) -> Snapshot:
        """The system as it is now."""
        counts = self._later.counts()
        with Session(self._engine) as session:
            by_end = session.execute(select(col(Page.disposition), func.count()).group_by(col(Page.disposition)))
            newest = select(Headline).order_by(col(Headline.id).desc()).limit(LAST)
            return Snapshot(
                at=monotonic(),
                queues={queue: sum(self._redis.llen(key) for key in queue_keys(queue)) for queue in QUEUES},
                triggers=sum(self._redis.xlen(stream) for stream in (TRIGGERS, *TRIGGER_LANES)),
                custody=counts["custody"],
                parked=counts["parked"],
                dead=sum(self._dead.counts().values()),
                paused=paused(self._redis),
                handled={stage: self._handled(stage) for stage in STAGES},
                pages={end or "under-way": number for end, number in by_end},
                articles=session.scalar(select(func.count()).select_from(Article)) or 0,
                headlines=session.scalar(select(func.count()).select_from(Headline)) or 0,
                latest=tuple((row.language or "", row.text) for row in session.scalars(newest)),
                errors=tuple(
                    f"{letter.stage}: {letter.last.cause}: {letter.last.detail}" for letter in self._dead.newest(3)
                ),
            )

    def _handled(self, stage: str) -> float:
        try:
            text = requests.get(self._layout.metrics_url(STAGES[stage]) + "/metrics", timeout=2).text
        except requests.RequestException:
            return 0.0
        return sum(
            sample.value
            for family in text_string_to_metric_families(text)
            for sample in family.samples
            if sample.name == "newsmill_stage_items_total" and sample.labels.get("stage") == stage
        )


@dataclass
class Rates:
    """Items a second by stage, over the last few looks."""

    looks: deque[Snapshot] = field(default_factory=lambda: deque(maxlen=5))

    def add(self, snapshot: Snapshot) -> dict[str, float]:
        """The rates with this look."""
        self.looks.append(snapshot)
        first = self.looks[0]
        seconds = max(snapshot.at - first.at, 1e-9)
        return {stage: max(0.0, (snapshot.handled[stage] - first.handled[stage]) / seconds) for stage in STAGES}


def screen(snapshot: Snapshot, rates: Mapping[str, float], layout: Layout) -> Group:
    """The live view."""
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
    latest = Text("\n".join(f"{language:>3}  {text}" for language, text in snapshot.latest) or "none yet")
    errors = Text("\n".join(snapshot.errors) or "none", style="red" if snapshot.errors else "dim")
    where = Text(
        f"reader {layout.reader_url} · metrics {layout.metrics_url('scheduler')}/metrics · Ctrl-C stops", "dim"
    )
    return Group(
        Panel(path, title="Newsmill"), Text(totals), Panel(latest, title="latest headlines"),
        Panel(errors, title="errors"), where,
    )  # fmt: skip


def line(snapshot: Snapshot, rates: Mapping[str, float]) -> str:
    """The same in a line, for a log."""
    stages = " ".join(
        f"{stage}{' PAUSED' if stage in snapshot.paused else ''} {snapshot.queues[stage]} waiting {rates[stage]:.1f}/s"
        for stage in STAGES
    )
    return (
        f"{stages} | {snapshot.articles} articles {snapshot.headlines} headlines "
        f"{snapshot.custody} under way {snapshot.parked} parked {snapshot.dead} dead"
    )
