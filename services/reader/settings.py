"""The reader's settings."""

from ipaddress import ip_address, ip_network
from urllib.parse import urlsplit

from pydantic import Field, SecretStr, ValidationInfo, field_validator

from services.reader.http.heads import host_name
from shared.settings import DatabaseSettings

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
        validate_default=True,
        description="Token that triggers must carry; required when other machines can reach the reader.",
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
    report_limit: int = Field(10, ge=1, description="Reports of images that a client may send in a minute.")
    behind_proxy: bool = Field(
        False, description="Whether X-Forwarded-For names the client: only behind a proxy of yours."
    )
    proxy_networks: str = Field(
        "127.0.0.0/8,::1/128",
        description="Comma-separated networks of that proxy: nobody else's X-Forwarded-For is believed.",
    )

    def further_hosts(self) -> frozenset[str]:
        """Returns the names of NEWSMILL_READER_HOSTS and that of NEWSMILL_WEBSUB_URL in lower case."""
        public = host_name(urlsplit(self.websub_url).netloc)
        return frozenset(name.lower() for name in _items(self.reader_hosts)) | ({public} if public else frozenset())

    def own_hosts(self) -> frozenset[str]:
        """Returns the names under which the reader is reached directly; an IPv6 address stands in brackets."""
        return LOOPBACK_NAMES | {f"[{self.reader_host}]" if ":" in self.reader_host else self.reader_host.lower()}

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

    @field_validator("reader_token")
    @classmethod
    def _guarded(cls, token: SecretStr | None, info: ValidationInfo) -> SecretStr | None:
        # Checked on this field and not on the whole, so that the error quotes no other secret.
        if token is not None and token.get_secret_value():
            return token
        host = info.data.get("reader_host", "127.0.0.1")
        if not is_loopback(host):
            raise ValueError(
                f"NEWSMILL_READER_HOST={host} lets other machines in, and without a token all of them may send triggers: "
                "set NEWSMILL_READER_TOKEN to a long random text, or NEWSMILL_READER_HOST to 127.0.0.1"
            )
        return None
