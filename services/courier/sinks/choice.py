"""The ways out that the settings name, each as a consumer of the log."""

from collections.abc import Iterator

from redis import Redis
from sqlalchemy import Engine

from services.courier.consumers import Consumer
from services.courier.settings import CourierSettings
from services.courier.sinks.opensearch import OpenSearch
from services.courier.sinks.redis_stream import RedisStream
from services.courier.sinks.webhook import Webhook
from services.courier.webhooks import Target
from shared.errors import SettingsError


def ways_out(settings: CourierSettings, engine: Engine, redis: "Redis") -> Iterator[Consumer]:
    """Yields a consumer for each way out.

    Raises:
        SettingsError: one needs a package that is not installed.
    """
    yield Consumer("redis-stream", RedisStream(redis, settings.events_limit).send, from_start=True)
    if settings.events_webhook_url:
        # One at a time: what a receiver has taken is not sent again because of the next.
        yield Consumer("webhook", _webhook(settings).send, batch=1)
    if settings.events_opensearch_url:
        yield Consumer("opensearch", _opensearch(settings, engine).send)
    if settings.events_nats_url:
        try:
            from services.courier.sinks.nats import Nats  # noqa: PLC0415 - an extra
        except ImportError:
            raise SettingsError("NEWSMILL_EVENTS_NATS_URL needs the extra `nats`: pip install newsmill[nats]") from None
        yield Consumer("nats", Nats(settings.events_nats_url.get_secret_value(), settings.events_nats_subject).send)
    if settings.events_kafka_servers:
        try:
            from services.courier.sinks.kafka import Kafka  # noqa: PLC0415 - an extra
        except ImportError:
            raise SettingsError(
                "NEWSMILL_EVENTS_KAFKA_SERVERS needs the extra `kafka`: pip install newsmill[kafka]"
            ) from None
        yield Consumer("kafka", Kafka(settings.events_kafka_servers, settings.events_kafka_topic).send)


def _webhook(settings: CourierSettings) -> Webhook:
    secret = settings.events_webhook_secret.get_secret_value() if settings.events_webhook_secret else ""
    target = Target(settings.events_webhook_url, secret)
    return Webhook(target, settings.webhook_types(), settings.watch_timeout_seconds, settings.networks())


def _opensearch(settings: CourierSettings, engine: Engine) -> OpenSearch:
    password = settings.events_opensearch_password
    return OpenSearch(
        engine, settings.events_opensearch_url, settings.events_opensearch_index, settings.events_opensearch_user,
        password.get_secret_value() if password else "",
    )  # fmt: skip
