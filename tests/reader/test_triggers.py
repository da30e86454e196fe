import pytest

from services.scheduler.triggers import Trigger
from shared.contracts import FetchRequested
from shared.database.models import Page
from shared.later import Later
from shared.queues import TRIGGERS

URL = "https://example.org/news"


def fields_on(redis):
    return [{key.decode(): value.decode() for key, value in fields.items()} for _, fields in redis.xrange(TRIGGERS)]


def test_a_trigger_lands_on_the_stream_as_the_scheduler_reads_it(client, redis):
    body = {"url": URL, "kind": "feed", "priority": 9, "follow": False, "origin": "backfill"}
    answer = client.post("/v1/triggers", json=body)
    assert answer.status_code == 202
    trace = answer.json()["id"]
    (fields,) = fields_on(redis)
    assert fields == {
        "url": URL,
        "kind": "feed",
        "priority": "9",
        "follow": "false",
        "origin": "backfill",
        "id": trace,
        "via": "api",
    }
    request = Trigger.model_validate(fields).request("1-0")
    assert (request.trace_id, request.priority, request.follow) == (trace, 9, False)


def test_what_is_left_out_is_left_to_the_scheduler(client, redis):
    client.post("/v1/triggers", json={"url": URL})
    assert set(fields_on(redis)[0]) == {"url", "id", "via"}


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({}, "url"), ({"url": "ftp://x/"}, "url"), ({"url": "https://u:p@x/"}, "url"), ({"url": "https://"}, "url"),
        ({"url": URL, "priority": 10}, "priority"), ({"url": URL, "kind": "video"}, "kind"),
        ({"url": URL, "follow": "perhaps"}, "follow"), ({"url": URL, "urgent": True}, "urgent"), ({"url": 3}, "url"),
    ],
)  # fmt: skip
def test_a_wrong_field_is_named(client, redis, body, field):
    answer = client.post("/v1/triggers", json=body)
    assert answer.status_code == 422
    assert answer.json()["detail"][0]["loc"] == ["body", field]
    assert redis.xlen(TRIGGERS) == 0


@pytest.mark.parametrize("body", [b'{"url": "https://x/\\ud800"}', b"{", b"", b"[]", b'{"url": NaN}', b"\xff"])
def test_nonsense_is_answered_422(client, body):
    answer = client.post("/v1/triggers", content=body, headers={"Content-Type": "application/json"})
    assert answer.status_code in {400, 422}


def test_while_redis_is_nearly_full_a_trigger_is_refused_and_not_lost_in_silence(serve, redis):
    client = serve(redis_memory_mb=2)
    while int(redis.info("memory")["used_memory"]) < 2 * 2**20:
        redis.rpush("ballast", b"x" * 2**16)
    answer = client.post("/v1/triggers", json={"url": URL})
    assert (answer.status_code, answer.headers["Retry-After"]) == (503, "30")
    assert "Redis is nearly full" in answer.json()["detail"]
    assert fields_on(redis) == []
    redis.delete("ballast")
    assert serve(redis_memory_mb=64).post("/v1/triggers", json={"url": URL}).status_code == 202


def test_a_form_of_another_site_is_refused(client, redis):
    client.post("/v1/triggers", content=b'{"url": "https://x/"}', headers={"Content-Type": "text/plain"})
    assert redis.xlen(TRIGGERS) == 0


def test_without_a_token_only_this_machine_by_its_own_name(serve):
    assert serve().post("/v1/triggers", json={"url": URL}).status_code == 202
    assert serve("http://localhost:8080").post("/v1/triggers", json={"url": URL}).status_code == 202
    assert serve("http://rebound.example").post("/v1/triggers", json={"url": URL}).status_code == 403


@pytest.mark.parametrize("host", ["127.0.0.1", "0.0.0.0"])
def test_a_token_is_asked_for_where_one_is_set(serve, redis, host):
    client = serve("http://news.example", reader_host=host, reader_token="sésame", reader_hosts="news.example")
    for headers in ({}, {"Authorization": "Bearer wrong"}, {"Authorization": "Basic x"}, {"Authorization": "Bearer "}):
        answer = client.post("/v1/triggers", json={"url": URL}, headers=headers)
        assert (answer.status_code, answer.headers["WWW-Authenticate"]) == (401, "Bearer")
    assert redis.xlen(TRIGGERS) == 0


def test_the_right_token(serve):
    client = serve("http://news.example", reader_host="0.0.0.0", reader_token="sesame", reader_hosts="news.example")
    assert client.post("/v1/triggers", json={"url": URL}, headers={"Authorization": "Bearer sesame"}).status_code == 202


@pytest.mark.parametrize("token", [None, ""])
def test_without_a_token_other_machines_send_no_trigger(serve, token):
    client = serve("http://news.example", reader_host="0.0.0.0", reader_token=token, reader_hosts="news.example")
    for headers in ({}, {"Authorization": "Bearer "}, {"Authorization": "Bearer None"}):
        assert client.post("/v1/triggers", json={"url": URL}, headers=headers).status_code == 401


def test_how_far_a_trigger_has_come(client, redis, add):
    trace = client.post("/v1/triggers", json={"url": URL}).json()["id"]
    state = lambda: client.get(f"/v1/triggers/{trace}").json()  # noqa: E731 - asked four times
    assert state() == {"id": trace, "state": "queued", "disposition": None, "url": URL}
    redis.delete(TRIGGERS)
    assert state()["state"] == "unknown"
    Later(redis).hold([FetchRequested(trace_id=trace, url=URL)])
    assert state() == {"id": trace, "state": "under-way", "disposition": None, "url": URL}
    add(Page(key="k", url=URL, trace_id=trace, disposition="stored"))
    assert state() == {"id": trace, "state": "ended", "disposition": "stored", "url": URL}


def test_a_trigger_deep_in_the_stream_is_found(client, redis):
    trace = client.post("/v1/triggers", json={"url": URL}).json()["id"]
    with redis.pipeline() as pipe:
        for number in range(2500):
            pipe.xadd(TRIGGERS, {"url": URL, "id": str(number)})
        pipe.execute()
    assert client.get(f"/v1/triggers/{trace}").json()["state"] == "queued"
