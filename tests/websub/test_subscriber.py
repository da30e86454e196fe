"""A subscriber as the W3C Recommendation has it. Numbers are those of its list of tests for subscribers, websub.rocks."""

from datetime import timedelta
from http.server import BaseHTTPRequestHandler

import pytest
from sqlalchemy import update
from sqlmodel import Session

from services.parser.discovery import hub as discovery
from services.parser.discovery.handler import parse_and_discover
from shared.contracts import (
    ChannelChanged,
    FetchRequested,
    Inspection,
    Kind,
    Page,
    PageFetched,
    Role,
    SourceDeclared,
    SubscriptionAnswered,
    now_utc,
)
from shared.database.models import Headline, Source, Subscription
from shared.pages import Http
from shared.urls import fingerprint
from tests.websub.conftest import FEED, Hub, Services, status

HUB, SELF = "https://hub.example/", "https://news.example/self"


def rss(*numbers: int) -> bytes:
    items = "".join(f"<item><title>Ferry {n}</title><link>https://news.example/{n}</link></item>" for n in numbers)
    return f"<rss version='2.0'><channel><title>News</title>{items}</channel></rss>".encode()


ENTRY = '<entry><title>Ferry</title><link href="https://news.example/1"/></entry>'
ATOM = f'<feed xmlns="http://www.w3.org/2005/Atom"><link rel="hub" href="{HUB}"/><link rel="self" href="{SELF}"/>{ENTRY}</feed>'
RSS = f'<rss xmlns:atom="http://www.w3.org/2005/Atom"><channel><atom:link rel="hub" href="{HUB}"/><atom:link rel="self" href="{SELF}"/></channel></rss>'
HTML = f'<!doctype html><head><link rel="hub" href="{HUB}"><link rel="self" href="{SELF}"></head>'
LINKS = [("Link", f'<{HUB}>; rel="hub", <{SELF}>; rel="self"')]
OTHERS = [("Link", '<https://first.example/>; rel="hub"'), ("Link", "<https://first.example/self>; rel=self")]


@pytest.mark.parametrize(
    ("text", "headers"), [("", LINKS), (HTML, []), (ATOM, []), (RSS, [])], ids=["100", "101", "102", "103"]
)
def test_100_to_103_the_hub_is_found_in_headers_html_atom_and_rss(text: str, headers: list[tuple[str, str]]) -> None:
    assert discovery.read(text, FEED, headers) == (HUB, SELF)


def test_104_headers_go_before_the_feed() -> None:
    assert discovery.read(ATOM, FEED, OTHERS) == ("https://first.example/", "https://first.example/self")


def subscribed(services: Services, hub: Hub, topic_url: str = FEED) -> None:
    services.follow(f"{hub.url}/hub", topic_url)
    services.ask()
    assert hub.verify() == (200, b"a challenge")
    services.deliver()


def test_200_a_subscription_is_to_the_address_that_the_feed_gives_itself(services: Services, hub: Hub) -> None:
    subscribed(services, hub, SELF)
    assert (hub.form["hub.mode"], hub.form["hub.topic"]) == ("subscribe", SELF)
    assert hub.form["hub.callback"].startswith(f"{services.public_url}/websub/{fingerprint(FEED)}/")
    [row] = services.rows(Subscription)
    assert (row.state, row.topic_url) == ("active", SELF)
    assert timedelta(seconds=990) < row.lease_ends_at - now_utc() <= timedelta(seconds=1000), "as the hub says"
    assert services.due() == []


def test_secrets_and_callbacks_of_channels_differ_and_no_row_or_message_holds_a_secret(
    services: Services, hub: Hub
) -> None:
    subscribed(services, hub)
    secret = hub.form["hub.secret"]
    assert len(secret) == 64
    assert secret not in "".join(str(row) for row in services.rows(Subscription))
    assert secret not in hub.form["hub.callback"]


