"""Reporters of images: known by a keyed hash only, limited in number of reports a minute."""

import hmac
from hashlib import sha256
from secrets import token_hex
from time import time
from typing import cast

from fastapi import HTTPException
from redis import Redis

SALT = "newsmill:reader-salt"
LIMIT = "newsmill:reports:"
MINUTE = 60


def keyed_hash(redis: "Redis", text: str) -> str:
    """Returns a text's hash with this installation's key, which is made once: without it an address could be guessed."""
    redis.set(SALT, token_hex(32), nx=True)
    return hmac.new(cast("bytes", redis.get(SALT)), text.encode(), sha256).hexdigest()


def check_rate(redis: "Redis", client: str, limit: int) -> None:
    """Counts a report of a client.

    Raises:
        HTTPException: 429, the client has sent more than `limit` in this minute.
    """
    window = int(time() // MINUTE)
    key = f"{LIMIT}{keyed_hash(redis, client)[:32]}:{window}"
    with redis.pipeline(transaction=True) as pipe:
        pipe.incr(key)
        pipe.expire(key, 2 * MINUTE)
        count = pipe.execute()[0]
    if count > limit:
        wait = int((window + 1) * MINUTE - time()) + 1
        raise HTTPException(429, f"at most {limit} reports a minute", headers={"Retry-After": str(wait)})
