"""The token, the body, and the places of requests under way."""

import pytest
from fastapi import HTTPException

from services.reader.http.admission import Admission
from services.reader.http.routes import BODY_LIMIT
from shared.queues import TRIGGERS

pytestmark = pytest.mark.hostile
URL = "https://example.org/news"


def chunks(size):
    yield from (b" " * 1000 for _ in range(size // 1000 + 1))


@pytest.mark.parametrize("path", ["/v1/triggers", "/v1/images/reports", "/images/reports"])
@pytest.mark.parametrize("content", [b" " * (BODY_LIMIT + 1), chunks])
def test_a_body_beyond_the_limit_is_413_with_a_length_and_in_chunks(client, redis, path, content):
    body = content(BODY_LIMIT) if callable(content) else content
    assert client.post(path, content=body, headers={"Content-Type": "application/json"}).status_code == 413
    assert redis.xlen(TRIGGERS) == 0


def test_a_body_at_the_limit_is_read(client):
    body = (b'{"url": "%s"}' % URL.encode()).ljust(BODY_LIMIT)
    assert client.post("/v1/triggers", content=body, headers={"Content-Type": "application/json"}).status_code == 202


def test_the_token_is_checked_before_the_body_is_read(serve):
    client = serve(reader_token="secret")

    for path in ("/v1/triggers", "/v1/images/blocks"):
        answer = client.post(path, content=b"{" * 1000, headers={"Content-Type": "application/json"})
        assert (answer.status_code, answer.headers["WWW-Authenticate"]) == (401, "Bearer")


@pytest.mark.parametrize(
    "body", [b"[" * BODY_LIMIT, b'{"url":' * 9000, b"1" * BODY_LIMIT, b'"' + b"\\u0000" * 10_000 + b'"']
)
def test_a_body_of_deep_or_long_json_is_refused(client, body):
    answer = client.post("/v1/triggers", content=body, headers={"Content-Type": "application/json"})
    assert answer.status_code in {400, 422}


def test_requests_beyond_the_places_are_answered_503_at_once_and_a_place_comes_back():
    admission = Admission(2)
    with admission.place():
        with admission.place(), pytest.raises(HTTPException) as refusal, admission.place():
            pass
        with admission.place():
            pass
    assert (refusal.value.status_code, refusal.value.headers) == (503, {"Retry-After": "1"})


def test_without_a_free_place_health_and_metrics_are_answered_still(client):
    client.app.state.admission = Admission(0)
    statuses = {path: client.get(path).status_code for path in ("/v1/articles", "/", "/healthz", "/metrics")}
    assert statuses == {"/v1/articles": 503, "/": 503, "/healthz": 200, "/metrics": 200}


def test_a_place_comes_back_after_an_error(client):
    client.app.state.admission = Admission(1)
    assert [client.get(f"/v1/articles/{number}").status_code for number in ("1", "x", "2")] == [404, 422, 404]
