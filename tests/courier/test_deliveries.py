"""What waits is sent: to a real receiver that fails, hangs, wants no more and comes back."""

import json
import time
from collections.abc import Callable
from datetime import timedelta
from threading import Event as Flag

import pytest
from sqlalchemy import select
from standardwebhooks import Webhook

from services.courier.settings import CourierSettings
from services.courier.watches.deliveries import Deliveries
from services.courier.watches.digests import Digests
from services.courier.watches.metrics import WatchCollector
from services.courier.watches.outcomes import Patience
from services.courier.watches.telling import senders
from services.courier.webhooks import Answer
from shared.contracts import now_utc
from shared.database.engine import transaction
from shared.database.models import Delivery, Receiver, Watch
from tests.courier.conftest import Receiver as Server
from tests.courier.news import SECRET, add_watch, deliveries, match_all, only_receiver, store

WITHIN_SECONDS = 30
SHORT = timedelta(milliseconds=1)
SETTINGS = CourierSettings(courier_allow_networks="127.0.0.0/8", watch_timeout_seconds=1)


def sending(engine, *, threads=4, patience=None, **senders_) -> Deliveries:
    return Deliveries(
        engine, senders_ or senders(SETTINGS), patience or Patience(timedelta(days=3), [SHORT] * 5),
        threads=threads, lease=timedelta(seconds=30), ring=lambda: None,
    )  # fmt: skip


def until(condition: Callable[[], object], step: Callable[[], object] = lambda: None) -> None:
    deadline = time.monotonic() + WITHIN_SECONDS
    while not condition():
        assert time.monotonic() < deadline
        step()
        time.sleep(0.01)


def states(engine) -> list[str]:
    return [delivery.state for delivery in deliveries(engine)]


def tell(engine, redis, receiver: Server, *titles: str) -> None:
    add_watch(engine, "ferry", {"url": receiver.url})
    for title in titles:
        store(engine, title)
    match_all(engine, redis)


def test_a_match_arrives_signed(engine, redis, receiver):
    tell(engine, redis, receiver, "Ferry one")
    sender = sending(engine)
    until(lambda: states(engine) == ["delivered"], sender.step)
    [request] = receiver.requests
    payload = Webhook(SECRET).verify(request.body, request.headers)
    assert payload["type"] == "watch.matched"
    assert payload["data"]["title"] == "Ferry one"
    [delivery] = deliveries(engine)
    assert (delivery.attempts, delivery.status, delivery.error) == (1, 204, None)


def test_what_waits_and_who_is_told_is_measured(engine, redis, receiver):
    assert measures(engine) == {"oldest": 0.0, "active": 0, "disabled": 0}
    tell(engine, redis, receiver, "Ferry one")
    waiting = measures(engine)
    assert waiting["oldest"] > 0
    assert (waiting["active"], waiting["disabled"]) == (1, 0)
    with transaction(engine) as session:
        session.scalars(select(Receiver)).one().state = "disabled"
    assert measures(engine)["disabled"] == 1


def measures(engine) -> dict[str, float]:
    samples = [sample for family in WatchCollector(engine).collect() for sample in family.samples]
    return {sample.labels.get("state", "oldest"): sample.value for sample in samples}


def test_a_receiver_that_fails_hangs_and_comes_back_has_the_same_message_each_time(engine, redis, receiver):
    receiver.behaviours.extend([500, "hang", "close", 302])
    tell(engine, redis, receiver, "Ferry one")
    sender = sending(engine)
    until(lambda: states(engine) == ["delivered"], sender.step)
    assert len(receiver.requests) == 5
    assert len({request.headers["webhook-id"] for request in receiver.requests}) == 1
    assert len({request.body for request in receiver.requests}) == 1
    for request in receiver.requests:
        Webhook(SECRET).verify(request.body, request.headers)
    [delivery] = deliveries(engine)
    assert (delivery.attempts, delivery.status) == (5, 204)
    assert (only_receiver(engine).failures, only_receiver(engine).failing_since) == (0, None)


def test_a_receiver_that_answers_410_is_told_no_more_and_the_others_are_told_why(engine, redis, receiver):
    receiver.behaviours.append(410)
    with Server() as other:
        add_watch(engine, "ferry", {"url": receiver.url}, {"url": other.url})
        for title in ("Ferry one", "Ferry two"):
            store(engine, title)
        match_all(engine, redis)
        sender = sending(engine, threads=1)
        until(lambda: "waiting" not in states(engine), sender.step)
        told = [json.loads(request.body) for request in other.requests]
    assert len(receiver.requests) == 1
    assert sorted(states(engine)) == ["delivered"] * 3 + ["failed"] * 2
    assert [payload["type"] for payload in told].count("receiver.disabled") == 1
    [disabled] = [payload["data"] for payload in told if payload["type"] == "receiver.disabled"]
    assert disabled["reason"] == "it answered 410: it wants no more"
    assert receiver.url not in json.dumps(disabled)
    store(engine, "Ferry three")
    match_all(engine, redis)
    assert [delivery.payload["data"]["title"] for delivery in deliveries(engine) if delivery.state == "waiting"] == [
        "Ferry three"
    ]


def test_a_receiver_that_only_fails_for_days_is_disabled_and_what_waits_is_given_up(engine, redis, receiver):
    receiver.behaviours.extend([500] * 9)
    tell(engine, redis, receiver, "Ferry one", "Ferry two")
    sender = sending(engine, threads=1, patience=Patience(timedelta(hours=1), [SHORT] * 50))
    until(lambda: len(receiver.requests) == 1, sender.step)
    until(lambda: only_receiver(engine).failing_since)
    with transaction(engine) as session:
        session.get_one(Receiver, only_receiver(engine).id).failing_since = now_utc() - timedelta(hours=2)
    until(lambda: only_receiver(engine).state == "disabled", sender.step)
    assert (only_receiver(engine).reason or "").startswith("it has failed since ")
    assert states(engine) == ["failed", "failed"]


