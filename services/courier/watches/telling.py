"""The loops that tell: one writes the digests that are due, one sends what waits."""

import json
from datetime import datetime, timedelta

from sqlalchemy import Engine

from services.courier.loop import Loop
from services.courier.settings import CourierSettings
from services.courier.watches.deliveries import Deliveries, Order, Send
from services.courier.watches.digests import Digests
from services.courier.watches.notifications import notify
from services.courier.watches.outcomes import Patience
from services.courier.webhooks import Answer, Target, post
from shared.worker.bell import Bell


def telling(settings: CourierSettings, engine: Engine, bell: Bell) -> list[Loop]:
    """Returns the loops."""
    deliveries = Deliveries(
        engine, senders(settings), Patience(timedelta(hours=settings.watch_disable_hours)),
        threads=settings.watch_threads, lease=settings.lease(), ring=bell.ring,
    )  # fmt: skip
    digests = Digests(engine, bell.ring)
    steps = {"deliveries": deliveries.step, "digests": digests.step}
    return [Loop(name, step, bell, settings.courier_poll_seconds) for name, step in steps.items()]


def senders(settings: CourierSettings) -> dict[str, Send]:
    """Returns what sends to each kind of receiver."""
    networks = settings.networks()

    def webhook(order: Order, moment: datetime) -> Answer:
        body = json.dumps(order.payload, ensure_ascii=False, separators=(",", ":")).encode()
        return post(
            Target(order.url, order.secret), order.message_id, body, moment=moment,
            timeout=settings.watch_timeout_seconds, networks=networks,
        )  # fmt: skip

    def notification(order: Order, _: datetime) -> Answer:
        return notify(order.url, order.payload, networks, settings.watch_timeout_seconds)

    return {"webhook": webhook, "notification": notification}
