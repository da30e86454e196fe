"""What is configured: Celery with the delivery promise of docs/architecture.md."""

from celery import Celery
from kombu.entity import Exchange, Queue

from shared.queues import PRIORITY_STEPS, QUEUES, SCHEDULE_QUEUE
from shared.settings import Settings


def make_app(settings: Settings) -> Celery:
    """Returns a Celery application that reads and writes JSON only and acknowledges late."""
    app = Celery("newsmill", broker=_broker_url(settings), set_as_current=False)
    app.conf.update(
        task_serializer="json",
        accept_content=["json"],
        task_ignore_result=True,
        # Publish first, acknowledge after. A lost or overlong child gives its message back at once.
        task_acks_late=True,
        task_acks_on_failure_or_timeout=False,
        task_reject_on_worker_lost=True,
        worker_prefetch_multiplier=1,
        worker_cancel_long_running_tasks_on_connection_loss=False,
        worker_enable_remote_control=False,
        worker_hijack_root_logger=False,
        worker_redirect_stdouts=False,
        worker_soft_shutdown_timeout=10.0,
        broker_connection_retry_on_startup=True,
        broker_connection_max_retries=None,
        broker_pool_limit=10,
        broker_transport_options={
            "visibility_timeout": settings.visibility_timeout,
            # Look for unacknowledged messages every ten seconds; the default is every hundred.
            "unacked_restore_interval": 10,
            "unacked_restore_throttle": 1,
            "unacked_mutex_expire": 30,
            # The body is JSON text already; base64 would make it a third longer, and to be coded at every hop.
            "body_encoding": None,
            "queue_order_strategy": "priority",
            "priority_steps": list(PRIORITY_STEPS),
            # Kombu's default of ten is fewer than the tasks of a gevent pool that acknowledge at one time.
            "max_connections": 200,
            "socket_keepalive": True,
            "socket_timeout": 30,
            "health_check_interval": 15,
        },
        task_create_missing_queues=False,
        task_queues=[_queue(name) for name in (*QUEUES, SCHEDULE_QUEUE)],
        enable_utc=True,
        timezone="UTC",
    )
    return app


def _queue(name: str) -> Queue:
    # With its exchange: Celery gives a queue without one the default exchange, and then each queue gets all messages.
    return Queue(name, Exchange(name, type="direct"), routing_key=name)  # type: ignore[no-untyped-call]


def _broker_url(settings: Settings) -> str:
    """The Redis URL as Celery spells it: a socket is redis+socket://."""
    url = settings.redis_address()
    return url.replace("unix://", "redis+socket://", 1).replace("?db=", "?virtual_host=")
