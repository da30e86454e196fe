"""Looks at sites that persons may add: what their pages showed is kept in Redis for an hour, and nothing of it in the database."""

import json
from collections.abc import Iterable, Sequence

from redis import Redis

from shared.contracts import LOOK, Message, PageDropped, PageSeen, encode
from shared.discovery.looks import KEPT_SECONDS, LIMITS, look_key
from shared.pace import Limits
from shared.pages import Pages


def part(messages: Iterable[Message]) -> tuple[list[PageSeen | PageDropped], list[Message]]:
    """Returns the messages that belong to looks, and those about news."""
    looks: list[PageSeen | PageDropped] = []
    news: list[Message] = []
    for message in messages:
        if message.via == LOOK and isinstance(message, PageSeen | PageDropped):
            looks.append(message)
        else:
            news.append(message)
    return looks, news


def keep(redis: "Redis", pages: Pages, messages: Sequence[PageSeen | PageDropped], limits: Limits) -> None:
    """Keeps what pages of looks showed or how they ended, with the limits of polls, and discards their raw pages."""
    if not messages:
        return
    with redis.pipeline(transaction=True) as pipe:
        for message in messages:
            key = look_key(message)
            pipe.hset(key, mapping={message.trace_id: json.dumps(encode(message)), LIMITS: json.dumps(limits)})
            pipe.expire(key, KEPT_SECONDS)
        pipe.execute()
    pages.discard(*{message.page.key for message in messages if message.page})
