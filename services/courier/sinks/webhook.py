"""A webhook: each event as a signed POST of a CloudEvent, one after the other."""

import json
from collections.abc import Collection, Sequence
from fnmatch import fnmatchcase

import structlog

from services.courier.loop import LeaveAlone
from services.courier.webhooks import Target, post
from shared.addresses import Network
from shared.contracts import now_utc
from shared.database.event_log import LoggedEvent, cloud_event
from shared.errors import Unavailable

log = structlog.get_logger(__name__)

MEDIA_TYPE = "application/cloudevents+json"
# After 410: the receiver wants no more. It is asked again now and then, because events are kept for it.
GONE_SECONDS = 3600.0


class Webhook:
    """Sends events to a receiver.

    Args:
        target: the receiver.
        types: patterns of the types that it gets, as `article.*`; all if there are none.
        timeout: seconds for each exchange.
        networks: private networks that the receiver may be in.
    """

    def __init__(self, target: Target, types: Sequence[str], timeout: float, networks: Collection[Network]) -> None:
        self._target, self._types = target, types
        self._timeout, self._networks = timeout, networks

    def send(self, events: Sequence[LoggedEvent]) -> None:
        """Sends events, in order.

        Raises:
            LeaveAlone: the receiver answered 410, or for how long it wants to be left alone.
            Unavailable: it did not take an event.
        """
        for event in events:
            if not self._types or any(fnmatchcase(event.type, pattern) for pattern in self._types):
                self._send(event)

    def _send(self, event: LoggedEvent) -> None:
        body = json.dumps(cloud_event(event), ensure_ascii=False).encode()
        answer = post(
            self._target, event.id, body, moment=now_utc(), timeout=self._timeout, networks=self._networks, media_type=MEDIA_TYPE,
        )  # fmt: skip
        if answer.outcome == "gone":
            log.error("the webhook's receiver wants no more: take NEWSMILL_EVENTS_WEBHOOK_URL away or correct it")
            raise LeaveAlone(answer.detail, GONE_SECONDS)
        if answer.outcome == "retry":
            if answer.retry_after:
                raise LeaveAlone(answer.detail, min(answer.retry_after, GONE_SECONDS))
            raise Unavailable(answer.detail)
