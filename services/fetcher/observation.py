"""What is counted and shown of each request."""

from typing import NamedTuple

from prometheus_client import Counter, Histogram
from requests import Response

from services.fetcher.answer.status import OVERLOADED, retry_after
from services.fetcher.politeness.turn import Turn
from services.fetcher.wire.web import Exchange

RESPONSES = Counter("newsmill_fetch_responses_total", "Answers of servers, by class of status.", ["class"])
PHASES = Histogram(
    "newsmill_fetch_phase_seconds", "Where the time of a request goes.", ["phase"],
    buckets=(0.01, 0.03, 0.1, 0.3, 1, 3, 10, 30, 60),
)  # fmt: skip
# Looked up once: a label costs as much as the observation.
_PHASE = {phase: PHASES.labels(phase) for phase in ("dns", "connect", "tls", "turn", "first_byte", "whole")}


class Step(NamedTuple):
    """One request and what came of it: a `status`, or the `error` that kept it from one."""

    url: str
    status: int | None
    error: str | None
    location: str | None
    wait_seconds: float | None
    exchange: Exchange


def report_to_host(turn: Turn, answer: Response) -> None:
    """Tells a turn what the head of an answer says of its host."""
    if answer.status_code in OVERLOADED:
        turn.overload(0, retry_after(answer))
    elif answer.status_code >= 500:
        turn.failure()
    else:
        turn.answer(0, ok=answer.ok)


def count(exchange: Exchange, turn: Turn, status: int | None) -> None:
    """Counts a request by the class of its answer, and observes the seconds of its parts."""
    RESPONSES.labels(f"{status // 100}xx" if status else "error").inc()
    phases = {"dns": exchange.dns, "connect": exchange.connect, "tls": exchange.tls, "turn": turn.wait_seconds}
    phases |= {"first_byte": exchange.first_byte, "whole": turn.seconds or None}
    for phase, seconds in phases.items():
        if seconds is not None:
            _PHASE[phase].observe(seconds)
