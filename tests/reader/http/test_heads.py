"""The Host header, the Origin and the size of a head, before every route."""

import pytest

from services.reader.http.heads import HEAD_LIMIT, host_name
from services.reader.settings import ReaderSettings
from shared.errors import SettingsError
from shared.settings import load

pytestmark = pytest.mark.hostile

ROUTES = (
    "/",
    "/v1/articles",
    "/v1/status",
    "/healthz",
    "/metrics",
    "/docs",
    "/openapi.json",
    "/static/style.css",
    "/no",
)
REBOUND = [
    "rebound.example", "a`b.evil.example", 'a"b.evil.example', "", "evil.example/127.0.0.1", "evil.example:80:80",
    "127.0.0.1.evil.example", "evil.example#127.0.0.1", "127.0.0.1@evil.example", "127.0.0.1 evil.example", "[::1",
    "127.0.0.1,evil.example", "localhost.", "loc\tlhost", "127.0.0.1:port", "2130706433", "127.1",
]  # fmt: skip


@pytest.mark.parametrize("host", REBOUND)
def test_a_host_that_is_none_of_the_readers_is_refused_before_every_route(client, host):
    for path in ROUTES:
        assert client.get(path, headers={"Host": host}).status_code in {400, 403}, path
    assert client.post("/v1/triggers", json={"url": "https://a.example/"}, headers={"Host": host}).status_code >= 400


def test_two_hosts_are_refused(client):
    headers = [("Host", "127.0.0.1"), ("Host", "rebound.example")]
    assert client.get("/v1/articles", headers=headers).status_code == 400


@pytest.mark.parametrize("host", ["127.0.0.1", "127.0.0.1:8080", "localhost", "LOCALHOST:80", "[::1]", "[::1]:8080"])
def test_this_machine_is_reached_by_its_own_names(client, host):
    assert client.get("/v1/articles", headers={"Host": host}).status_code == 200


def test_further_names_are_a_setting_and_the_address_of_the_connection_is_always_taken(serve):
    client = serve(
        "http://192.0.2.7", reader_host="0.0.0.0", reader_token="secret", reader_hosts="News.example, reader"
    )
    for host, status in {
        "news.example": 200, "reader:8080": 200, "192.0.2.7": 200, "192.0.2.8": 403, "else.example": 403, "0.0.0.0": 200
    }.items():  # fmt: skip
        headers = {"Host": host, "Authorization": "Bearer secret"}
        assert client.get("/v1/articles", headers=headers).status_code == status, host


def test_a_proxy_that_puts_its_own_host_in_place_is_no_obstacle_to_its_public_name(serve):
    client = serve("http://127.0.0.1", reader_hosts="news.example", reader_token="secret")
    client.headers["Authorization"] = "Bearer secret"
    body = {"url": "https://img.example/1.png"}
    for origin, status in {"https://news.example": 202, "https://news.example.evil.example": 403}.items():
        assert client.post("/v1/images/reports", json=body, headers={"Origin": origin}).status_code == status


@pytest.mark.parametrize("names", ["https://news.example", "news.example:443", "a b", "*.example", "news.example/"])
def test_a_setting_that_is_no_name_stops_the_start(names):
    with pytest.raises(SettingsError, match="NEWSMILL_READER_HOSTS"):
        load(ReaderSettings, reader_hosts=names)


def test_a_proxy_network_that_is_none_stops_the_start():
    with pytest.raises(SettingsError, match="NEWSMILL_PROXY_NETWORKS"):
        load(ReaderSettings, proxy_networks="10.0.0.0/99")


def test_a_head_beyond_the_limit_is_refused(client):
    assert client.get("/", headers={"X-Long": "a" * HEAD_LIMIT}).status_code == 431
    half = "a" * (HEAD_LIMIT // 2)
    assert client.get("/", params={"q": half}, headers={"X-Long": half}).status_code == 431


@pytest.mark.parametrize(
    ("host", "name"), [("A.Example:8", "a.example"), ("[::1]:8", "[::1]"), ("a:", None), ("a:123456", None)]
)
def test_the_name_of_a_host(host, name):
    assert host_name(host) == name
