import socket
from ipaddress import ip_address, ip_network
from pathlib import Path

import pytest

from services.fetcher.wire.guard import Guard
from services.fetcher.wire.resolver import Resolver
from shared.addresses import is_private
from shared.contracts import FetchRequested, Reason
from shared.errors import Drop

CERTIFICATE = Path(__file__).with_name("news.example.pem")
REFUSED = (
    "127.0.0.1 127.8.9.1 0.0.0.0 0.1.2.3 10.0.0.1 172.16.0.1 172.31.255.255 192.168.1.1 169.254.169.254 100.64.0.1 "
    "100.100.100.200 168.63.129.16 192.0.0.8 198.18.0.1 192.88.99.1 224.0.0.1 240.0.0.1 255.255.255.255 "
    ":: ::1 fe80::1 fc00::1 fd00:ec2::254 fec0::1 ff02::1 2001:db8::1 64:ff9b:1::1 2001::1 "
    "::ffff:10.0.0.1 ::ffff:127.0.0.1 ::10.0.0.1 64:ff9b::a00:1 64:ff9b::7f00:1 2002:a00:1:: 2002:7f00:1:: "
    # The rest of IANA's special-purpose registries, and ISATAP: of a private node, and in a private network.
    "192.31.196.1 192.52.193.1 192.175.48.1 ::ffff:192.175.48.1 64:ff9b::c01f:c401 3fff::1 3fff:fff:ffff::1 2620:4f:8000::1 "
    "5f00::1 100::1 100:0:0:1::1 2001:4:112::1 2606:4700::5efe:10.0.0.1 2606:4700::200:5efe:7f00:1 fd00::5efe:1.1.1.1"
).split()
PUBLIC = (
    "93.184.215.14 1.1.1.1 172.32.0.1 100.128.0.1 2606:4700:4700::1111 ::ffff:1.1.1.1 64:ff9b::101:101 2002:101:101:: "
    "192.31.197.1 192.175.49.1 2a00:1450::1 3ffe:ffff::1 2606:4700::5efe:1.1.1.1 2606:4700::5eff:10.0.0.1"
).split()


@pytest.mark.parametrize("address", REFUSED)
def test_addresses_that_are_not_public_are_refused(address: str) -> None:
    assert is_private(ip_address(address))


@pytest.mark.parametrize("address", PUBLIC)
def test_public_addresses_are_not(address: str) -> None:
    assert not is_private(ip_address(address))


@pytest.mark.parametrize(
    "host",
    "127.0.0.1 [::1] 169.254.169.254 2130706433 0x7f000001 0x7f.1 0177.0.0.1 017700000001 127.1 127.0.1 10.0.0.1 0 "
    "[::ffff:10.0.0.1] [::ffff:7f00:1] [::] [0:0:0:0:0:0:0:1] [64:ff9b::a9fe:a9fe] 100.64.0.1 0.0.0.0 localhost "
    "LOCALHOST localhost. 127.0.0.1. １２７.０.０.１ ①②⑦.0.0.1 127。0。0。1".split(),
)
def test_no_spelling_of_a_private_host_is_fetched(make, host: str) -> None:
    with pytest.raises(Drop) as caught:
        make(fetch_allow_networks="").fetch(FetchRequested(url=f"http://{host}/"))
    assert caught.value.reason is Reason.ADDRESS_REFUSED


@pytest.mark.parametrize(
    ("url", "reason"),
    [
        ("http://news.example@127.0.0.1/", Reason.BAD_URL),
        ("http://user:pass@news.example/", Reason.BAD_URL),
        ("http://127.0.0.1#@news.example/", Reason.ADDRESS_REFUSED),
        ("http://127.0.0.1?@news.example/", Reason.ADDRESS_REFUSED),
        ("http://news.example\\@127.0.0.1/", Reason.BAD_URL),
        ("http://127.0.0.1\\@news.example/", Reason.BAD_URL),
        ("http://127.0.0.1\r\nHost: news.example/", Reason.BAD_URL),
        ("http://127.0.0.1\t/", Reason.BAD_URL),
        ("http://[::1%25eth0]/", Reason.BAD_URL),
        ("http://[fe80::1%eth0]/", Reason.BAD_URL),
        ("http:///127.0.0.1/", Reason.BAD_URL),
        ("http://127.0.0.1:0/", Reason.BAD_URL),
        ("http://127.0.0.1:99999/", Reason.BAD_URL),
        ("gopher://127.0.0.1/", Reason.BAD_URL),
        ("file:///etc/passwd", Reason.BAD_URL),
        ("http://" + "a" * 3000 + ".example/", Reason.BAD_URL),
    ],
)
def test_no_trick_of_spelling_leads_elsewhere(make, url: str, reason: Reason) -> None:
    with pytest.raises(Drop) as caught:
        make(fetch_allow_networks="").fetch(FetchRequested(url=url))
    assert caught.value.reason is reason


