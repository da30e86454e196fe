import gzip
import hashlib
import socket
import time
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime

import brotli
import pytest

from services.fetcher.settings import FetcherSettings
from shared.contracts import FetchRequested, Kind, Reason, decode, encode
from shared.errors import Drop, SettingsError, TryLater
from shared.later import Later
from shared.settings import load


def ask(url: str, **fields) -> FetchRequested:
    return FetchRequested(url=url, **fields)


def end(fetcher, url: str, **fields) -> Drop | TryLater:
    with pytest.raises((Drop, TryLater)) as caught:
        fetcher.fetch(ask(url, **fields))
    return caught.value


def test_a_page_is_stored_byte_for_byte_and_described(make, site, pages) -> None:
    body = "<p>Café</p>".encode("latin-1")
    url = site.page(body, Content_Type='text/html; charset="ISO-8859-1"', ETag='"1"', Last_Modified="yesterday")
    request = ask(url + "#part", kind=Kind.ARTICLE, follow=False, source_id=7)
    [fetched] = make().fetch(request)
    page = fetched.page
    assert pages.get(page.key) == body
    assert (page.url, page.final_url, page.status, page.size) == (url + "#part", url, 200, len(body))
    assert (page.media_type, page.charset, page.etag, page.last_modified) == (
        "text/html", "iso-8859-1", '"1"', "yesterday",
    )  # fmt: skip
    assert page.body_hash == hashlib.sha256(body).hexdigest()
    assert (fetched.trace_id, fetched.kind, fetched.follow, fetched.source_id) == (
        request.trace_id, Kind.ARTICLE, False, 7,
    )  # fmt: skip


def test_it_says_who_it_is_and_keeps_no_cookie(make, site) -> None:
    url = site.page(Set_Cookie="id=1; Path=/")
    fetcher = make(user_agent="Wire/2 (+https://wire.example/bot)")
    fetcher.fetch(ask(url))
    fetcher.fetch(ask(url))
    headers = site.received[-1][1]
    assert headers["user-agent"] == "Wire/2 (+https://wire.example/bot)"
    assert "cookie" not in headers


@pytest.mark.parametrize(
    ("status", "reason"),
    [(304, "not-modified"), (401, "http-401"), (403, "http-403"), (404, "http-404"), (410, "http-410"),
     (451, "http-451"), (400, "http-4xx"), (418, "http-4xx"), (501, "http-5xx"), (300, "http-other"),
     (204, "no-content")],
)  # fmt: skip
def test_statuses_that_end_a_page(make, site, status: int, reason: str) -> None:
    error = end(make(), site.page(b"", status))
    assert isinstance(error, Drop)
    assert error.reason == reason


@pytest.mark.parametrize(
    ("status", "reason"),
    [
        (408, "timeout"),
        (425, "http-4xx"),
        (429, "http-429"),
        *((code, "http-5xx") for code in (500, 502, 503, 504, 522)),
    ],
)
def test_statuses_that_may_do_better_later(make, site, status: int, reason: str) -> None:
    error = end(make(), site.page(b"", status), attempt=3)
    assert isinstance(error, TryLater)
    assert (error.reason, error.counts, error.host) == (reason, True, None)
    assert 0 <= error.seconds <= 120


@pytest.mark.parametrize(("attempt", "limit"), [(1, 30), (2, 60), (5, 480), (9, 3600), (100, 3600)])
def test_the_backoff_is_spread_evenly_under_a_limit_that_doubles_up_to_an_hour(make, attempt: int, limit: int) -> None:
    fetcher = make()
    waits = [fetcher._backoff(attempt, None) for _ in range(300)]
    assert 0 <= min(waits) < 0.05 * limit
    assert 0.95 * limit < max(waits) <= limit
    assert sum(waits) / len(waits) == pytest.approx(limit / 2, rel=0.2)


@pytest.mark.parametrize(
    ("value", "seconds"),
    [("120", 120), ("9999999", 86_400), ("in ten minutes", 600)],
)
def test_retry_after_in_both_forms(make, site, value: str, seconds: float) -> None:
    if seconds == 600:
        value = format_datetime(datetime.now(UTC) + timedelta(minutes=10), usegmt=True)
    error = end(make(), site.page(b"", 503, Retry_After=value))
    assert error.seconds == pytest.approx(seconds, abs=60 if seconds == 600 else 0.001)


