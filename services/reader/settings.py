"""The reader's settings."""

from ipaddress import IPv4Network, IPv6Network, ip_address, ip_network
from urllib.parse import urlsplit

from pydantic import Field, SecretStr, ValidationInfo, field_validator

from services.reader.http.heads import host_name
from shared.settings import DatabaseSettings

SHORTEST_KEY = 32
LOOPBACK_NAMES = frozenset({"localhost", "127.0.0.1", "[::1]"})


def _items(listing: str) -> list[str]:
    return [item for item in map(str.strip, listing.split(",")) if item]


def is_loopback(host: str) -> bool:
    """Returns whether an address to listen on can be reached from this machine only."""
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


class ReaderSettings(DatabaseSettings):
    """The reader's address, token and limits, and the settings of a process with a database."""

    reader_host: str = Field("127.0.0.1", description="Address that the API and the pages listen on.")
    reader_port: int = Field(8080, ge=0, le=65535, description="Port that the API and the pages listen on.")
    reader_token: SecretStr | None = Field(
        None,
        description="Token that may read, write and trigger without an account; on loopback, whether changes need one.",
    )

    reader_hosts: str = Field(
        "",
        description="Comma-separated further names in a Host header, such as a proxy's public name; always taken are "
        "localhost and the addresses that the reader listens on.",
    )
    reader_threads: int = Field(
        8,
        ge=1,
        description="Requests answered side by side, each with a database connection; four times as many wait, more "
        "are answered 503.",
    )
    reader_query_seconds: float = Field(
        10.0, gt=0, description="Seconds that a query of the database may take before its request is answered 503."
    )
    reader_accounts: bool = Field(
        False,
        description="Whether reading needs an account on loopback too. Where other machines reach the reader, by "
        "its address, a proxy or a name in NEWSMILL_READER_HOSTS, it always does.",
    )
    reader_session_key: SecretStr | None = Field(
        None,
        description="Key that signs the cookies of sessions, at least 32 characters; empty: one that is made once and kept "
        "in the database.",
    )
    reader_session_days: int = Field(
        30, ge=1, description="Days after which a session ends and its user signs in again."
    )
    reader_streams: int = Field(
        100, ge=1, description="Streams of events (/v1/stream) open at a time; one more is answered 503."
    )
    report_limit: int = Field(10, ge=1, description="Reports of images that a client may send in a minute.")
    behind_proxy: bool = Field(
        False, description="Whether X-Forwarded-For names the client: only behind a proxy of yours."
    )
    proxy_networks: str = Field(
        "127.0.0.0/8,::1/128",
        description="Comma-separated networks of that proxy: nobody else's X-Forwarded-For is believed.",
    )
    reader_user_header: str = Field(
        "",
        pattern=r"^([A-Za-z0-9-]+)?$",
        description="Header in which the proxy names the user who has signed in there, as Remote-User; believed from "
        "NEWSMILL_PROXY_NETWORKS only; empty: none is.",
    )

    def further_hosts(self) -> frozenset[str]:
        """Returns the names of NEWSMILL_READER_HOSTS and that of NEWSMILL_WEBSUB_URL in lower case."""
        public = host_name(urlsplit(self.websub_url).netloc)
        return frozenset(name.lower() for name in _items(self.reader_hosts)) | ({public} if public else frozenset())

    def own_hosts(self) -> frozenset[str]:
        """Returns the names under which the reader is reached directly; an IPv6 address stands in brackets."""
        return LOOPBACK_NAMES | {f"[{self.reader_host}]" if ":" in self.reader_host else self.reader_host.lower()}

    def needs_accounts(self) -> bool:
        """Returns whether reading needs an account: others than who sits at this machine may reach the reader."""
        is_local = is_loopback(self.reader_host) and not self.behind_proxy and not self.reader_hosts
        return self.reader_accounts or not is_local

    def proxies(self) -> tuple[IPv4Network | IPv6Network, ...]:
        """Returns the networks of the proxies that are believed; none where the reader is behind none."""
        return tuple(map(ip_network, _items(self.proxy_networks))) if self.behind_proxy else ()

    @field_validator("reader_hosts")
    @classmethod
    def _are_hosts(cls, names: str) -> str:
        for name in _items(names):
            if host_name(name) != name.lower():
                raise ValueError(f"{name!r} is no host name: write it as in news.example, without scheme and port")
        return names

    @field_validator("proxy_networks")
    @classmethod
    def _are_networks(cls, networks: str) -> str:
        for network in _items(networks):
            ip_network(network)
        return networks

    @field_validator("reader_session_key")
    @classmethod
    def _is_long(cls, key: SecretStr | None) -> SecretStr | None:
        if key is None or not (length := len(key.get_secret_value())):
            return None
        if length < SHORTEST_KEY:
            raise ValueError(f"{length} characters are too few: take at least {SHORTEST_KEY}, or leave it empty")
        return key

    @field_validator("reader_token")
    @classmethod
    def _none_if_empty(cls, token: SecretStr | None) -> SecretStr | None:
        return token if token is not None and token.get_secret_value() else None

    @field_validator("reader_user_header")
    @classmethod
    def _has_a_proxy(cls, header: str, info: ValidationInfo) -> str:
        if header and not info.data.get("behind_proxy"):
            raise ValueError("no proxy is believed: set NEWSMILL_BEHIND_PROXY=true and NEWSMILL_PROXY_NETWORKS as well")
        return header
