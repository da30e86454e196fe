"""The HTTP layer against servers that mean no good, on real sockets."""

import gzip
import socket
import time
import tracemalloc
import zlib
from collections.abc import Callable, Iterator
from pathlib import Path

import brotli
import pytest
import zstandard

from services.fetcher.settings import FetcherSettings
from services.fetcher.wire.cookies import Jar
from services.fetcher.wire.decoding import body
from services.fetcher.wire.failures import Failure
from services.fetcher.wire.guard import Guard
from services.fetcher.wire.metered import HEAD_LIMIT
from services.fetcher.wire.resolver import Resolver
from services.fetcher.wire.web import Exchange, Web, make_web
from shared.contracts import Access, Reason
from shared.errors import Drop, SettingsError
from tests.fetcher.hostile import drips, floods, hostile, ok, resets, sends, sleeps

MIB = 1_048_576


@pytest.fixture
def web() -> Iterator[Callable[..., Web]]:
    made: list[Web] = []

    def make(resolve=None, **changed) -> Web:
        settings = FetcherSettings(**{"fetch_allow_networks": "127.0.0.1/32", "fetch_allow_ports": ""} | changed)
        if resolve:
            made.append(Web(settings, Guard(settings.networks(), settings.ports(), Resolver(1, resolve))))
        else:
            made.append(make_web(settings))
        return made[-1]

    yield make
    for opened in made:
        opened.close()


def take(web: Web, url: str, *, seconds: float = 5.0, limit: int = MIB, **options) -> bytes:
    with web.get(url, time.monotonic() + seconds, **options) as answer:
        return body(answer, limit)


def failure(web: Web, url: str, **options) -> Failure | Drop:
    with pytest.raises((Failure, Drop)) as caught:
        take(web, url, **options)
    return caught.value


# -- what is no answer