def test_a_message_that_a_receiver_never_takes_is_given_up_and_holds_up_no_other(engine, redis, receiver):
    tell(engine, redis, receiver, "Ferry one", "Ferry two")
    refused = deliveries(engine)[0].message_id

    def send(order, _):
        return Answer("retry", 400, "HTTP 400") if order.message_id == refused else Answer("delivered", 200)

    sender = sending(engine, webhook=send)
    until(lambda: states(engine) == ["failed", "delivered"], sender.step)
    assert [delivery.attempts for delivery in deliveries(engine)] == [6, 1]
    assert deliveries(engine)[0].error == "HTTP 400"


def test_delays_grow_and_are_never_shorter_than_the_receiver_asks(engine, redis, receiver):
    tell(engine, redis, receiver, "Ferry one")
    answers = iter([Answer("retry", 500), Answer("retry", 503, retry_after=7000.0)])
    sender = sending(engine, patience=Patience(timedelta(days=3)), webhook=lambda *_: next(answers))
    for attempts, least, most in ((1, 4, 6), (2, 7000, 7001)):
        began = now_utc()
        until(lambda attempts=attempts: deliveries(engine)[0].attempts == attempts, sender.step)
        [delivery] = deliveries(engine)
        assert timedelta(seconds=least) <= delivery.next_at - began <= timedelta(seconds=most + WITHIN_SECONDS)
        assert sender.step() is False
        with transaction(engine) as session:
            session.get_one(Delivery, delivery.id).next_at = now_utc()
            session.get_one(Receiver, delivery.receiver_id).rest_until = None


def test_receivers_that_hang_hold_up_no_other(engine, redis, receiver):
    released = Flag()
    for _ in range(6):
        add_watch(engine, "ferry", {"url": "http://hanging.example/", "failures": 1})
    add_watch(engine, "ferry", {"url": receiver.url})
    store(engine, "Ferry one")
    match_all(engine, redis)

    def send(order, moment):
        if "hanging" in order.url:
            released.wait(WITHIN_SECONDS)
            return Answer("retry")
        return senders(SETTINGS)["webhook"](order, moment)

    sender = sending(engine, threads=4, webhook=send)
    until(lambda: receiver.requests, sender.step)
    assert states(engine).count("waiting") >= 6
    released.set()
    sender.drain()


def test_what_a_killed_courier_was_sending_is_sent_again_with_the_same_id(engine, redis, receiver):
    tell(engine, redis, receiver, "Ferry one")
    killed = sending(engine)
    killed._deliver = lambda order: None
    assert killed.step() is True
    other = sending(engine)
    assert other.step() is False
    with transaction(engine) as session:
        [delivery] = deliveries(engine)
        assert delivery.next_at > now_utc() + timedelta(seconds=20)
        session.get_one(Delivery, delivery.id).next_at = now_utc()
    until(lambda: states(engine) == ["delivered"], other.step)
    assert [request.headers["webhook-id"] for request in receiver.requests] == [delivery.message_id]


def test_two_couriers_send_each_delivery_once(engine, redis, receiver):
    tell(engine, redis, receiver, *(f"Ferry {number}" for number in range(30)))
    pair = [sending(engine), sending(engine)]
    until(lambda: set(states(engine)) == {"delivered"}, lambda: [sender.step() for sender in pair])
    assert len(receiver.requests) == 30
    assert len({request.headers["webhook-id"] for request in receiver.requests}) == 30


def test_a_watch_that_is_removed_while_it_is_told_ends_quietly(engine, redis, receiver):
    tell(engine, redis, receiver, "Ferry one")

    def send(order, _):
        with transaction(engine) as session:
            session.delete(session.get_one(Watch, session.get_one(Receiver, order.receiver_id).watch_id))
        return Answer("delivered", 200)

    sender = sending(engine, webhook=send)
    assert sender.step() is True
    sender.drain()
    assert deliveries(engine) == []


@pytest.mark.parametrize("kind", ["webhook", "notification"])
def test_a_digest_tells_what_was_matched_since_the_last_one(engine, redis, receiver, kind):
    due = now_utc() - timedelta(minutes=1)
    url = receiver.url if kind == "webhook" else receiver.url.replace("http://", "json://")
    add_watch(
        engine,
        "ferry",
        {"kind": kind, "url": url, "rhythm": "daily", "hour": 7, "zone": "Europe/Paris", "digest_at": due},
    )
    for title in ("Ferry one", "Ferry two"):
        store(engine, title)
    match_all(engine, redis)
    digests = Digests(engine, lambda: None)
    assert digests.step() is True
    assert digests.step() is False
    sender = sending(engine)
    until(lambda: states(engine) == ["delivered"], sender.step)
    [body] = [json.loads(request.body) for request in receiver.requests]
    if kind == "webhook":
        assert [match["title"] for match in body["data"]["matches"]] == ["Ferry one", "Ferry two"]
    else:
        assert body["title"] == "ferry: 2 new"
        assert body["message"].startswith("Ferry two\nThe Gazette\nIt was said.\nhttps://gazette.example/")
    assert only_receiver(engine).digest_at > now_utc()
    with transaction(engine) as session:
        session.get_one(Receiver, only_receiver(engine).id).digest_at = due
    store(engine, "Ferry three")
    match_all(engine, redis)
    assert digests.step() is True
    assert deliveries(engine)[1].payload["data"]["number"] == 1
