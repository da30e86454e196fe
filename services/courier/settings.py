"""What can be set for the courier."""

from datetime import timedelta
from ipaddress import ip_network

from pydantic import Field, field_validator

from shared.addresses import Network
from shared.settings import DatabaseSettings


class CourierSettings(DatabaseSettings):
    """The courier's settings."""

    courier_poll_seconds: float = Field(
        1.0, ge=0.1, description="Seconds between two looks for new events while nobody has said that there are some."
    )
    events_batch: int = Field(500, ge=1, description="Events taken from the log at a time.")
    events_limit: int = Field(100_000, ge=1000, description="Events kept on the stream newsmill:events.")
    courier_allow_networks: str = Field(
        "",
        description="Comma-separated networks in which receivers are told things though they are private, e.g. 192.168.1.0/24.",
    )
    watch_threads: int = Field(16, ge=1, description="Receivers of watches that are told side by side.")
    watch_timeout_seconds: float = Field(15.0, gt=0, description="Seconds that a webhook has for its whole answer.")
    watch_disable_hours: float = Field(
        72.0, gt=0, description="Hours of nothing but failures after which a receiver is told no more."
    )

    @field_validator("courier_allow_networks")
    @classmethod
    def _are_networks(cls, value: str) -> str:
        for network in _items(value):
            ip_network(network)
        return value

    def networks(self) -> tuple[Network, ...]:
        """Returns the networks that are allowed though private."""
        return tuple(map(ip_network, _items(self.courier_allow_networks)))

    def lease(self) -> timedelta:
        """Returns how long an attempt to tell a receiver may take, its look-up and the writing down included."""
        return timedelta(seconds=2 * self.watch_timeout_seconds + 30)


def _items(text: str) -> list[str]:
    return [item.strip() for item in text.split(",") if item.strip()]
