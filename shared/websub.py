"""WebSub: what the services that take part must agree on (W3C Recommendation "WebSub", 2018).

The scheduler gives a hub a callback URL that nobody can guess, the fetcher gives it a secret to sign with, and the reader
checks both. All three derive them from one key, so that no message and no row carries a secret.
"""

import hmac
from hashlib import sha256
from secrets import token_bytes
from typing import cast

from redis import Redis

PATH = "/websub"
KEY = "newsmill:websub-key"


def websub_key(redis: "Redis") -> bytes:
    """Returns the key of all callbacks and secrets; it is made once and kept in Redis."""
    redis.set(KEY, token_bytes(32), nx=True)
    return cast("bytes", redis.get(KEY))


def callback_token(key: bytes, channel_key: str) -> str:
    """Returns what makes the callback URL of a channel unguessable."""
    return _derived(key, f"callback {channel_key}")[:32]


def callback_url(key: bytes, public_url: str, channel_key: str) -> str:
    """Returns the callback URL of a channel: one a subscription, as the Recommendation wishes (section 5.1)."""
    return f"{public_url.rstrip('/')}{PATH}/{channel_key}/{callback_token(key, channel_key)}"


def hub_secret(key: bytes, channel_key: str) -> str:
    """Returns the secret with which the hub signs what it sends of a channel."""
    return _derived(key, f"secret {channel_key}")


def _derived(key: bytes, text: str) -> str:
    return hmac.new(key, text.encode(), sha256).hexdigest()