def resolver(*addresses: str):
    def resolve(host: str, port: int, **_):
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (address, port)) for address in addresses]

    return resolve


def test_one_private_address_among_public_ones_is_enough() -> None:
    with pytest.raises(Drop):
        Guard(resolver=Resolver(1, resolver("1.1.1.1", "10.0.0.1"))).addresses("news.example", 80)


def test_only_allowed_ports_and_any_in_an_allowed_network() -> None:
    guard = Guard([ip_network("10.0.0.0/8")], {80}, Resolver(1, resolver("1.1.1.1")))
    assert guard.addresses("news.example", 80)
    with pytest.raises(Drop, match="port 6379"):
        guard.addresses("news.example", 6379)
    assert Guard([ip_network("10.0.0.0/8")], {80}, Resolver(1, resolver("10.0.0.1"))).addresses("demo", 6379)


@pytest.mark.parametrize(
    ("address", "allowed"),
    [("10.0.0.1", True), ("::ffff:10.0.0.1", True), ("64:ff9b::a00:1", False), ("64:ff9b:1::a00:1", False),
     ("2002:a00:1::", False), ("::10.0.0.1", False), ("2606:4700::5efe:10.0.0.1", False), ("64:ff9b::101:101", True)],
)  # fmt: skip
def test_an_allowed_network_is_the_one_at_home_and_none_behind_a_translator(address: str, allowed: bool) -> None:
    guard = Guard([ip_network("10.0.0.0/8")], {80}, Resolver(1, resolver(address)))
    if allowed:
        assert guard.addresses("news.example", 80)
    else:
        with pytest.raises(Drop) as caught:
            guard.addresses("news.example", 80)
        assert caught.value.reason is Reason.ADDRESS_REFUSED


def test_a_translator_of_ones_own_can_be_allowed() -> None:
    guard = Guard([ip_network("64:ff9b:1::/48")], {80}, Resolver(1, resolver("64:ff9b:1::a00:1")))
    assert guard.addresses("news.example", 80)


def test_each_connection_resolves_once_and_goes_to_what_was_checked(make, site) -> None:
    hosts: list[str] = []

    def rebinding(host: str, port: int, **_):
        hosts.append(host)
        return resolver("127.0.0.1" if len(hosts) == 1 else "10.0.0.1")(host, port)

    site.page()
    url = f"http://news.example:{site.server.server_port}/page"
    [fetched] = make(resolve=rebinding, obey_robots=False).fetch(FetchRequested(url=url))
    assert fetched.page.status == 200
    assert hosts == ["news.example"]
    assert site.received[0][1]["host"] == f"news.example:{site.server.server_port}"


def test_a_name_that_turns_private_is_refused_at_its_next_connection(make, site, monkeypatch) -> None:
    monkeypatch.setattr("services.fetcher.wire.resolver.KEEP_SECONDS", 0)
    turns = iter(["127.0.0.1", "127.0.0.2"])

    def rebinding(host: str, port: int, **_):
        return resolver(next(turns))(host, port)

    # The server speaks HTTP/1.0: robots.txt and the page are two connections.
    site.page()
    url = f"http://news.example:{site.server.server_port}/page"
    with pytest.raises(Drop) as caught:
        make(resolve=rebinding).fetch(FetchRequested(url=url))
    assert caught.value.reason is Reason.ADDRESS_REFUSED
    assert site.paths() == ["/robots.txt"]


@pytest.mark.parametrize(
    ("host", "trusted"), [("news.example", True), ("news.example", False), ("other.example", True)]
)
def test_tls_is_verified_against_the_name_and_not_the_pinned_address(make, tls_site, host: str, trusted: bool) -> None:
    ours = {"fetch_ca_file": CERTIFICATE} if trusted else {}
    fetcher = make(resolve=resolver("127.0.0.1"), obey_robots=False, **ours)
    tls_site.page()
    request = FetchRequested(url=f"https://{host}:{tls_site.server.server_port}/page")
    if trusted and host == "news.example":
        assert fetcher.fetch(request)
    else:
        with pytest.raises(Drop) as caught:
            fetcher.fetch(request)
        assert caught.value.reason is Reason.TLS
