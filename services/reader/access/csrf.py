"""The token in every form: no page of another site can know it.

It belongs to whoever opened the page: to their session, or without one to their name or address.
"""

import hmac
from hashlib import sha256
from time import time

# A form is taken for this long after its page was opened, and up to twice as long.
FORM_SECONDS = 12 * 3600


def form_token(key: str, owner: str, age: int = 0) -> str:
    """Returns the token of an owner's forms, of now or of so many windows ago."""
    text = f"form {int(time() // FORM_SECONDS) - age} {owner}"
    return hmac.new(key.encode(), text.encode(errors="replace"), sha256).hexdigest()[:32]


def is_form_token(key: str, owner: str, token: str) -> bool:
    """Returns whether a token was given to this owner lately."""
    candidate = token.encode(errors="replace")
    return any(hmac.compare_digest(candidate, form_token(key, owner, age).encode()) for age in (0, 1))