@pytest.mark.parametrize("value", ["5", "soon", "-1", "", "Thu, 99 Foo 2026", "1" * 500])
def test_retry_after_that_says_little_or_nothing_shortens_nothing(make, site, value: str) -> None:
    assert end(make(), site.page(b"", 503, Retry_After=value)).seconds <= 30


def test_a_host_that_asks_for_rest_gets_it(make, site) -> None:
    fetcher = make()
    end(fetcher, site.page(b"", 429, Retry_After="100"))
    error = end(fetcher, site.page(path="/other"))
    assert isinstance(error, TryLater)
    assert (error.reason, error.counts) == (Reason.HOST_BUSY, False)
    assert 95 < error.seconds <= 100


def test_an_unchanged_page_by_validator_or_by_hash(make, site) -> None:
    url = site.page(b"same", ETag='"2"')
    [fetched] = make().fetch(ask(url, etag='"1"', last_modified="Mon, 05 Jan 2026 00:00:00 GMT"))
    headers = site.received[-1][1]
    assert (headers["if-none-match"], headers["if-modified-since"]) == ('"1"', "Mon, 05 Jan 2026 00:00:00 GMT")
    assert end(make(), url, body_hash=fetched.page.body_hash).reason is Reason.NOT_MODIFIED


def test_redirects_are_followed_and_recorded(make, site) -> None:
    site.page(b"", 301, "/a", Location="/b?x=1#frag")
    site.page(b"", 302, "/b?x=1", Location=f"{site.url}/page")
    url = site.page()
    [fetched] = make().fetch(ask(site.url + "/a"))
    assert fetched.page.url == site.url + "/a"
    assert fetched.page.final_url == url
    assert fetched.page.redirects == (site.url + "/b?x=1", url)


@pytest.mark.parametrize(
    ("location", "reason"),
    [("http://10.0.0.1/", "address-refused"), ("http://127.0.0.2/", "address-refused"),
     ("http://[::1]/", "address-refused"), ("file:///etc/passwd", "redirects"), ("javascript:0", "redirects"),
     ("/a", "redirects"), ("/secret", "robots")],
)  # fmt: skip
def test_every_hop_is_checked(make, site, location: str, reason: str) -> None:
    site.answers["/robots.txt"] = (200, {}, b"User-agent: *\nDisallow: /secret")
    error = end(make(), site.page(b"", 302, "/a", Location=location))
    assert error.reason == reason
    assert site.paths() == ["/robots.txt", "/a"]


def test_redirects_have_a_limit_and_their_bodies_are_not_read(make, site) -> None:
    for n in range(9):
        site.page(b"x" * 1000, 302, f"/{n}", Location=f"/{n + 1}")
    assert end(make(fetch_max_redirects=3), site.url + "/0").reason is Reason.REDIRECTS
    assert site.paths()[1:] == ["/0", "/1", "/2", "/3"]


@pytest.mark.parametrize(("name", "pack"), [("gzip", gzip.compress), ("br", brotli.compress)])
def test_compressed_pages_are_unpacked(make, site, pages, name: str, pack) -> None:
    [fetched] = make().fetch(ask(site.page(pack(b"news" * 99), Content_Encoding=name)))
    assert pages.get(fetched.page.key) == b"news" * 99


@pytest.mark.parametrize(
    ("body", "headers", "reason"),
    [(b"x" * 5000, {}, "too-large"),
     (gzip.compress(bytes(50_000_000), mtime=0), {"Content_Encoding": "gzip"}, "too-large"),
     (brotli.compress(bytes(50_000_000)), {"Content_Encoding": "br"}, "too-large"),
     (b"\x1f\x8b no gzip", {"Content_Encoding": "gzip"}, "bad-encoding"),
     (b"\x00x", {"Content_Encoding": "zstd"}, "bad-encoding"),
     (b"%PDF", {"Content_Type": "application/pdf"}, "not-text"),
     (b"x", {"Content_Type": "image/svg+xml"}, "not-text"),
     (b"x", {"Content_Type": "application/vnd.openxmlformats"}, "not-text")],
)  # fmt: skip
def test_bodies_that_are_not_read(make, site, body: bytes, headers: dict[str, str], reason: str) -> None:
    assert end(make(fetch_max_bytes=4000, obey_robots=False), site.page(body, **headers)).reason == reason


