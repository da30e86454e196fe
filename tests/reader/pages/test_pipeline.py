"""The pipeline's page and the dead letters on it, and the same over HTTP."""

import json
import time
from typing import Any

import pytest
from redis import Redis

from services.reader.queries.pipeline import POINT_MINUTES, pipeline
from shared.brake import BRAKES, OUTCOMES_MINUTES, Brake
from shared.clock import now
from shared.contracts import FetchRequested, encode
from shared.dead import DeadLetters, letter
from shared.later import TURNS, Later
from shared.queues import TRIGGERS
from shared.settings import Settings
from shared.worker.gate import Gate
from shared.worker.pressure import PAUSED, WORKERS, Pressure
from tests.reader.conftest import TestClient, csrf_of, post_form

WHERE = "services/parser/page/trim.py:84"


@pytest.fixture
def store(redis: "Redis") -> DeadLetters:
    return DeadLetters(redis)


def set_aside(store: DeadLetters, number: int, cause: str = "crashed", stage: str = "fetch") -> str:
    request = FetchRequested(trace_id=f"trace{number}", url=f"https://gazette.example/{number}")
    aside = letter(stage, cause, f"no luck with {number}", encode(request), trace_id=request.trace_id, where=WHERE)
    store.set_aside(aside)
    return aside.id


def test_causes_with_message_and_line_and_a_letter_with_its_history(client: TestClient, store: DeadLetters) -> None:
    letter_id = set_aside(store, 1)
    store.take(letter_id, remember=True)
    set_aside(store, 1)
    set_aside(store, 2, "malformed", "parse")
    page = client.get("/pipeline").text
    for shown in ("crashed", "malformed", "no luck with 1", WHERE, "Try 1 again", "Try 2 again"):
        assert shown in page
    group = client.get("/pipeline/dead?stage=fetch&cause=crashed").text
    assert (letter_id in group, "no luck with 2" in group) == (True, False)
    one = client.get(f"/pipeline/dead/{letter_id}").text
    assert (one.count("<strong><bdi>crashed"), "https://gazette.example/1" in one) == (2, True)
    assert client.get("/pipeline/dead/0123456789abcdef").status_code == 404


@pytest.mark.parametrize(
    "fields", [{"id": "1"}, {"stage": "fetch", "cause": "crashed"}, {"all": "yes"}], ids=["one", "cause", "all"]
)
def test_letters_are_tried_again_one_a_cause_or_all(client, redis, store, fields) -> None:
    ids = [set_aside(store, 1), set_aside(store, 2), set_aside(store, 3, "malformed", "parse")]
    if "id" in fields:
        fields = {"id": ids[0]}
    answer = post_form(client, "/pipeline", "/pipeline/dead/retry", **fields)
    number = {"id": 1, "stage": 2, "all": 3}[next(iter(fields))]
    assert (answer.status_code, answer.headers["Location"]) == (303, f"/pipeline?sent={number}#dead")
    assert f"{number} dead letters were sent" in client.get(answer.headers["Location"]).text
    assert sum(store.counts().values()) == 3 - number
    under_way = Later(redis).messages(["trace1", "trace2", "trace3"])
    assert len(under_way) == number


def test_letters_are_dropped_and_only_those(client, store, redis) -> None:
    kept = set_aside(store, 1, "malformed")
    set_aside(store, 2)
    post_form(client, "/pipeline", "/pipeline/dead/drop", stage="fetch", cause="crashed")
    assert [row.id for row in store.every()] == [kept]
    assert Later(redis).messages(["trace1", "trace2"]) == {}


def test_a_trigger_goes_to_the_public_stream_again_and_what_nobody_can_read_stays(client, store, redis) -> None:
    store.set_aside(letter("trigger", "malformed", "odd", {"url": "https://gazette.example/", "priority": 5}))
    store.set_aside(letter("parse", "malformed", "odd", {"type": "Unknown"}, trace_id="t"))
    answer = client.post("/v1/dead/retries", json={"all": True})
    assert (answer.json()["number"], len(answer.json()["unreadable"])) == (1, 1)
    assert redis.xrange(TRIGGERS)[0][1][b"url"] == b"https://gazette.example/"
    assert sum(store.counts().values()) == 1


def test_the_same_over_http(client, store) -> None:
    first, second = set_aside(store, 1), set_aside(store, 2)
    group = client.get("/v1/dead").json()["groups"][0]
    assert (group["letters"], group["where"], group["cause"]) == (2, WHERE, "crashed")
    assert client.get(f"/v1/dead/{first}").json()["history"][0]["detail"] == "no luck with 1"
    assert len(client.get("/v1/dead/letters?stage=fetch&limit=1").json()["items"]) == 1
    assert client.request("DELETE", "/v1/dead").status_code == 422, "all is said, not left out"
    assert client.request("DELETE", "/v1/dead", params={"ids": second}).json()["number"] == 1
    assert client.post("/v1/dead/retries", json={"where": WHERE}).json()["number"] == 1
    assert client.get("/v1/dead").json()["groups"] == []


