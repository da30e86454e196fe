"""The reader's settings."""

from ipaddress import ip_address

from pydantic import Field, SecretStr, ValidationInfo, field_validator

from shared.settings import DatabaseSettings

LOOPBACK_NAMES = frozenset({"localhost", "127.0.0.1", "::1"})


def is_loopback(host: str) -> bool:
    """Returns whether an address to listen on can be reached from this machine only."""
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host in LOOPBACK_NAMES


class ReaderSettings(DatabaseSettings):
    """The reader's address, token and limits, and the settings of a process with a database."""

    reader_host: str = Field("127.0.0.1", description="Address that the API and the pages listen on.")
    reader_port: int = Field(8080, ge=0, le=65535, description="Port that the API and the pages listen on.")
    reader_token: SecretStr | None = Field(
        None,
        validate_default=True,
        description="Token that triggers must carry; required when other machines can reach the reader.",
    )

    report_limit: int = Field(10, ge=1, description="Reports of images that a client may send in a minute.")
    behind_proxy: bool = Field(
        False, description="Whether X-Forwarded-For names the client: only behind a proxy of yours."
    )

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
