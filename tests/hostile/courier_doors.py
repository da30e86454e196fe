"""The doors of the courier: answers of receivers, URLs of receivers, rows of the log of events."""

import contextlib
import json
from datetime import UTC, datetime
from http.client import HTTPException, HTTPResponse
from typing import Any, cast

from pydantic import ValidationError

from services.courier.watches.apprise_process import without_secrets
from services.courier.watches.candidates import _of_alert
from services.courier.watches.matching import ALERTS
from services.courier.webhooks import _answer
from services.reader.queries.watch_changes import NewReceiver
from shared.database.event_log import LoggedEvent, cloud_event
from shared.database.receivers import address
from tests.hostile.canned import CannedSocket
from tests.hostile.door import Door
from tests.hostile.words import HEAD_WORDS, JSON_WORDS, URL_WORDS

NOW = datetime(2026, 1, 1, tzinfo=UTC)
ANSWERS = tuple(
    b"HTTP/1.1 %b\r\n\r\nas you wish" % head
    for head in (
        b"204 No Content", b"410 Gone", b"503 Busy\r\nRetry-After: 90", b"307 Elsewhere\r\nLocation: http://127.0.0.1/",
        b"429 Slowly\r\nRetry-After: Thu, 01 Jan 2026 10:05:00 GMT", b"100 Go on\r\n\r\nHTTP/1.1 200 OK",
        b"200 OK\r\nTransfer-Encoding: chunked",
    )
)  # fmt: skip
ALERT = {"subject": "site:0", "name": "Gazette", "cause": "no feed answers", "site_key": "0" * 32}


def take_webhook_answer(data: bytes) -> None:
    """What a receiver answers is an outcome, or a failure of the connection."""
    with contextlib.suppress(OSError, HTTPException):
        response = HTTPResponse(cast("Any", CannedSocket(data)), method="POST")
        response.begin()
        answer = _answer(response, NOW)
        assert answer.outcome in {"delivered", "retry", "gone"}
        assert answer.retry_after is None or 0 <= answer.retry_after < float("inf")


def take_receiver(data: bytes) -> None:
    """A URL of a receiver is refused, or shown without its secrets."""
    text = data.decode(errors="replace")
    with contextlib.suppress(ValidationError):
        receiver = NewReceiver.model_validate({"url": text})
        assert address(receiver.kind, receiver.url.get_secret_value())
        assert isinstance(without_secrets(text, text), str)


def take_event(data: bytes) -> None:
    """An alert as a site can make its names and causes: it is written as JSON, and compared with watches."""
    try:
        fields = json.loads(data)
        json.dumps(fields, ensure_ascii=False).encode()
    except (ValueError, RecursionError):
        return
    event = LoggedEvent(
        1, "id", min(ALERTS), "https://gazette.example/", NOW, ALERT | (fields if isinstance(fields, dict) else {})
    )
    assert json.dumps(cloud_event(event), ensure_ascii=False).encode()
    assert _of_alert(event, None).title


COURIER_DOORS = {
    "webhook-answer": Door(take_webhook_answer, ANSWERS, HEAD_WORDS),
    "receiver": Door(take_receiver, (b"https://user:word@hook.example/a?b=c", b"mailto://user:word@mail.example?to=a@b.example", b"tgram://1:a/2"), URL_WORDS),
    "event": Door(take_event, (json.dumps(ALERT).encode(),), JSON_WORDS),
}  # fmt: skip