@pytest.mark.parametrize(
    ("answer", "reason"),
    [
        (sends(b""), Reason.CONNECTION),
        (resets(), Reason.CONNECTION),
        (resets(b"HTTP/1.1 200 OK\r\nContent-"), Reason.CONNECTION),
        (resets(b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nhalf"), Reason.CONNECTION),
        (sends(b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nhalf"), Reason.CONNECTION),
        (sends(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n9\r\nhalf"), Reason.CONNECTION),
        (sends(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\nhalf"), Reason.CONNECTION),
        (sends(b"SSH-2.0-OpenSSH_9.2\r\n"), Reason.BAD_ANSWER),
        (sends(b"\x16\x03\x01\x02garbage\r\n\r\n"), Reason.BAD_ANSWER),
        (sends(b"HTTP/1.1 abc OK\r\n\r\n"), Reason.BAD_ANSWER),
        (sends(b"HTTP/1.1 200 OK\r\nContent-Length: 1, 2\r\n\r\nxy"), Reason.BAD_ANSWER),
        (sends(b"HTTP/1.1 200 OK\r\nX: " + b"y" * 70_000 + b"\r\n\r\n"), Reason.BAD_ANSWER),
        (sends(b"HTTP/1.1 200 OK\r\n" + b"X: y\r\n" * 200 + b"\r\n"), Reason.BAD_ANSWER),
        (floods(b"", b"HTTP/1.1 100 Continue\r\n\r\n" * 100), Reason.BAD_ANSWER),
        (floods(b"HTTP/1.1 200 OK\r\n", b"X: " + b"y" * 60_000 + b"\r\n"), Reason.BAD_ANSWER),
        (sleeps, Reason.TIMEOUT),
    ],
)
def test_what_is_no_answer_has_its_name_and_may_do_better_later(web, answer, reason: Reason) -> None:
    with hostile(answer) as server:
        error = failure(web(fetch_read_timeout=0.3), server.url)
    assert (type(error), error.reason) == (Failure, reason)


@pytest.mark.parametrize(
    "answer",
    [
        drips(b"HT"),
        drips(b"HTTP/1.1 200 OK\r\nX: "),
        drips(b"HTTP/1.1 200 OK\r\n\r\n"),
        drips(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nffff\r\n"),
        drips(b"HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\n\r\n" + gzip.compress(b"")[:10]),
    ],
)
def test_who_drips_is_left_when_the_time_is_over(web, answer) -> None:
    with hostile(answer) as server:
        began = time.monotonic()
        error = failure(web(), server.url, seconds=0.4)
    assert error.reason is Reason.TIMEOUT
    assert time.monotonic() - began < 1


def test_heads_with_mistakes_that_browsers_forgive_are_read(web) -> None:
    with hostile(sends(b"HTTP/1.1 200\r\ncontent-length :4\r\nSet-Cookie\r\n\r\nnews")) as server:
        assert take(web(), server.url).endswith(b"news")


def test_a_length_that_is_none_is_no_length(web) -> None:
    with hostile(sends(b"HTTP/1.1 200 OK\r\nContent-Length: -7\r\n\r\nnews")) as server:
        assert take(web(), server.url) == b"news"


# -- what is too much


def gzipped(data: bytes) -> bytes:
    """Without the time of day: the tests' names have it in them."""
    return gzip.compress(data, mtime=0)


def deflated(data: bytes) -> bytes:
    packer = zlib.compressobj(wbits=-15)
    return packer.compress(data) + packer.flush()


PACKED = {
    "gzip": gzip.compress,
    "x-gzip": gzip.compress,
    "deflate": zlib.compress,
    "br": brotli.compress,
    "zstd": zstandard.compress,
}


@pytest.mark.parametrize("name", PACKED)
def test_what_is_packed_is_unpacked(web, name: str) -> None:
    with hostile(sends(ok(PACKED[name](b"news" * 999), b"Content-Encoding: " + name.encode()))) as server:
        assert take(web(), server.url) == b"news" * 999
    assert b"accept-encoding: gzip, deflate, br, zstd" in server.requests[0].lower()


@pytest.mark.parametrize(
    ("packed", "name"),
    [
        (deflated(b"news"), "deflate"),
        (gzipped(b"ne") + gzipped(b"ws"), "gzip"),
        (gzipped(b"news") + b"\x00" * 99, "gzip"),
        (brotli.compress(gzipped(b"news")), "gzip, br"),
        (b"news", "identity"),
    ],
)
def test_packing_with_its_oddities(web, packed: bytes, name: str) -> None:
    with hostile(sends(ok(packed, b"Content-Encoding: " + name.encode()))) as server:
        assert take(web(), server.url) == b"news"


@pytest.mark.parametrize("name", ["gzip", "deflate", "br", "zstd"])
def test_a_bomb_stops_early(web, name: str) -> None:
    bomb = PACKED[name](bytes(100 * MIB)) if name != "br" else brotli.compress(bytes(100 * MIB), quality=1)
    fetcher = web()
    with hostile(sends(ok(bomb, b"Content-Encoding: " + name.encode()))) as server:
        tracemalloc.start()
        read = take(fetcher, server.url, limit=MIB)
        _, peak = tracemalloc.get_traced_memory()
        tracemalloc.stop()
    assert MIB < len(read) < 3 * MIB
    assert peak < 16 * MIB


@pytest.mark.parametrize("junk", [b"\x00 not packed", gzipped(str(list(range(999))).encode())[:300] + b"\xff" * 300])
def test_damaged_packing_is_no_page(web, junk: bytes) -> None:
    with hostile(sends(ok(junk, b"Content-Encoding: gzip"))) as server:
        error = failure(web(), server.url)
    assert error.reason in (Reason.BAD_ENCODING, Reason.CONNECTION)


@pytest.mark.parametrize("head", [b"HTTP/1.1 200 OK\r\n\r\n", b"HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\n\r\n"])
def test_what_never_ends_on_the_wire_is_cut_off(web, head: bytes) -> None:
    # An endless stream of empty gzip members never makes a byte of page.
    with hostile(floods(head, gzip.compress(b"") * 1000)) as server:
        exchange = Exchange()
        error = failure(web(fetch_max_bytes=100_000), server.url, limit=10 * MIB, exchange=exchange)
    assert error.reason is Reason.TOO_LARGE
    assert exchange.wire_bytes < MIB


# -- connections


def test_a_connection_is_kept_and_used_again(web) -> None:
    def twice(connection: socket.socket) -> None:
        connection.sendall(ok(b"one"))
        server.hear(connection)
        connection.sendall(ok(b"two"))

    fetcher, first, second = web(), Exchange(), Exchange()
    with hostile(twice) as server:
        assert take(fetcher, server.url, exchange=first) == b"one"
        assert take(fetcher, server.url, exchange=second) == b"two"
        assert server.connections == 1
    assert (first.reused, second.reused, second.connect) == (False, True, None)
    assert first.address == "127.0.0.1"
    assert first.wire_bytes == len(ok(b"one"))


def answers(*each: bytes) -> Callable[[socket.socket], None]:
    """Sends an answer to each request of a connection."""

    def answer(connection: socket.socket) -> None:
        for content in each:
            connection.sendall(content)
            hears(connection)

    return answer


def hears(connection: socket.socket) -> None:
    while b"\r\n\r\n" not in connection.recv(65_536):
        pass


MISSING = b"HTTP/1.1 404 Not Found\r\nContent-Length: 6\r\n\r\nabsent"
IN_CHUNKS = b"HTTP/1.1 404 Not Found\r\nTransfer-Encoding: chunked\r\n\r\n6\r\nabsent\r\n0\r\n\r\n"
UNCHANGED = b"HTTP/1.1 304 Not Modified\r\n\r\n"


@pytest.mark.parametrize("first", [MISSING, IN_CHUNKS, UNCHANGED], ids=["length", "chunks", "304"])
def test_an_answer_that_nobody_reads_leaves_its_connection_to_the_next_request(web, first) -> None:
    fetcher, second = web(), Exchange()
    with hostile(answers(first, ok(b"news"))) as server:
        with pytest.raises(Drop), fetcher.get(server.url, time.monotonic() + 5):
            raise Drop(Reason.HTTP_4XX)
        assert take(fetcher, server.url, exchange=second) == b"news"
        assert (server.connections, second.reused) == (1, True)


@pytest.mark.parametrize(
    "first",
    [
        sends(b"HTTP/1.1 404 Not Found\r\nContent-Length: 1000000\r\n\r\nabsent"),
        drips(b"HTTP/1.1 404 Not Found\r\nContent-Length: 60000\r\n\r\n"),
        floods(b"HTTP/1.1 404 Not Found\r\nTransfer-Encoding: chunked\r\n\r\n", b"ffff\r\n" + b"x" * 65_535 + b"\r\n"),
        sends(b"HTTP/1.1 404 Not Found\r\nTransfer-Encoding: chunked\r\n\r\n-1\r\nx"),
    ],
    ids=["long", "slow", "endless", "damaged"],
)  # fmt: skip
def test_an_answer_that_nobody_reads_and_that_is_long_or_slow_is_broken_off(web, first) -> None:
    fetcher, second = web(), Exchange()
    with hostile(first, sends(ok(b"news"))) as server:
        with fetcher.get(server.url, time.monotonic() + 5) as answer:
            assert answer.status_code == 404
        assert take(fetcher, server.url, exchange=second) == b"news"
        assert second.reused is False


def test_a_kept_connection_that_has_died_is_replaced(web) -> None:
    def once(connection: socket.socket) -> None:
        connection.sendall(ok(b"one"))
        # It dies when the next request arrives, so that nobody can see it before.
        server.hear(connection)

    turns: list[int] = []
    with hostile(once, sends(ok(b"two"))) as server:
        fetcher = web()
        take(fetcher, server.url)
        assert take(fetcher, server.url, turn=lambda: turns.append(1)) == b"two"
        assert server.connections == 2
    assert turns == [1]


def test_hosts_that_are_not_used_give_way(web) -> None:
    with hostile(sends(ok(b"news"))) as server:
        fetcher = web(resolve=lambda _h, port, **_: [(2, 1, 6, "", ("127.0.0.1", port))], fetch_hosts=2)
        for name in "abcabc":
            assert take(fetcher, f"http://{name}.example:{server.port}/") == b"news"
        assert len(fetcher._pools._pools) == 2


def test_the_turn_comes_when_the_connection_is_open_and_nothing_is_sent(web) -> None:
    moments: list[tuple[int, int]] = []
    exchange = Exchange()

    def turn() -> None:
        time.sleep(0.05)
        moments.append((server.connections, len(server.requests)))
        assert exchange.connect is not None
        assert exchange.sent_at is None

    with hostile(sends(ok(b"news"))) as server:
        take(web(), server.url, turn=turn, exchange=exchange)
    assert moments == [(1, 0)]
    assert exchange.sent_at
    assert exchange.first_byte


def test_a_turn_that_does_not_come_sends_nothing(web) -> None:
    def turn() -> None:
        raise Drop(Reason.HOST_DOWN, "away")

    with hostile(sends(ok(b"news"))) as server:
        assert failure(web(), server.url, turn=turn).reason is Reason.HOST_DOWN
        assert server.requests in ([], [b""])


def test_the_resolver_has_a_time_limit(web) -> None:
    def hangs(*_, **__):
        time.sleep(1.5)
        return []

    settings = FetcherSettings(fetch_dns_timeout=0.1)
    fetcher = Web(settings, Guard((), (), Resolver(settings.fetch_dns_timeout, hangs)))
    error = failure(fetcher, "http://slow.example/")
    assert (error.reason, "no answer in 0.1 s" in str(error)) == (Reason.DNS, True)


def test_a_name_is_looked_up_once_and_a_failure_soon_again(monkeypatch) -> None:
    names: list[str] = []

    def flaky(host, port, **_):
        names.append(host)
        if len(names) == 1:
            raise socket.gaierror(-3, "try again")
        return [(2, 1, 6, "", ("127.0.0.1", port))]

    resolver = Resolver(1, flaky)
    for _ in range(3):
        with pytest.raises(socket.gaierror):
            resolver.resolve("a.example", 80)
    monkeypatch.setattr("services.fetcher.wire.resolver.KEEP_FAILED_SECONDS", 0)
    assert resolver.resolve("a.example", 80)
    assert resolver.resolve("a.example", 80)
    assert len(names) == 2
    resolver.close()


CHUNKED = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"
COOKIES = b"".join(b"Set-Cookie: c%d=%b\r\n" % (number, b"y" * 2000) for number in range(2000))
FLOODS = {
    "100 without end": (floods(b"", b"HTTP/1.1 100 Continue\r\n\r\n" * 1000), Reason.BAD_ANSWER),
    "103 without end": (
        floods(b"", b"HTTP/1.1 103 Early Hints\r\nLink: </a>; rel=preload\r\n\r\n" * 1000),
        Reason.BAD_ANSWER,
    ),
    "102 with a head without end": (floods(b"HTTP/1.1 102 Processing\r\n", b"X: y\r\n" * 1000), Reason.BAD_ANSWER),
    "199 in a line without end": (floods(b"HTTP/1.1 199 ", b"y" * 60_000), Reason.BAD_ANSWER),
    "thousands of cookies": (sends(b"HTTP/1.1 200 OK\r\n" + COOKIES + b"\r\n"), Reason.BAD_ANSWER),
    "a cookie without end": (floods(b"HTTP/1.1 200 OK\r\nSet-Cookie: a=", b"y" * 60_000), Reason.BAD_ANSWER),
    "trailers without end": (floods(CHUNKED + b"4\r\nnews\r\n0\r\n", b"X: y\r\n" * 10_000), Reason.TOO_LARGE),
    "a trailer without end": (floods(CHUNKED + b"4\r\nnews\r\n0\r\nX: ", b"y" * 60_000), Reason.CONNECTION),
    "an extension without end": (floods(CHUNKED + b"4;a=", b"y" * 60_000), Reason.CONNECTION),
    "chunks of long extensions": (floods(CHUNKED, b"1;" + b"y" * 30_000 + b"\r\nx\r\n"), Reason.TOO_LARGE),
    "a chunk size without end": (floods(CHUNKED, b"0" * 60_000), Reason.CONNECTION),
}


@pytest.mark.hostile
@pytest.mark.parametrize("name", FLOODS)
def test_what_floods_is_left_by_name_before_it_fills_memory(web, name) -> None:
    answer, reason = FLOODS[name]
    tracemalloc.start()
    began = time.process_time()
    with hostile(answer) as server:
        error = failure(web(fetch_max_bytes=2 * MIB), server.url, seconds=20, limit=2 * MIB)
    peak, seconds = tracemalloc.get_traced_memory()[1], time.process_time() - began
    tracemalloc.stop()
    assert error.reason is reason
    assert peak < 20 * MIB
    assert seconds < 5


@pytest.mark.hostile
@pytest.mark.parametrize(
    "names",
    [("gzip", "gzip"), ("gzip", "br"), ("br", "gzip"), ("zstd", "gzip"), ("gzip", "gzip", "br"), ("deflate",) * 5],
)
def test_a_bomb_in_a_bomb_stops_early(web, names) -> None:
    bomb = bytes(50 * MIB)
    for name in names:
        bomb = PACKED[name](bomb)
    tracemalloc.start()
    with hostile(sends(ok(bomb, b"Content-Encoding: " + ", ".join(names).encode()))) as server:
        read = take(web(), server.url, seconds=20)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert MIB < len(read) < 3 * MIB
    assert peak < 30 * MIB


# -- cookies of a journey


@pytest.mark.hostile
def test_a_journey_keeps_as_many_cookies_as_a_browser_and_none_that_is_longer(web) -> None:
    many = [b"Set-Cookie: c%d=1" % number for number in range(90)]
    with hostile(
        *(sends(ok(b"", *cookies)) for cookies in (many[:49], [b"Set-Cookie: long=" + b"y" * 5000], many[49:]))
    ) as server:
        fetcher, jar = web(), Jar()
        for _ in range(3):
            with fetcher.get(server.url, time.monotonic() + 5, jar=jar) as answer:
                jar.read(answer)
    assert len(jar.dump()) == 50
    assert "long" not in {cookie["name"] for cookie in jar.dump()}


def test_cookies_of_a_journey_go_back_where_they_came_from_and_nowhere_else(web) -> None:
    def local(_host, port, **_):
        return [(2, 1, 6, "", ("127.0.0.1", port))]

    setting = ok(b"", b"Set-Cookie: moments=1; Path=/", b"Set-Cookie: safe=2; Secure")
    with hostile(sends(setting), sends(ok(b"news"))) as server:
        fetcher, jar = web(resolve=local), Jar()
        with fetcher.get(f"http://a.example:{server.port}/", time.monotonic() + 5, jar=jar) as answer:
            jar.read(answer)
        kept = Jar.load(jar.dump())
        assert kept
        take(fetcher, f"http://a.example:{server.port}/", jar=kept)
        take(fetcher, f"http://b.example:{server.port}/", jar=kept)
        take(fetcher, f"http://a.example:{server.port}/")
    cookies = [b"Cookie: moments=1" in request for request in server.requests]
    assert cookies == [False, True, False, False]
    assert not any(b"safe=2" in request for request in server.requests)


# -- logins and proxies


ACCESS = """
[logins.paper]
hosts = ["paper.example", "127.0.0.1"]
headers = { Authorization = "Bearer s3cret" }
cookies = { session = "abc" }
[proxies]
near = "http://user:pa55@127.0.0.1:PORT"
"""


def access_file(folder: Path, text: str = ACCESS, port: int = 1) -> Path:
    path = folder / "access.toml"
    path.write_text(text.replace("PORT", str(port)))
    return path


def test_a_login_goes_to_its_hosts_only(web, tmp_path) -> None:
    def local(_host, port, **_):
        return [(2, 1, 6, "", ("127.0.0.1", port))]

    fetcher = web(resolve=local, fetch_access_file=access_file(tmp_path))
    paper = Access(login="paper")
    with hostile(sends(ok(b"news"))) as server:
        for host in ("paper.example", "www.paper.example", "notpaper.example", "evil.example"):
            take(fetcher, f"http://{host}:{server.port}/", access=paper)
        take(fetcher, f"http://paper.example:{server.port}/")
    shown = [(b"Bearer s3cret" in request, b"session=abc" in request) for request in server.requests]
    assert shown == [(True, True)] * 2 + [(False, False)] * 3


def test_a_login_never_travels_in_the_clear(web, tmp_path) -> None:
    fetcher = web(resolve=lambda *_, **__: [(2, 1, 6, "", ("1.1.1.1", 80))], fetch_access_file=access_file(tmp_path))
    clear = fetcher._request("http://paper.example/", {}, Access(login="paper"), None)
    sealed = fetcher._request("https://paper.example/", {}, Access(login="paper"), None)
    assert ("Authorization" in clear.headers, "Authorization" in sealed.headers) == (False, True)


@pytest.mark.parametrize("access", [Access(login="nobody"), Access(proxy="nowhere")])
def test_an_access_that_nobody_set_up_ends_the_page_and_names_the_cure(web, tmp_path, access: Access) -> None:
    error = failure(web(fetch_access_file=access_file(tmp_path)), "http://127.0.0.1/", access=access)
    assert (error.reason, "NEWSMILL_FETCH_ACCESS_FILE" in error.detail) == (Reason.ACCESS_UNKNOWN, True)


@pytest.mark.parametrize(
    "text",
    ["nonsense", "[logins.a]\nhosts = 1", "[other]", '[logins.a]\nhosts = []\nheaders = { A = "x\\r\\nB: y" }',
     '[logins.a]\nhosts = []\nheaders = { "A:" = "x" }', '[proxies]\na = "socks5://x"'],
)  # fmt: skip
def test_an_access_file_that_is_wrong_is_named(web, tmp_path, text: str) -> None:
    with pytest.raises(SettingsError, match="NEWSMILL_FETCH_ACCESS_FILE") as caught:
        web(fetch_access_file=access_file(tmp_path, text))
    assert "x\r\n" not in str(caught.value)


def test_an_access_file_that_is_missing_is_named(web, tmp_path) -> None:
    with pytest.raises(SettingsError, match="No such file"):
        web(fetch_access_file=tmp_path / "none.toml")


def test_a_proxy_is_asked_for_the_whole_url_and_given_its_login(web, tmp_path) -> None:
    with hostile(sends(ok(b"news"))) as proxy:
        fetcher = web(
            resolve=lambda _h, port, **_: [(2, 1, 6, "", ("1.1.1.1", port))],
            fetch_access_file=access_file(tmp_path, port=proxy.port),
        )
        assert take(fetcher, "http://paper.example/a?b", access=Access(proxy="near")) == b"news"
    assert proxy.requests[0].startswith(b"GET http://paper.example/a?b HTTP/1.1\r\n")
    assert b"proxy-authorization: basic dxnlcjpwytu1" in proxy.requests[0].lower()


def test_a_proxy_is_asked_to_connect_for_https(web) -> None:
    with hostile(sends(b"HTTP/1.1 200 OK\r\n\r\nno TLS")) as proxy:
        url = f"http://user:pa55@127.0.0.1:{proxy.port}"
        fetcher = web(resolve=lambda _h, port, **_: [(2, 1, 6, "", ("1.1.1.1", port))], fetch_proxy=url)
        error = failure(fetcher, "https://paper.example/")
    assert proxy.requests[0].startswith(b"CONNECT paper.example:443 HTTP/1.")
    assert "pa55" not in str(error)


def test_a_proxy_is_not_asked_for_private_hosts(web) -> None:
    with hostile(sends(ok(b"secret"))) as proxy:
        fetcher = web(fetch_proxy=f"http://127.0.0.1:{proxy.port}", fetch_allow_networks="")
        for url in ("http://10.0.0.1/", "http://localhost/", "https://169.254.169.254/"):
            assert failure(fetcher, url).reason is Reason.ADDRESS_REFUSED
    assert not proxy.requests


def test_the_head_limit_is_what_the_documents_say() -> None:
    assert HEAD_LIMIT == 65_536