@pytest.mark.parametrize(
    "kind",
    "text/html application/xhtml+xml application/rss+xml application/atom+xml text/xml application/xml "
    "application/feed+json application/json text/plain TEXT/HTML;charset=utf-8".split(),
)
def test_media_types_that_are_read(make, site, kind: str) -> None:
    assert make().fetch(ask(site.page(Content_Type=kind)))


def test_a_page_without_a_media_type_is_read(make, site) -> None:
    site.answers["/page"] = (200, {}, b"news")
    [fetched] = make().fetch(ask(site.url + "/page"))
    assert fetched.page.media_type is None


@pytest.mark.parametrize(
    ("status", "headers", "body"),
    [(403, {"cf-mitigated": "challenge"}, b""), (200, {"cf-mitigated": "challenge"}, b"x"),
     (503, {}, b"<script>window._cf_chl_opt={}</script>"), (202, {"x-amzn-waf-action": "challenge"}, b""),
     (403, {}, b"<script src='https://ct.captcha-delivery.com/c.js'>")],
)  # fmt: skip
def test_a_bot_test_is_no_page(make, site, status: int, headers: dict[str, str], body: bytes) -> None:
    assert end(make(), site.page(body, status, **headers)).reason is Reason.BLOCKED_CHALLENGE


def drip(head: bytes):
    def answer(handler) -> None:
        handler.wfile.write(head)
        for _ in range(100):
            time.sleep(0.05)
            handler.wfile.write(b"x")

    return answer


@pytest.mark.parametrize("head", [b"HTTP/1.1 200 OK\r\n\r\n", b"HTTP/1.1 200 OK\r\nX-Slow: "])
def test_a_server_that_drips_is_left_in_time(make, site, head: bytes) -> None:
    site.answers["/page"] = drip(head)
    started = time.monotonic()
    error = end(make(fetch_total_timeout=0.3, obey_robots=False), site.url + "/page")
    assert isinstance(error, TryLater)
    assert error.reason is Reason.TIMEOUT
    assert time.monotonic() - started < 1


def test_a_silent_server_is_left_at_the_read_timeout(make, site) -> None:
    site.answers["/page"] = lambda _: time.sleep(0.5)
    assert end(make(fetch_read_timeout=0.1, obey_robots=False), site.url + "/page").reason is Reason.TIMEOUT


def test_a_body_that_breaks_off_is_no_page(make, site, pages) -> None:
    error = end(make(), site.page(b"half", Content_Length="1000"))
    assert (type(error), error.reason) == (TryLater, Reason.CONNECTION)
    assert not pages.bodies


def test_connections_that_fail(make, site) -> None:
    with socket.create_server(("127.0.0.1", 0)) as unused:
        port = unused.getsockname()[1]
    assert end(make(obey_robots=False), f"http://127.0.0.1:{port}/").reason is Reason.CONNECTION

    def lost(*_, **__):
        raise socket.gaierror(-3, "Temporary failure in name resolution")

    error = end(make(resolve=lost), "http://news.example/")
    assert (type(error), error.reason) == (TryLater, Reason.DNS)


@pytest.mark.parametrize(
    "url", ["ftp://x/", "http://", "http://u:p@x/", "news", "http://a..b/", f"http://{'a' * 70}.x/"]
)
def test_no_url(make, url: str) -> None:
    assert end(make(), url).reason is Reason.BAD_URL


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("FETCH_ALLOW_NETWORKS", "10.0.0.1/8"),
        ("FETCH_ALLOW_PORTS", "http"),
        ("USER_AGENT", "ü"),
        ("HOST_INTERVAL", "-1"),
    ],
)
def test_a_wrong_setting_is_named(monkeypatch, name: str, value: str) -> None:
    monkeypatch.setenv(f"NEWSMILL_{name}", value)
    with pytest.raises(SettingsError, match=f"NEWSMILL_{name}"):
        load(FetcherSettings)


# -- what is remembered of a page


def test_a_page_that_has_moved_for_good_says_where(make, site) -> None:
    site.page(b"", 301, "/old", Location="/new")
    site.page(b"", 308, "/new", Location="/newest")
    site.page(b"", 302, "/newest", Location="/page")
    site.page()
    [fetched] = make().fetch(ask(site.url + "/old"))
    assert (fetched.page.moved_to, fetched.page.final_url) == (site.url + "/newest", site.url + "/page")
    site.page(b"", 302, "/for-now", Location="/new")
    [fetched] = make().fetch(ask(site.url + "/for-now"))
    assert fetched.page.moved_to is None


