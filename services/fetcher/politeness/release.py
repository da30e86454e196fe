"""Gives back to the fetch queue what waited for its host, when the host's turn comes."""

from threading import Event

import structlog
from redis.exceptions import RedisError

from services.fetcher.politeness.turns import Politeness
from shared.dead import DeadLetters
from shared.errors import Unavailable
from shared.later import Later
from shared.stage import Sender

log = structlog.get_logger(__name__)

# Between two looks; turns are handed out PATIENCE ahead, so this delays nobody.
LOOK_SECONDS = 0.25
BATCH = 200


class Releaser:
    """Every fetcher runs a releaser, and any number may run: no two of them get the same message.

    Args:
        politeness: hands out the turns.
        later: where the messages are kept until they are sent.
        dead: for what cannot be read.
        send: takes them to their queue.
    """

    def __init__(self, politeness: Politeness, later: Later, dead: DeadLetters, send: Sender) -> None:
        self._politeness = politeness
        self._later = later
        self._dead = dead
        self._send = send

    def run(self, stopped: Event) -> None:
        """Releases until `stopped` is set; what Redis refuses meanwhile is tried again."""
        while not stopped.wait(LOOK_SECONDS):
            try:
                while self.release() == BATCH:
                    pass
            except (RedisError, Unavailable) as error:
                log.warning("turns cannot be handed out", error=str(error))

    def release(self) -> int:
        """Sends the messages whose turn comes; returns how many."""
        items = self._politeness.release(BATCH)
        messages = self._dead.readable("fetch", items)
        # A turn that waits in the queue passes.
        self._send(messages, at_once=True)
        self._later.sent(message.trace_id for message in messages)
        return len(items)
