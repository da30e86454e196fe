"""Where each message goes: the architecture in a table."""

from collections.abc import Iterable, Iterator
from typing import NamedTuple

from shared.contracts import (
    ArticleParsed,
    ChannelChanged,
    FetchRequested,
    HeadlinesParsed,
    ImageFetched,
    ImageJudged,
    ImageReported,
    Message,
    PageDropped,
    PageFetched,
    PageSeen,
    SiteChanged,
    SiteDeclared,
    SiteInspected,
    SourceDeclared,
    SubscriptionAnswered,
    SubscriptionRequested,
)


class Route(NamedTuple):
    """A Celery queue and task name, and how many messages one Celery message may carry.

    Celery costs 2-3 ms of CPU a message, so several items share one. A fetch waits for the slowest of its
    list before it is acknowledged and a store is one transaction, hence the different lengths.
    """

    queue: str
    task: str
    batch: int


FETCH = Route("fetch", "newsmill.fetch", 10)
PARSE = Route("parse", "newsmill.parse", 10)
STORE = Route("store", "newsmill.store", 50)

ROUTES: dict[type[Message], Route] = {
    FetchRequested: FETCH,
    PageFetched: PARSE,
    ArticleParsed: STORE,
    HeadlinesParsed: STORE,
    PageDropped: STORE,
    PageSeen: STORE,
    SourceDeclared: STORE,
    SiteDeclared: STORE,
    SiteInspected: STORE,
    SiteChanged: STORE,
    ChannelChanged: STORE,
    SubscriptionRequested: FETCH,
    SubscriptionAnswered: STORE,
    ImageReported: STORE,
    ImageFetched: STORE,
    ImageJudged: STORE,
}

# The scheduler's own ticks, sent by Celery beat; no pipeline message travels here.
SCHEDULE_QUEUE = "schedule"
QUEUES = ("fetch", "parse", "store")

# Redis keys that people and programs outside may use.
TRIGGERS = "newsmill:triggers"
# Triggers that wait for room, a stream a priority, 0 to 9.
TRIGGER_LANES = tuple(f"{TRIGGERS}:{priority}" for priority in range(10))
EVENTS = "newsmill:events"
# The channel on which storage says, after a commit, that there is something new.
STORED = "newsmill:stored"
# What is wrong with the file of sources, as text; no key while it is right.
SOURCES_ERROR = "newsmill:sources:error"

# One Redis list a priority, all ten, so that 0-9 is honoured and not rounded to four steps (Kombu's default).
PRIORITY_STEPS = tuple(range(10))


MOST_URGENT = 9


def celery_priority(priority: int) -> int:
    """Ours runs from 0 (whenever) to 9 (at once); on Redis, Celery takes 0 first."""
    return MOST_URGENT - priority


def queue_keys(queue: str) -> list[str]:
    """The Redis lists behind a Celery queue, most urgent first (kombu.transport.redis, `_q_for_pri`)."""
    return [queue if step == 0 else f"{queue}\x06\x16{step}" for step in PRIORITY_STEPS]


def batches(messages: Iterable[Message]) -> Iterator[tuple[Route, int, list[Message]]]:
    """Messages grouped into what one Celery message each may carry: (route, priority, items), in order.

    Neighbours of one trace stay together, though the list grows longer by it: an article and the headlines beside it
    come or are lost as one, and the custody of their trace with them.
    """
    groups: dict[tuple[Route, int], list[Message]] = {}
    for message in messages:
        groups.setdefault((ROUTES[type(message)], message.priority), []).append(message)
    for (route, priority), items in groups.items():
        batch: list[Message] = []
        for message in items:
            if len(batch) >= route.batch and message.trace_id != batch[-1].trace_id:
                yield route, priority, batch
                batch = []
            batch.append(message)
        yield route, priority, batch
