"""What can be set for the courier."""

import base64
from datetime import timedelta
from ipaddress import ip_network
from typing import Self

from pydantic import Field, SecretStr, field_validator, model_validator

from shared.addresses import Network
from shared.settings import DatabaseSettings

_URL = r"^(https?://[^/\s@]+(/\S*)?)?$"


class CourierSettings(DatabaseSettings):
    """The courier's settings."""

    courier_poll_seconds: float = Field(
        1.0, ge=0.1, description="Seconds between two looks for new events while nobody has said that there are some."
    )
    events_batch: int = Field(500, ge=1, description="Events taken from the log at a time.")
    events_limit: int = Field(100_000, ge=1000, description="Events kept on the stream newsmill:events.")
    events_webhook_url: str = Field("", pattern=_URL, description="Where each event is sent by POST; empty: nowhere.")
    events_webhook_secret: SecretStr | None = Field(
        None, description="Secret that signs them, by Standard Webhooks: whsec_ and base64."
    )
    events_webhook_types: str = Field(
        "", description="Comma-separated types of events that go there, e.g. article.*,site.*; empty: all."
    )
    events_nats_url: SecretStr | None = Field(
        None, description="NATS server with JetStream, as nats://USER:PASSWORD@HOST:4222; empty: none."
    )
    events_nats_subject: str = Field(
        "newsmill", pattern=r"^[\w-]+(\.[\w-]+)*$", description="First part of the events' subjects on NATS."
    )
    events_kafka_servers: str = Field("", description="Kafka brokers, as kafka-1:9092,kafka-2:9092; empty: none.")
    events_kafka_topic: str = Field("newsmill.events", min_length=1, description="Topic of the events on Kafka.")
    events_opensearch_url: str = Field(
        "",
        pattern=_URL,
        description="OpenSearch or Elasticsearch that gets the articles, as https://HOST:9200; empty: none.",
    )
    events_opensearch_index: str = Field(
        "newsmill-articles", pattern=r"^[a-z0-9][a-z0-9_.-]*$", description="Index of the articles there."
    )
    events_opensearch_user: str = Field("", description="User of OpenSearch, where it wants one.")
    events_opensearch_password: SecretStr | None = Field(None, description="Password of that user.")
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

    @model_validator(mode="after")
    def _is_signed(self) -> Self:
        if not self.events_webhook_url:
            return self
        secret = self.events_webhook_secret.get_secret_value() if self.events_webhook_secret else ""
        try:
            key = base64.b64decode(secret.removeprefix("whsec_"), validate=True)
        except ValueError:
            key = b""
        if not secret.startswith("whsec_") or not key:
            raise ValueError("NEWSMILL_EVENTS_WEBHOOK_URL needs NEWSMILL_EVENTS_WEBHOOK_SECRET: whsec_ and base64")
        return self

    def webhook_types(self) -> list[str]:
        """Returns the patterns of the types that the webhook of all events gets; all if there are none."""
        return _items(self.events_webhook_types)

    def networks(self) -> tuple[Network, ...]:
        """Returns the networks that are allowed though private."""
        return tuple(map(ip_network, _items(self.courier_allow_networks)))

    def lease(self) -> timedelta:
        """Returns how long an attempt to tell a receiver may take, its look-up and the writing down included."""
        return timedelta(seconds=2 * self.watch_timeout_seconds + 10)


def _items(text: str) -> list[str]:
    return [item.strip() for item in text.split(",") if item.strip()]
