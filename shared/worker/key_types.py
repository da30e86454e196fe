"""What type each of our Redis keys has. A key of another type is set aside, so that it stops no process."""

import re
from collections.abc import Iterable
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
# A text that is a whole number.
COUNTER = "counter"
# Scripts make the names of these.
_OF_HOSTS: dict[str, str] = {
    **dict.fromkeys(("newsmill:host:", "newsmill:slots:"), "hash"),
    **dict.fromkeys(("newsmill:turns:", "newsmill:flight:", "newsmill:complaints:"), "zset"),
}
# Keys with a parameter, by what comes before it, and those that no worker looks at by itself; also those of services.
FAMILIES: dict[str, str] = {
    **dict.fromkeys(
        ("newsmill:page:", "newsmill:dead:tried:", "newsmill:brake:", "newsmill:courier:", "newsmill:robots:",
         "newsmill:reader-salt", "newsmill:reporter-salt", "newsmill:watching", "newsmill:canary:", "newsmill:inspecting:",
         "newsmill:polling:", "newsmill:retrying:", "newsmill:revisiting:", "newsmill:subscribing:"), "string",
    ),
    **dict.fromkeys(("newsmill:deliveries:", "newsmill:logins:", "newsmill:reports:", "newsmill:revisits:"), COUNTER),
    **dict.fromkeys(("newsmill:look:", "newsmill:outcomes:", "newsmill:sitemap:", "newsmill:imports"), "hash"),
    **_OF_HOSTS,
}  # fmt: skip
_PREFIX = "newsmill:"
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


def set_named_keys_aside(redis: "Redis", arguments: Iterable[object]) -> list[str]:
    """Renames those keys of another type than ours that a command's arguments name, and returns their new names.

    After a script all keys of hosts are looked at.

    Raises:
        RedisError: Redis does not answer.
    """
    texts = [_text(argument) for argument in arguments]
    keys = {text for text in texts if text.startswith(_PREFIX)}
    if texts and texts[0] in {"EVAL", "EVALSHA"}:
        keys |= {_text(key) for family in _OF_HOSTS for key in redis.scan_iter(f"{family}*", 1000)}
    expected = {key: kind for key in sorted(keys) if (kind := _expected(key)) and SUFFIX not in key}
    foreign = [(key, kind, _kind(redis, key, kind)) for key, kind in expected.items()]
    names = [set_aside(redis, key, kind, our_kind) for key, our_kind, kind in foreign if kind not in {our_kind, "none"}]
    return [name for name in names if name]


def _text(argument: object) -> str:
    if isinstance(argument, bytes):
        return argument.decode(errors="replace")
    return argument if isinstance(argument, str) else ""


def _expected(key: str) -> str | None:
    """Returns the type of one of our keys; None for any other."""
    return KEY_TYPES.get(key) or next((kind for family, kind in FAMILIES.items() if key.startswith(family)), None)


def _kind(redis: "Redis", key: str, expected: str) -> str:
    kind = cast("bytes", redis.type(key)).decode()
    if expected == COUNTER and kind == "string":
        return COUNTER if re.fullmatch(rb"-?[0-9]{1,18}", cast("bytes", redis.get(key))) else "no number"
    return kind


def set_aside(redis: "Redis", key: str, kind: str, expected: str) -> str | None:
    """Renames a key that is of another kind than expected, and returns its new name; None if another process did it first."""
    name = f"{key}{SUFFIX}{now():.0f}"
    try:
        redis.rename(key, name)
    except ResponseError:
        return None
    log.error("a Redis key of another type is set aside", key=key, type=kind, expected=expected, renamed=name)
    return name
