"""NATS JetStream, which acknowledges what it keeps and drops what it has had by its id."""

import asyncio
import json
from collections.abc import Sequence

from nats import connect
from nats.errors import Error
from nats.js import JetStreamContext
from nats.js.errors import NotFoundError

from shared.database.event_log import LoggedEvent, cloud_event
from shared.errors import Unavailable

STREAM = "NEWSMILL"
TIMEOUT_SECONDS = 10


class Nats:
    """Publishes each event under `SUBJECT.TYPE`, as `newsmill.article.stored`; makes the stream where there is none.

    Args:
        url: of the server, with user and password or token where it wants them.
        subject: the first part of the subjects.
    """

    def __init__(self, url: str, subject: str) -> None:
        self._url, self._subject = url, subject

    def send(self, events: Sequence[LoggedEvent]) -> None:
        """Raises Unavailable: the server is away or does not keep the events."""
        try:
            asyncio.run(self._send(events))
        except (Error, TimeoutError) as error:
            raise Unavailable(f"NATS: {str(error) or type(error).__name__}") from error

    async def _send(self, events: Sequence[LoggedEvent]) -> None:
        client = await connect(
            self._url,
            connect_timeout=TIMEOUT_SECONDS,
            allow_reconnect=False,
            max_reconnect_attempts=1,
            error_cb=_nothing,
        )
        try:
            stream = client.jetstream(timeout=TIMEOUT_SECONDS)
            await self._make(stream)
            for event in events:
                body = json.dumps(cloud_event(event), ensure_ascii=False).encode()
                await stream.publish(f"{self._subject}.{event.type}", body, headers={"Nats-Msg-Id": event.id})
        finally:
            await client.close()

    async def _make(self, stream: JetStreamContext) -> None:
        try:
            await stream.find_stream_name_by_subject(f"{self._subject}.>")
        except NotFoundError:
            await stream.add_stream(name=STREAM, subjects=[f"{self._subject}.>"])


async def _nothing(_error: Exception) -> None:
    """The client reports here what it raises as well."""
