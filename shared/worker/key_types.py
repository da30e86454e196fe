"""What type each of our Redis keys has. A key of another type is set aside, so that it stops no process."""

from typing import cast

import structlog
from redis import Redis
from redis.exceptions import ResponseError

from shared import websub
from shared.clock import now
from shared.dead import COUNTS, DEAD, LETTERS
from shared.later import CUSTODY, CUSTODY_URLS, MESSAGES, PARKED, TURNS
from shared.queues import EVENTS, QUEUES, SCHEDULE_QUEUE, SOURCES_ERROR, TRIGGER_LANES, TRIGGERS, queue_keys
from shared.worker.pressure import PAUSED, WORKERS

log = structlog.get_logger(__name__)

# Those of kombu's Redis transport: messages that are not acknowledged, and the queues of each exchange.
KOMBU = {"unacked": "hash", "unacked_index": "zset", "unacked_mutex": "string"}
KEY_TYPES: dict[str, str] = {
    **{key: "list" for queue in (*QUEUES, SCHEDULE_QUEUE) for key in queue_keys(queue)},
    **{f"_kombu.binding.{queue}": "set" for queue in (*QUEUES, SCHEDULE_QUEUE)},
    **KOMBU,
    **dict.fromkeys((TRIGGERS, *TRIGGER_LANES, EVENTS), "stream"),
    **dict.fromkeys((CUSTODY, CUSTODY_URLS, PARKED, TURNS, DEAD), "zset"),
    **dict.fromkeys((MESSAGES, LETTERS, COUNTS, PAUSED, WORKERS), "hash"),
    **dict.fromkeys((SOURCES_ERROR, websub.KEY), "string"),
}
SUFFIX = ":foreign:"
# In Redis, since every worker asks each second: forty answers cost a worker ten times as much as one.
_FOREIGN = """
local foreign = {}
for i, key in ipairs(KEYS) do
  local type = redis.call('TYPE', key).ok
  if type ~= 'none' and type ~= ARGV[i] then foreign[#foreign + 1] = {key, type} end
end
return foreign
"""


def set_foreign_keys_aside(redis: "Redis") -> list[str]:
    """Renames our keys that have another type than ours, and returns their new names. Nothing is deleted.

    Raises:
        RedisError: Redis does not answer.
    """
    script = redis.register_script(_FOREIGN)
    rows = cast("list[tuple[bytes, bytes]]", script(keys=list(KEY_TYPES), args=list(KEY_TYPES.values())))
    foreign = [(key.decode(), kind.decode()) for key, kind in rows]
    return [name for key, kind in foreign if (name := set_aside(redis, key, kind, KEY_TYPES[key]))]


def set_aside(redis: "Redis", key: str, kind: str, expected: str) -> str | None:
    """Renames a key that is of another kind than expected, and returns its new name; None if another process did it first."""
    name = f"{key}{SUFFIX}{now():.0f}"
    try:
        redis.rename(key, name)
    except ResponseError:
        return None
    log.error("a Redis key of another type is set aside", key=key, type=kind, expected=expected, renamed=name)
    return name
