"""Webhooks as receivers see them, on a real connection."""

import base64
import json
import secrets
import socket
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from datetime import UTC, datetime, timedelta
from ipaddress import ip_network
from time import monotonic

import pytest
from hypothesis import given
from hypothesis import strategies as st
from standardwebhooks import Webhook, WebhookVerificationError

from services.courier import webhooks
from services.courier.webhooks import Answer, Target, post, sign

SECRET = "whsec_" + base64.b64encode(secrets.token_bytes(24)).decode()
HOME = (ip_network("127.0.0.0/8"),)
BODY = json.dumps({"type": "watch.matched", "data": {"title": "Été"}}).encode()


def now() -> datetime:
    return datetime.now(UTC)


def send(url: str, timeout: float = 5.0, secret: str = SECRET, networks=HOME) -> Answer:
    return post(Target(url, secret), "msg_1", BODY, moment=now(), timeout=timeout, networks=networks)


def test_a_receiver_can_check_a_delivery_with_the_package_of_the_specification(receiver):
    assert send(receiver.url) == Answer("delivered", 204)
    [request] = receiver.requests
    assert request.path == "/hook?of=newsmill"
    assert request.headers["host"] == receiver.url.split("/")[2]
    assert Webhook(SECRET).verify(request.body, request.headers) == json.loads(BODY)
    for changed in ({"webhook-id": "msg_2"}, {"webhook-timestamp": str(int(now().timestamp()) + 9)}):
        with pytest.raises(WebhookVerificationError):
            Webhook(SECRET).verify(request.body, request.headers | changed)
    with pytest.raises(WebhookVerificationError):
        Webhook(SECRET).verify(request.body + b" ", request.headers)


@given(
    st.binary(min_size=1, max_size=80), st.text(alphabet="abcdef0123_", min_size=1, max_size=30), st.text(max_size=200)
)
def test_the_signature_is_that_of_the_specification(key, message_id, body):
    secret = "whsec_" + base64.b64encode(key).decode()
    assert sign(secret, message_id, now(), body.encode()) == Webhook(secret).sign(message_id, now(), body)


@pytest.mark.parametrize(
    ("behaviour", "answer"),
    [
        (200, Answer("delivered", 200)),
        (410, Answer("gone", 410, "HTTP 410 as you wish")),
        (500, Answer("retry", 500, "HTTP 500 as you wish")),
        (307, Answer("retry", 307, "HTTP 307 as you wish")),
    ],
    ids=["ok", "gone", "error", "redirect"],
)
def test_an_answer_is_what_the_specification_says(receiver, behaviour, answer):
    receiver.behaviours.append(behaviour)
    receiver.headers["Location"] = receiver.url
    assert send(receiver.url) == answer
    assert len(receiver.requests) == 1


@pytest.mark.parametrize("behaviour", ["hang", "drip", "close"])
def test_a_receiver_that_does_not_answer_is_left_in_time(receiver, behaviour):
    receiver.behaviours.append(behaviour)
    began = monotonic()
    answer = send(receiver.url, timeout=0.5)
    assert (answer.outcome, answer.status) == ("retry", None)
    assert answer.detail
    assert monotonic() - began < 10


def test_a_receiver_gains_no_time_by_an_address_at_which_nobody_answers(receiver, monkeypatch):
    port = int(receiver.url.split(":")[2].split("/")[0])
    targets = [(2, 1, 6, "", (address, port)) for address in ("127.0.0.2", "127.0.0.1")]
    resolve = webhooks.socket.getaddrinfo
    monkeypatch.setattr(
        webhooks.socket,
        "getaddrinfo",
        lambda host, *args, **options: targets if host == "hook.example" else resolve(host, *args, **options),
    )
    receiver.behaviours.append("drip")
    with full_socket("127.0.0.2", port):
        assert send(f"http://hook.example:{port}/", timeout=0.5) == Answer("retry", detail="timed out")
    assert receiver.requests == []


@contextmanager
def full_socket(host: str, port: int) -> Iterator[None]:
    """A socket that takes no further connection: who tries waits."""
    with ExitStack() as stack:
        server = stack.enter_context(socket.socket())
        server.bind((host, port))
        server.listen(0)
        for _ in range(4):
            client = stack.enter_context(socket.socket())
            client.setblocking(False)
            client.connect_ex((host, port))
        yield


@pytest.mark.parametrize("text", ["Mon, 01 Jan 2024 00:00:00 +99999999999999999999", "9" * 400, "soon", "-1"])
def test_no_wish_of_a_receiver_is_an_error_of_ours(receiver, text):
    receiver.behaviours.append(503)
    receiver.headers["Retry-After"] = text
    answer = send(receiver.url)
    assert (answer.outcome, answer.status) == ("retry", 503)


@pytest.mark.parametrize("form", ["seconds", "date"])
def test_a_receiver_may_say_when_it_wants_the_next(receiver, form):
    receiver.behaviours.append(503)
    date = (now() + timedelta(seconds=90)).strftime("%a, %d %b %Y %H:%M:%S GMT")
    receiver.headers["Retry-After"] = "90" if form == "seconds" else date
    assert send(receiver.url).retry_after == pytest.approx(90, abs=3)


@pytest.mark.parametrize(
    "url", ["http://127.0.0.1:{port}/", "http://localhost:{port}/", "http://[::ffff:127.0.0.1]:{port}/"]
)
def test_a_private_address_is_told_nothing_unless_it_is_allowed(receiver, url):
    address = url.format(port=receiver.url.split(":")[2].split("/")[0])
    answer = send(address, networks=())
    assert answer.outcome == "retry"
    assert "NEWSMILL_COURIER_ALLOW_NETWORKS" in answer.detail
    assert receiver.requests == []


def test_the_connection_goes_to_the_address_that_was_checked(receiver, monkeypatch):
    """A name that turns private between the check and the connection."""
    port = int(receiver.url.split(":")[2].split("/")[0])
    answers = iter([[(2, 1, 6, "", ("127.0.0.1", port))]])
    monkeypatch.setattr(
        webhooks.socket,
        "getaddrinfo",
        lambda host, *_, **__: next(answers) if host == "hook.example" else [(2, 1, 6, "", (host, port))],
    )
    assert send(f"http://hook.example:{port}/").outcome == "delivered"
    assert receiver.requests[0].headers["host"] == f"hook.example:{port}"


def test_nothing_that_is_wrong_with_a_target_is_raised():
    for url in (
        "ftp://hook.example/",
        "http://",
        "http://user:pass@hook.example/",
        "http://\ud800.example/",
        "http://nowhere.invalid/",
    ):
        assert send(url).outcome == "retry"
    assert "make a new one" in send("http://127.0.0.1:1/", secret="whsec_é").detail