@pytest.mark.parametrize("code", [302, 301], ids=["201", "202"])
def test_201_and_202_the_hub_of_a_feed_that_redirects_is_that_of_the_feed_at_the_end(
    services: Services, hub: Hub, code: int
) -> None:
    hub.answers["/feed"] = status(code, Location="/moved")
    hub.answers["/moved"] = status(200, ATOM.encode(), **{"Content-Type": "application/atom+xml"})
    inspection = Inspection(site_key=fingerprint(hub.url), role=Role.FEED)
    request = FetchRequested(url=f"{hub.url}/feed", kind=Kind.FEED, follow=False, inspection=inspection)
    [page] = services.fetcher.fetch(request)
    assert isinstance(page, PageFetched)
    [channel] = [message for message in parse_and_discover(page, services.pages) if isinstance(message, SourceDeclared)]
    assert (channel.hub_url, channel.topic_url) == (HUB, SELF)


@pytest.mark.parametrize("code", [301, 302, 307, 308])
def test_203_and_204_a_hub_that_moved_is_asked_where_it_is(services: Services, hub: Hub, code: int) -> None:
    hub.answers["/old"] = status(code, Location="/new")
    services.follow(f"{hub.url}/old")
    [answer] = services.ask()
    assert answer.state == "requested"
    assert [path for path, _ in hub.requests] == ["/old", "/new"]
    assert hub.requests[0][1] == hub.requests[1][1]


def test_a_hub_that_moves_in_circles_is_left_for_later(services: Services, hub: Hub) -> None:
    hub.answers["/hub"] = status(307, Location="/hub")
    services.follow(f"{hub.url}/hub")
    [answer] = services.ask()
    assert (answer.state, answer.detail) == ("failed", "more than 5 redirects")
    [row] = services.rows(Subscription)
    assert row.due_at > now_utc() + timedelta(hours=1)


@pytest.mark.parametrize("url", ["http://127.0.0.1:1/", "http://10.0.0.1/", "ftp://hub.example/"])
def test_a_hub_that_cannot_or_must_not_be_reached_is_asked_later(services: Services, url: str) -> None:
    services.follow(url)
    [answer] = services.ask()
    assert answer.state == "failed"
    assert services.due() == []


def test_205_a_topic_that_nobody_asked_for_is_not_confirmed(services: Services, hub: Hub) -> None:
    services.follow(f"{hub.url}/hub")
    services.ask()
    assert hub.verify(topic="https://news.example/other")[0] == 404
    assert hub.verify(mode="unsubscribe")[0] == 404
    assert hub.verify(mode="nonsense")[0] == 404
    assert services.sent == []


def test_a_callback_that_was_not_given_is_unknown(services: Services, hub: Hub) -> None:
    services.follow(f"{hub.url}/hub")
    services.ask()
    hub.form["hub.callback"] = hub.form["hub.callback"][:-1] + "x"
    assert hub.verify()[0] == 404
    assert hub.push(rss(1)) == 404


def test_a_hub_may_verify_before_it_answers(services: Services, hub: Hub) -> None:
    def verify_first(handler: BaseHTTPRequestHandler) -> None:
        assert hub.verify()[0] == 200
        services.deliver()
        status(202)(handler)

    hub.answers["/hub"] = verify_first
    services.follow(f"{hub.url}/hub")
    services.ask()
    [row] = services.rows(Subscription)
    assert (row.state, row.failures) == ("active", 0)


def test_a_hub_that_denies_is_left_alone_for_a_week(services: Services, hub: Hub) -> None:
    services.follow(f"{hub.url}/hub")
    services.ask()
    assert hub.verify(mode="denied", reason="no such feed")[0] == 200
    services.deliver()
    [row] = services.rows(Subscription)
    assert (row.state, row.detail) == ("denied", "no such feed")
    assert row.due_at > now_utc() + timedelta(days=6)


@pytest.mark.parametrize("method", ["sha1", "sha256", "sha384", "sha512"])
def test_300_what_is_sent_is_taken_as_if_it_had_been_polled(services: Services, hub: Hub, method: str) -> None:
    subscribed(services, hub)
    assert hub.push(rss(1, 2), method) == 202
    services.deliver()
    assert {headline.text for headline in services.rows(Headline)} == {"Ferry 1", "Ferry 2"}
    [source] = services.rows(Source)
    assert source.last_disposition == "listed"
    assert source.arrivals is not None


@pytest.mark.parametrize(
    "signature",
    ["sha256=" + "0" * 64, "", "md5=0cc175b9c0f1b6a831c399e269772661", "sha256", "=", "sha256=é"],
    ids=["301 wrong", "302 none", "weak", "half", "empty", "not ASCII"],
)  # fmt: skip
def test_301_and_302_what_is_not_signed_with_the_secret_is_refused(
    services: Services, hub: Hub, signature: str
) -> None:
    subscribed(services, hub)
    assert hub.push(rss(1), X_Hub_Signature=signature) == 403
    assert services.sent == []