def test_where_a_page_has_moved_is_asked_at_once(make, site) -> None:
    site.page(b"", 301, "/old", Location="/page")
    url = site.page()
    [fetched] = make().fetch(ask(site.url + "/old", moved_to=url))
    assert "/old" not in site.paths()
    assert (fetched.page.url, fetched.page.moved_to) == (site.url + "/old", url)


def test_where_a_page_has_moved_may_be_wrong_one_day(make, site) -> None:
    url = site.page()
    [fetched] = make().fetch(ask(url, moved_to=site.url + "/gone"))
    assert site.paths()[1:] == ["/gone", "/page"]
    assert (fetched.page.final_url, fetched.page.moved_to) == (url, None)


@pytest.mark.parametrize(
    "answer",
    [(403, {}, b""), (410, {}, b""), (200, {"Content-Type": "image/png"}, b"x"), (200, {}, b"<div id='onetrust-consent-sdk'>"),
     (200, {}, b"<html data-adblockkey='x'><title>paper.example</title>"),
     (302, {"Location": "/login?next=/page"}, b""), (301, {"Location": "/moved"}, b"")],
)  # fmt: skip
def test_a_page_whose_new_place_yields_nothing_is_asked_for_at_its_old_one(make, site, answer) -> None:
    url = site.page()
    site.answers["/moved"] = answer
    [fetched] = make().fetch(ask(url, moved_to=site.url + "/moved"))
    assert (site.paths()[-1], fetched.page.final_url, fetched.page.moved_to) == ("/page", url, None)


@pytest.mark.parametrize(
    "moved_to", ["http://127.0.0.1:1/moved", "http://nowhere.invalid/moved", "{}/broken", "{}/slow"]
)
def test_a_page_whose_new_place_fails_is_asked_for_at_its_old_one(make, site, moved_to: str) -> None:
    url = site.page()
    site.answers |= {"/broken": (500, {}, b""), "/slow": lambda _: time.sleep(0.6)}
    [fetched] = make(fetch_read_timeout=0.3).fetch(ask(url, moved_to=moved_to.format(site.url)))
    assert (site.paths()[-1], fetched.page.final_url, fetched.page.moved_to) == ("/page", url, None)


def test_the_old_place_is_asked_again_with_each_full_request(make, site) -> None:
    url = site.page()
    site.page(path="/moved")
    [fetched] = make().fetch(ask(url, moved_to=site.url + "/moved", full=True))
    assert (site.paths()[1:], fetched.page.moved_to) == (["/page"], None)


@pytest.mark.parametrize("target", ["/login?next=%2Fpage", "/users/sign_in", "/sso/start", "/"])
def test_a_permanent_redirect_to_a_login_or_the_home_page_is_not_for_ever(make, site, target: str) -> None:
    site.page(b"", 301, "/old", Location=target)
    site.page(path=target)
    [fetched] = make().fetch(ask(site.url + "/old"))
    assert (fetched.page.final_url, fetched.page.moved_to) == (site.url + target, None)


def test_a_journey_that_waits_forgets_neither_its_assumption_nor_that_it_was_wrong(make, site, redis) -> None:
    request = ask(site.page(), moved_to=site.url + "/moved")
    paths = []
    for _ in range(2):
        with pytest.raises(TryLater) as caught:
            make(host_interval=60).fetch(request)
        request = request.model_copy(update={"trail": caught.value.trail})
        paths.append((site.paths()[-1], caught.value.trail and caught.value.trail.urls))
        redis.hset("newsmill:host:127.0.0.1", "last", 1)
    assert paths == [("/robots.txt", None), ("/moved", (request.url,))]
    assert make(host_interval=60).fetch(request)
    assert site.paths() == ["/robots.txt", "/moved", "/page"]


def test_a_full_request_asks_without_conditions(make, site) -> None:
    url = site.page(b"same", ETag='"1"')
    body_hash = hashlib.sha256(b"same").hexdigest()
    drop = end(make(), url, etag='"1"', last_modified="yesterday", body_hash=body_hash, full=True)
    assert not {"if-none-match", "if-modified-since"} & site.received[-1][1].keys()
    # The ledger learns that it has seen the page whole.
    assert (drop.reason, drop.page.status, drop.page.body_hash) == (Reason.NOT_MODIFIED, 200, body_hash)


