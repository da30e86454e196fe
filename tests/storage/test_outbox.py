"""Events on their way from the transaction to the stream, with several storage workers at it."""

import json
from datetime import UTC, datetime
from threading import Thread

from redis import Redis
from sqlalchemy import func, select
from sqlmodel import Session

from services.storage.tables import outbox
from shared.database.engine import make_engine, transaction
from shared.database.models import Outbox
from shared.queues import EVENTS

WORKERS, EACH = 3, 60


def work(database: str, url: str, worker: int, failed: list[BaseException]) -> None:
    """As a storage worker does it: an event in a transaction, and after it what is in the outbox to the stream."""
    engine, redis = make_engine(database), Redis.from_url(url)
    try:
        for number in range(EACH):
            event = outbox.Event("article.stored", f"{worker}-{number}", "", {}, datetime.now(UTC))
            with transaction(engine) as session:
                outbox.write(session, [event])
            outbox.relay(engine, redis, batch=10, limit=100_000)
    except Exception as error:  # noqa: BLE001 - it belongs to the thread that waits
        failed.append(error)
    finally:
        engine.dispose()
        redis.close()


def test_what_several_workers_write_and_relay_at_once_all_arrives(
    database_url: str, redis: "Redis", redis_url: str
) -> None:
    failed: list[BaseException] = []
    workers = [Thread(target=work, args=(database_url, redis_url, number, failed)) for number in range(WORKERS)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    assert not failed
    arrived = {json.loads(fields[b"event"])["subject"] for _, fields in redis.xrange(EVENTS)}
    assert arrived == {f"{worker}-{number}" for worker in range(WORKERS) for number in range(EACH)}
    engine = make_engine(database_url)
    with Session(engine) as session:
        assert session.scalar(select(func.count()).select_from(Outbox)) == 0
    engine.dispose()
