"""The fetcher's settings. A variable is NEWSMILL_ and the field's name in capitals."""

import re
from ipaddress import IPv4Network, IPv6Network, ip_network
from pathlib import Path

from pydantic import Field, SecretStr, field_validator

from services.fetcher.wire.access import check_proxy
from shared.settings import Settings


class FetcherSettings(Settings):
    """Settings of the fetcher."""

    user_agent: str = Field(
        "Newsmill/0.1 (+https://example.org/newsmill; set NEWSMILL_USER_AGENT to your own contact)",
        description="Who asks: begins with a product name, which robots.txt knows, and holds a contact.",
        pattern=r"^[A-Za-z][A-Za-z_-]*[\x20-\x7e]*$",
    )
    fetch_downloads: int = Field(200, ge=1, description="Pages downloaded side by side in a process.")
    fetch_tasks: int = Field(20, ge=1, description="Celery tasks at a time; each carries up to 10 pages.")
    fetch_hosts: int = Field(1000, ge=1, description="Hosts to which connections are kept open.")
    fetch_dns_timeout: float = Field(10, gt=0, description="Seconds for the address of a host.")
    fetch_connect_timeout: float = Field(10, gt=0, description="Seconds to connect.")
    fetch_read_timeout: float = Field(20, gt=0, description="Seconds without a byte before a download is given up.")
    fetch_total_timeout: float = Field(
        40, gt=0, description="Seconds for a page in all, robots.txt and redirects included; below visibility_timeout."
    )
    fetch_max_bytes: int = Field(10_000_000, ge=1, description="Largest body, in bytes after decompression.")
    fetch_max_redirects: int = Field(10, ge=0, description="Redirects followed.")
    fetch_retry_seconds: float = Field(30, gt=0, description="Wait before the second attempt; doubles with each.")
    fetch_allow_networks: str = Field(
        "", description="Comma-separated networks to fetch from though they are private, e.g. 127.0.0.0/8 for a demo."
    )
    fetch_allow_ports: str = Field(
        "80,443,8000,8080,8443", description="Comma-separated ports to fetch from; empty is any."
    )
    fetch_proxy: SecretStr | None = Field(
        None, description="Proxy for everything: http://USER:PASSWORD@HOST:PORT or https://…; no SOCKS."
    )
    fetch_access_file: Path | None = Field(
        None, description="TOML file with the logins and proxies that sources name; see deploy/README.md."
    )
    fetch_ca_file: Path | None = Field(
        None, description="Certificates (PEM) to trust besides the public ones, for hosts of an intranet."
    )
    fetch_browser: Path | None = Field(
        None, description="Chromium that renders the sources that ask for it; Playwright's own when empty."
    )
    host_interval: float = Field(5, ge=0, description="Seconds between two pages of one host, over all fetchers.")
    host_in_flight: int = Field(2, ge=1, description="Requests at a time to one host, over all fetchers.")
    host_latency_factor: float = Field(
        1,
        ge=0,
        description="A host that takes longer than its interval is asked after this many times its mean latency.",
    )
    host_failures: int = Field(
        5, ge=1, description="Failures in a row after which a host is left alone but for probes."
    )
    host_down_seconds: int = Field(86_400, ge=60, description="Seconds without an answer after which its URLs end.")
    host_by_address: bool = Field(False, description="Whether hosts at one IP address share their interval and limits.")
    obey_robots: bool = Field(True, description="Whether robots.txt is obeyed.")
    robots_ttl: int = Field(86_400, ge=60, description="Seconds that a robots.txt is remembered.")

    @field_validator("fetch_allow_networks")
    @classmethod
    def _are_networks(cls, value: str) -> str:
        for item in _items(value):
            ip_network(item)
        return value

    @field_validator("fetch_allow_ports")
    @classmethod
    def _are_ports(cls, value: str) -> str:
        if not all(item.isdecimal() and 0 < int(item) < 65536 for item in _items(value)):
            raise ValueError("not a list of ports")
        return value

    @field_validator("fetch_proxy", "fetch_access_file", "fetch_ca_file", "fetch_browser", mode="before")
    @classmethod
    def _empty_is_none(cls, value: object) -> object:
        return value or None

    @field_validator("fetch_proxy")
    @classmethod
    def _is_proxy(cls, value: SecretStr | None) -> SecretStr | None:
        if value is not None:
            check_proxy(value.get_secret_value())
        return value

    @field_validator("fetch_ca_file")
    @classmethod
    def _is_file(cls, value: Path | None) -> Path | None:
        if value is not None and not value.is_file():
            raise ValueError("no such file")
        return value

    def proxy(self) -> str | None:
        """Returns the URL of the proxy for everything, if there is one. Secret: never log it."""
        return self.fetch_proxy.get_secret_value() if self.fetch_proxy else None

    def networks(self) -> tuple[IPv4Network | IPv6Network, ...]:
        """Returns the networks that are allowed though private."""
        return tuple(ip_network(item) for item in _items(self.fetch_allow_networks))

    def ports(self) -> frozenset[int]:
        """Returns the ports that are allowed; none means any."""
        return frozenset(int(item) for item in _items(self.fetch_allow_ports))

    def product(self) -> str:
        """Returns the product name, which robots.txt uses for us."""
        match = re.match(r"[A-Za-z_-]+", self.user_agent)
        return match.group() if match else self.user_agent


def _items(value: str) -> list[str]:
    return [item.strip() for item in value.split(",") if item.strip()]
