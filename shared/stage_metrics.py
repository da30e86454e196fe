"""What the stages count, and the canary's last beat at each."""

from time import time

from prometheus_client import Counter, Gauge, Histogram

from shared.contracts import CANARY, AnyMessage, PageDropped

BUCKETS = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60)

ITEMS = Counter("newsmill_stage_items_total", "Items by their one outcome at a stage.", ["stage", "outcome", "reason"])
DURATION = Histogram("newsmill_stage_duration_seconds", "Time to handle one item.", ["stage"], buckets=BUCKETS)
IN_PROGRESS = Gauge("newsmill_stage_in_progress", "Items being handled now.", ["stage"], multiprocess_mode="livesum")
LAST_SUCCESS = Gauge(
    "newsmill_stage_last_success_timestamp_seconds",
    "When a stage last handled an item well.",
    ["stage"],
    multiprocess_mode="mostrecent",
)

HEARTBEAT = Gauge(
    "newsmill_heartbeat_last_seen_timestamp_seconds",
    "When the canary, our own page that goes through every minute, last left a stage.",
    ["stage"],
    multiprocess_mode="mostrecent",
)


def count(stage: str, outcome: str, reason: str, seconds: float) -> None:
    """Counts an item with its outcome and the time that it took."""
    ITEMS.labels(stage, outcome, reason).inc()
    DURATION.labels(stage).observe(seconds)
    if outcome != "dead":
        LAST_SUCCESS.labels(stage).set(time())


def beat(stage: str, message: AnyMessage) -> None:
    """Notes that the canary has left a stage, unless it has ended before its time."""
    if message.via == CANARY and not isinstance(message, PageDropped):
        HEARTBEAT.labels(stage).set(time())
