"""Notifications by Apprise, to a real server; to public addresses only, without secrets in what is said of them."""

import json
import socket
from datetime import UTC, datetime
from ipaddress import ip_network

import pytest

from services.courier.watches import apprise_process, payloads
from services.courier.watches.notifications import notify
from shared.database.models import Match, Watch
from shared.database.receivers import address

HOME = [ip_network("127.0.0.0/8")]
# More than any notification takes, also on a busy machine.
SECONDS = 60.0
NOW = datetime(2026, 11, 27, 12, tzinfo=UTC)
WATCH = Watch(id=1, name="Ferries", query="ferry", feed_secret="s")
RECORD = {"publisher": "The Gazette", "published_at": "2026-11-27", "summary": "It sails."}
MATCH = Match(
    id=5,
    watch_id=1,
    subject="article:9",
    kind="new",
    title="Ferry back",
    url="https://gazette.example/9",
    record=RECORD,
)
PAYLOAD = payloads.of_match(WATCH, MATCH, NOW)


def of(receiver) -> str:
    return f"json://user:verysecret@127.0.0.1:{receiver.server_port}/hooktoken12345"


def test_a_service_gets_title_and_text(receiver):
    assert notify(of(receiver), PAYLOAD, HOME, SECONDS).outcome == "delivered"
    body = json.loads(receiver.requests[0].body)
    assert body["title"] == "Ferries: Ferry back"
    assert body["message"] == "The Gazette, 2026-11-27\nIt sails.\nhttps://gazette.example/9"


def test_a_failure_is_told_without_the_secrets_of_the_url(receiver):
    receiver.behaviours.extend([401, 401])
    answer = notify(of(receiver), PAYLOAD, HOME, SECONDS)
    assert answer.outcome == "retry"
    assert "401" in answer.detail
    assert "secret" not in answer.detail
    assert "hooktoken" not in answer.detail


@pytest.mark.parametrize("url", ["json://localhost:{port}/", "json://127.0.0.1:{port}/", "jsons://localhost:{port}/"])
def test_a_private_address_is_told_nothing_unless_it_is_allowed(receiver, url):
    answer = notify(url.format(port=receiver.server_port), PAYLOAD, [], SECONDS)
    assert answer.outcome == "retry"
    assert "NEWSMILL_COURIER_ALLOW_NETWORKS" in answer.detail
    assert receiver.requests == []


def test_a_redirect_leads_to_no_private_address(receiver):
    receiver.behaviours.append(307)
    receiver.headers["Location"] = f"http://127.0.0.2:{receiver.server_port}/inside"
    answer = notify(of(receiver), PAYLOAD, [ip_network("127.0.0.1/32")], SECONDS)
    assert answer.outcome == "retry"
    assert len(receiver.requests) == 1


def test_other_connections_of_the_process_are_not_concerned(receiver):
    assert "no public address" in notify(of(receiver), PAYLOAD, [], SECONDS).detail
    socket.create_connection(("127.0.0.1", receiver.server_port)).close()


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost", "127.1", "2130706433"])
def test_no_datagram_goes_to_a_private_address(host):
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as server:
        server.bind(("127.0.0.1", 0))
        server.settimeout(SECONDS)
        url = f"rsyslog://{host}:{server.getsockname()[1]}"
        assert notify(url, PAYLOAD, [], SECONDS).outcome == "retry"
        assert notify(url, PAYLOAD, HOME, SECONDS).outcome == "delivered"
        # The first that arrives is the one that is allowed, and there is no second.
        assert b"Ferry back" in server.recv(2**16)
        server.settimeout(0.1)
        with pytest.raises(TimeoutError):
            server.recv(2**16)


@pytest.mark.parametrize("service", sorted(apprise_process.LOCAL))
def test_nobody_is_told_anything_at_the_couriers_own_machine(service):
    assert "the machine itself" in notify(f"{service.upper()}://", PAYLOAD, HOME, SECONDS).detail


@pytest.mark.parametrize("behaviour", ["hang", "drip"])
def test_a_service_that_does_not_end_is_left_in_time(receiver, behaviour):
    receiver.behaviours.append(behaviour)
    url = f"{of(receiver)}?rto=99999&cto=99999"
    assert notify(url, PAYLOAD, HOME, 2.0).detail == "not done within 2 s"


def test_a_service_that_answers_without_end_takes_little_memory(receiver):
    receiver.behaviours.append("flood")
    assert f"{apprise_process.MEGABYTES} MB are allowed" in notify(of(receiver), PAYLOAD, HOME, SECONDS).detail


@pytest.mark.parametrize("url", ["", "nothing", "nosuchservice://x", "json://", "mailto://", "tgram://"])
def test_a_url_that_no_service_has_is_a_failure_with_its_reason(url):
    answer = notify(url, PAYLOAD, HOME, SECONDS)
    assert answer.outcome == "retry"
    assert answer.detail.startswith("Apprise knows no service")


def test_every_payload_has_words():
    several = [MATCH] * (payloads.MOST_MATCHES + 2)
    alert = Match(
        id=6, watch_id=1, subject="event:1", kind="silent", title="Gazette: silent", record={"cause": "no feed"}
    )
    title, text = payloads.in_words(payloads.of_digest(WATCH, several, NOW))
    assert (title, text.splitlines()[-1]) == ("Ferries: 102 new", "and 2 more")
    assert payloads.in_words(payloads.of_match(WATCH, alert, NOW)) == ("Ferries: Gazette: silent", "no feed")
    assert (
        payloads.in_words({"type": "watch.test", "data": {"watch": {"name": "Ferries", "query": "ferry"}}})[0]
        == "Ferries: a test"
    )
    title, text = payloads.in_words(payloads.of_disabled(WATCH, "https://hook.example/…", "410", NOW))
    assert (title, text) == ("Ferries: https://hook.example/… is told no more", "410")


@pytest.mark.parametrize(
    ("kind", "url", "shown"),
    [
        ("webhook", "https://user:pw@hook.example:8443/secret?token=1", "https://hook.example:8443/…"),
        ("notification", "mailto://user:pw@mail.example?to=me", "mailto://…"),
        ("notification", "tgram://123:token/456", "tgram://…"),
        ("webhook", "http://[", "webhook (unreadable)"),
    ],
    ids=["webhook", "mail", "telegram", "unreadable"],
)
def test_a_receiver_is_shown_without_its_secrets(kind, url, shown):
    assert address(kind, url) == shown