def test_what_has_no_bytes_is_shown_all_the_same(client, store) -> None:
    store.set_aside(letter("parse", "malformed", "half \ud800", {"url": "https://x.example/\ud800"}, trace_id="t"))
    letter_id = next(iter(store.every())).id
    for path in ("/pipeline", f"/pipeline/dead/{letter_id}", "/pipeline/dead?stage=parse&cause=malformed", "/v1/dead",
                 f"/v1/dead/{letter_id}", "/v1/dead/letters?all=true"):  # fmt: skip
        assert client.get(path).status_code == 200, path


@pytest.mark.hostile
def test_an_attack_in_every_field_of_a_letter_stays_text(client, store, redis) -> None:
    attack = '"><img src=x onerror=alert(1)>'
    store.set_aside(
        letter(attack, attack, attack, {"url": f"javascript:{attack}", attack: attack}, trace_id=attack, where=attack)
    )
    redis.zadd(TURNS, {attack: now() + 5})
    redis.zadd(f"{TURNS}:{attack}", {"trace": 1})
    redis.hset(PAUSED, f"fetch {attack}", json.dumps([time.time(), attack]))
    redis.hset(WORKERS, f"fetch {attack}", time.time())
    letter_id = next(iter(store.every())).id
    for path in ("/pipeline", f"/pipeline/dead/{letter_id}", "/pipeline/dead"):
        page = client.get(path, params={"stage": attack, "cause": attack} if path.endswith("dead") else {}).text
        assert "<img" not in page
        assert 'href="javascript' not in page


def test_queues_workers_hosts_and_stops(client, redis) -> None:
    Gate(redis, "parse", Pressure(redis, Settings()), Brake(redis), "there-7").look()
    redis.hset(WORKERS, "fetch gone-1", time.time() - 60)
    redis.set(f"{BRAKES}parse", "9 of 10 messages were set aside")
    redis.hset(PAUSED, "fetch there-7", json.dumps([time.time(), "queue parse: 9 messages of 4"]))
    for host, urls, state in (("calm.example", 1, {}), ("down.example", 3, {"open": now() + 60, "failures": 5})):
        redis.zadd(TURNS, {host: now() + 30})
        redis.zadd(f"{TURNS}:{host}", {f"{host}{number}": number for number in range(urls)})
        if state:
            redis.hset(f"newsmill:host:{host}", mapping=state)
    state = pipeline(redis)
    assert state.workers == {"parse": ["there-7"]}
    assert [(stop.stage, stop.brakes) for stop in state.stops] == [("parse", True), ("fetch", False)]
    assert [(row.host, row.urls) for row in state.hosts] == [("down.example", 3), ("calm.example", 1)]
    assert "5 failures in a row" in state.hosts[0].reason
    assert "does not answer" in client.get("/pipeline").text
    assert post_form(client, "/pipeline", "/pipeline/resume", stage="parse").status_code == 303
    assert Brake(redis).reason("parse") is None


def test_the_curves_are_what_was_counted(redis, monkeypatch: pytest.MonkeyPatch) -> None:
    start = 1_800_000_000.0
    monkeypatch.setattr("shared.brake.time", lambda: start)
    Brake(redis).count("fetch", 40, 2)
    monkeypatch.setattr("shared.brake.time", lambda: start + 60)
    Brake(redis).count("fetch", 10, 0)
    monkeypatch.setattr("shared.brake.time", lambda: start + 120)
    (fetch, *_) = pipeline(redis).rates
    assert len(fetch.handled) == OUTCOMES_MINUTES // POINT_MINUTES
    assert (fetch.handled[-1], fetch.dead[-1], sum(fetch.handled[:-1])) == (50 / POINT_MINUTES, 2 / POINT_MINUTES, 0)
    minutes = [redis.ttl(key) for key in redis.scan_iter("newsmill:outcomes:*")]
    assert all(ttl > 60 * OUTCOMES_MINUTES for ttl in minutes)


@pytest.mark.hostile
def test_a_reader_sees_the_pipeline_and_mends_nothing(serve: Any, engine: Any, store: DeadLetters) -> None:
    from sqlmodel import Session

    from services.reader.access.passwords import hash_password
    from shared.database.models import Account
    from tests.reader.access.conftest import PASSWORD, sign_in

    set_aside(store, 1)
    with Session(engine) as session:
        session.add(Account(name="ada", role="reader", password_hash=hash_password(PASSWORD)))
        session.commit()
    client = serve(reader_accounts=True)
    sign_in(client, "ada")
    page = client.get("/pipeline")
    assert (page.status_code, "Try 1 again" in page.text) == (200, False)
    token = csrf_of(client.get("/account").text)
    for path in ("/pipeline/dead/retry", "/pipeline/dead/drop", "/pipeline/resume"):
        assert client.post(path, data={"csrf": token, "all": "yes", "stage": "fetch"}).status_code == 403
    assert sum(store.counts().values()) == 1