def test_a_body_of_megabytes_is_taken_and_a_larger_one_is_not(services: Services, hub: Hub) -> None:
    subscribed(services, hub)
    assert hub.push(rss(1) + b" " * 3_000_000) == 202
    assert hub.push(rss(1) + b" " * 5_000_000) == 413


def test_polls_are_rare_while_the_hub_sends_and_often_again_when_a_poll_finds_what_it_did_not(
    services: Services, hub: Hub
) -> None:
    subscribed(services, hub)
    hub.push(rss(1))
    services.deliver()
    [source] = services.rows(Source)
    assert source.next_poll_at - source.last_polled_at > timedelta(hours=3)
    assert source.reason.startswith("its hub sends what is new; polled after ")
    hub.push(rss(1, 2, 3))
    [pushed] = services.sent
    polled = pushed.model_copy(update={"via": "source"})
    services.sent = [polled]
    services.deliver()
    [source] = services.rows(Source)
    assert source.next_poll_at - source.last_polled_at < timedelta(hours=3)
    assert "items a day" in source.reason


def test_a_lease_is_renewed_before_it_ends_and_what_is_over_is_not_relied_on(services: Services, hub: Hub) -> None:
    subscribed(services, hub)
    [row] = services.rows(Subscription)
    assert row.due_at < row.lease_ends_at
    with Session(services.engine) as session, session.begin():
        session.execute(update(Subscription).values(due_at=now_utc(), verified_at=now_utc() - timedelta(hours=1)))
    services.ask()
    assert len(hub.requests) == 2
    hub.verify(lease_seconds="5000")
    services.deliver()
    [row] = services.rows(Subscription)
    assert row.lease_ends_at > now_utc() + timedelta(seconds=4900)


def test_a_channel_that_is_followed_no_more_is_unsubscribed(services: Services, hub: Hub) -> None:
    subscribed(services, hub)
    services.store.handle(ChannelChanged(key=fingerprint(FEED), actor="cli", state="removed"))
    services.ask()
    assert hub.form["hub.mode"] == "unsubscribe"
    assert hub.push(rss(1)) == 410
    assert hub.verify() == (200, b"a challenge")
    services.deliver()
    assert services.rows(Subscription) == []
    assert services.due() == []


def test_a_hub_that_does_not_say_goodbye_is_left_after_three_times(services: Services, hub: Hub) -> None:
    subscribed(services, hub)
    services.store.handle(ChannelChanged(key=fingerprint(FEED), actor="cli", state="removed"))
    for _ in range(3):
        with Session(services.engine) as session, session.begin():
            session.execute(update(Subscription).values(due_at=now_utc()))
        services.ask()
    assert services.rows(Subscription) == []


def test_without_a_public_url_no_hub_is_asked(services: Services, hub: Hub) -> None:
    services.follow(f"{hub.url}/hub")
    services.public_url = ""
    assert services.due() == []


def test_what_hubs_answered_twice_is_stored_once(services: Services, hub: Hub) -> None:
    answer = SubscriptionAnswered(channel_key=fingerprint(FEED), hub_url=HUB, topic_url=FEED, state="ended")
    services.store.handle_batch([answer, answer])
    services.store.handle_batch([answer.model_copy(update={"state": "active"})] * 2)
    assert len(services.rows(Subscription)) == 1


def test_a_feed_that_is_polled_names_its_hub_itself_and_takes_it_back(services: Services, hub: Hub) -> None:
    services.store.handle(SourceDeclared(name="News", url=FEED, kind=Kind.FEED, follow=False))
    for link, requests in ((f'<{hub.url}/hub>; rel="hub"', 1), ("", 0)):
        http = Http(answer=(("Link", link),))
        page = Page(url=FEED, final_url=FEED, key=services.pages.put(rss(1), None, http), fetched_at=now_utc())
        services.sent = [PageFetched(page=page, kind=Kind.FEED, follow=False, via="source")]
        services.deliver()
        assert len(services.due()) == requests
        [source] = services.rows(Source)
        assert source.topic_url == (FEED if requests else None)
