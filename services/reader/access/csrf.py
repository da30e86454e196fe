"""The token in every form: no page of another site can know it.

It belongs to whoever opened the page: to their session, or without one to their name or address. It looks different on each
page, so that nobody learns it from how small pages become when they are compressed together with words of theirs (BREACH).
"""

import hmac
from hashlib import sha256
from secrets import token_bytes
from time import time

# A form is taken for this long after its page was opened, and up to twice as long.
FORM_SECONDS = 12 * 3600
_SIZE = 16


def form_token(key: str, owner: str) -> str:
    """Returns a token for an owner's forms, another each time: a mask, and behind it what is masked."""
    mask = token_bytes(_SIZE)
    return (mask + _xor(_secret(key, owner), mask)).hex()


def is_form_token(key: str, owner: str, token: str) -> bool:
    """Returns whether a token was given to this owner lately."""
    try:
        masked = bytes.fromhex(token)
    except ValueError:
        return False
    candidate = _xor(masked[:_SIZE], masked[_SIZE:])
    return any(hmac.compare_digest(candidate, _secret(key, owner, age)) for age in (0, 1))


def _secret(key: str, owner: str, age: int = 0) -> bytes:
    """Returns the secret of an owner, of now or of so many windows ago."""
    text = f"form {int(time() // FORM_SECONDS) - age} {owner}"
    return hmac.new(key.encode(), text.encode(errors="replace"), sha256).digest()[:_SIZE]


def _xor(left: bytes, right: bytes) -> bytes:
    return bytes(first ^ second for first, second in zip(left, right, strict=False))
