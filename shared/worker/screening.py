"""Sets aside what is no Celery message of ours before kombu or Celery acts on it, so that the worker goes on."""

import json
from collections.abc import Callable
from typing import Any

import structlog
from celery import Celery
from celery.utils.log import get_logger
from celery.worker.consumer import Consumer
from kombu.exceptions import ContentDisallowed, DecodeError
from kombu.transport import redis as kombu_redis

from shared.contracts import Reason
from shared.dead import DeadLetters, letter
from shared.worker.envelope import envelope_defect, task_defect

log = structlog.get_logger(__name__)
celery_log = get_logger(__name__)

# Of a message that cannot be read; the remainder helps nobody.
MAX_PAYLOAD_BYTES = 10_000
OUR_TASKS = "newsmill."


def screen(app: Celery, dead: DeadLetters) -> None:
    """Puts both screens before the consumer of an application: kombu's message, and Celery's task.

    kombu's popped text is looked at in the channel's client, since kombu decodes it before any hook (kombu#2421).
    """
    app.conf.worker_consumer = screening_consumer(app, dead)
    kombu_redis.Transport.Channel = screening_channel(dead)


def screening_channel(dead: DeadLetters) -> type[kombu_redis.Channel]:
    """A Redis channel of kombu to which a text that is no message counts as an empty queue, once it is set aside."""

    def readable(response: tuple[bytes, bytes] | None) -> tuple[bytes, bytes] | None:
        if response is None:
            return None
        key, raw = response
        if (defect := envelope_defect(raw)) is None:
            return response
        set_aside(dead, key.split(b"\x06")[0].decode(errors="replace"), defect, raw)
        return None

    class ScreeningChannel(kombu_redis.Channel):
        def _get_client(self) -> type[Any]:
            base: Any = super()._get_client()  # type: ignore[no-untyped-call]

            class Client(base):  # type: ignore[misc] # kombu publishes no types here
                def parse_response(self, connection: Any, command_name: str, **options: Any) -> Any:
                    response = super().parse_response(connection, command_name, **options)
                    return readable(response) if command_name == "BRPOP" else response

            return Client

    return ScreeningChannel


def screening_consumer(app: Celery, dead: DeadLetters) -> type[Consumer]:
    """A Celery consumer that acknowledges and sets aside a message that is no task of this application."""

    def defect(message: Any) -> str | None:
        try:
            payload = message.payload
        except (DecodeError, ContentDisallowed) as error:
            return str(error)
        return task_defect(message.headers, payload, {name for name in app.tasks if name.startswith(OUR_TASKS)})

    class ScreeningConsumer(Consumer):  # type: ignore[misc] # as above
        def create_task_handler(self, *args: Any, **options: Any) -> Callable[[Any], None]:
            handle = super().create_task_handler(*args, **options)

            def on_message(message: Any) -> None:
                if (reason := defect(message)) is None:
                    handle(message)
                    return
                queue = message.delivery_info.get("routing_key", "")
                set_aside(dead, queue, reason, json.dumps(message._raw).encode())  # noqa: SLF001 - kombu keeps it there
                message.ack_log_error(celery_log, self.connection_errors)

            return on_message

    return ScreeningConsumer


def set_aside(dead: DeadLetters, queue: str, defect: str, raw: bytes) -> None:
    """Keeps a text that lay in a queue as a dead letter of that queue's stage."""
    text = raw[:MAX_PAYLOAD_BYTES].decode(errors="replace")
    dead.set_aside(letter(queue, Reason.MALFORMED.value, f"no Celery message: {defect}", text))
    log.error("set aside", stage=queue, cause=Reason.MALFORMED.value, detail=defect[:200])