@pytest.mark.parametrize("validators", [{"ETag": '"1"'}, {"Last_Modified": "Mon, 05 Jan 2026 00:00:00 GMT"}])
def test_validators_that_stay_while_the_page_changes_are_believed_no_more(make, site, validators) -> None:
    validators_sent = {"etag": '"1"', "last_modified": "Mon, 05 Jan 2026 00:00:00 GMT", "body_hash": "0" * 64}
    url = site.page(b"news", **validators)
    [fetched] = make().fetch(ask(url, **validators_sent, full=True))
    assert (fetched.page.etag, fetched.page.last_modified) == ("", "")
    [fetched] = make().fetch(ask(url, **validators_sent | {"etag": '"0"', "last_modified": "yesterday"}, full=True))
    assert fetched.page.etag or fetched.page.last_modified


@pytest.mark.parametrize(
    ("name", "value"),
    [("Last_Modified", "Fri, 01 Jan 2041 00:00:00 GMT"), ("ETag", "x" * 2000), ("ETag", '"\xff"')],
)
def test_validators_that_make_no_sense_are_not_kept(make, site, name: str, value: str) -> None:
    [fetched] = make().fetch(ask(site.page(**{name: value})))
    assert (fetched.page.etag or "", fetched.page.last_modified or "") == ("", "")


def test_what_a_hostile_ledger_says_is_not_sent(make, site) -> None:
    make().fetch(ask(site.page(), etag='"1"\r\nX-Evil: 1', last_modified="\u0661"))
    assert not {"if-none-match", "if-modified-since", "x-evil"} & site.received[-1][1].keys()


# -- turns on the way


def test_each_hop_takes_a_turn_and_goes_on_from_where_it_was(make, site, redis) -> None:
    site.page(b"", 302, "/go", Location="/page")
    site.page()
    request = ask(site.url + "/go")
    fetcher = make(host_interval=60, obey_robots=False)
    with pytest.raises(TryLater) as caught:
        fetcher.fetch(request)
    assert (caught.value.host, caught.value.first) == ("127.0.0.1", True)
    assert caught.value.trail.urls == (site.url + "/go", site.url + "/page")
    fetcher._politeness.flush()
    redis.hset("newsmill:host:127.0.0.1", "last", 1)
    kept = request.model_copy(update={"trail": caught.value.trail})
    [fetched] = make(host_interval=60, obey_robots=False).fetch(decode(encode(kept)))
    assert site.paths() == ["/go", "/page"]
    assert fetched.page.redirects == (site.url + "/page",)


def test_hosts_at_one_address_share_their_turns_where_that_is_set(make, site) -> None:
    def local(host: str, port: int, **_):
        return [(2, 1, 6, "", ("127.0.0.1", port))]

    site.page()
    port = site.server.server_port
    fetcher = make(resolve=local, host_interval=60, host_by_address=True, obey_robots=False)
    fetcher.fetch(ask(f"http://one.example:{port}/page"))
    error = end(fetcher, f"http://two.example:{port}/page")
    assert (error.reason, error.host) == (Reason.HOST_BUSY, "127.0.0.1")


def test_a_host_that_fails_is_left_alone(make, site) -> None:
    fetcher = make(host_failures=3, obey_robots=False)
    for _ in range(3):
        assert end(fetcher, site.page(b"", 500)).reason is Reason.HTTP_5XX
    error = end(fetcher, site.page())
    assert (error.reason, error.counts) == (Reason.HOST_BUSY, False)
    assert "breaker" in error.detail
    assert len(site.paths()) == 3


def test_a_turn_that_came_with_the_message_is_given_back_when_robots_forbid_the_page(make, site, redis) -> None:
    site.answers["/robots.txt"] = (200, {}, b"User-agent: *\nDisallow: /page")
    fetcher = make(host_in_flight=1)
    end(fetcher, site.page())
    later, request = Later(redis), ask(site.page())
    later.wait_turn(request, "127.0.0.1", 0)
    assert fetcher._politeness.release(10)
    with pytest.raises(Drop):
        fetcher.fetch(request)
    assert redis.zcard("newsmill:flight:127.0.0.1") == 0
    assert fetcher.fetch(ask(site.page(path="/allowed")))


def test_a_turn_that_redis_has_not_heard_the_end_of_is_not_taken_twice(make, site, monkeypatch) -> None:
    fetcher = make(host_interval=60)
    monkeypatch.setattr(fetcher._politeness, "_take_unreported", list)
    error = end(fetcher, site.page())
    assert error.reason is Reason.HOST_BUSY
    assert error.seconds > 50
    assert site.paths() == ["/robots.txt"]
