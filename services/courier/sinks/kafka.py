"""Kafka: each event a message of one topic, with its subject as key, so that what concerns a URL stays in order."""

import json
from collections.abc import Sequence
from typing import Any

from confluent_kafka import KafkaException, Producer

from shared.database.event_log import LoggedEvent, cloud_event
from shared.errors import Unavailable

TIMEOUT_SECONDS = 30
CONTENT_TYPE = ("content-type", b"application/cloudevents+json")


class Kafka:
    """Produces events and waits until all in-sync brokers have them.

    Args:
        servers: some of the brokers, as `kafka-1:9092,kafka-2:9092`.
        topic: of the messages.
    """

    def __init__(self, servers: str, topic: str) -> None:
        self._topic = topic
        self._producer = Producer(
            {
                "bootstrap.servers": servers, "enable.idempotence": True, "message.timeout.ms": TIMEOUT_SECONDS * 1000,
                "compression.type": "gzip", "client.id": "newsmill", "logger": None,
            }
        )  # fmt: skip

    def send(self, events: Sequence[LoggedEvent]) -> None:
        """Raises Unavailable: the brokers did not take all of them; they are sent again, with the same ids."""
        failures: list[str] = []

        def note(error: Any, _message: Any) -> None:
            if error is not None:
                failures.append(str(error))

        try:
            for event in events:
                body = json.dumps(cloud_event(event), ensure_ascii=False).encode()
                headers: list[tuple[str, str | bytes | None]] = [CONTENT_TYPE, ("ce_id", event.id.encode())]
                self._producer.produce(self._topic, body, event.subject.encode(), headers=headers, on_delivery=note)
            remainder = self._producer.flush(TIMEOUT_SECONDS + 5)
        except (KafkaException, BufferError) as error:
            raise Unavailable(f"Kafka: {error}") from error
        if remainder or failures:
            raise Unavailable(f"Kafka: {len(failures) + remainder} of {len(events)} events not taken: {failures[:1]}")
