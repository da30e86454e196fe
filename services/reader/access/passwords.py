"""Passwords: Argon2id with the parameters that RFC 9106 (section 4) recommends where memory is scarce."""

from functools import cache
from threading import BoundedSemaphore
from unicodedata import normalize

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError
from argon2.profiles import RFC_9106_LOW_MEMORY

from shared.errors import Unavailable

SHORTEST, LONGEST = 12, 1000
# Each check takes 64 MB and a fifth of a second of CPU.
AT_A_TIME, PATIENCE_SECONDS = 2, 3.0
# The hash of a random password that nobody knows. It is checked when a name is unknown, which takes as long as if it were known.
NOBODY = "$argon2id$v=19$m=65536,t=3,p=4$qShoHrJdpCM6bIlQWDPLKQ$TVsT6elgIs7H2WNOVtzxul1D87LrdzvcMDYA5qdEfC0"


def hash_password(password: str) -> str:
    """Returns Argon2's text of a password, with a salt of its own.

    Raises:
        ValueError: it is too short or too long.
    """
    if not SHORTEST <= len(password) <= LONGEST:
        raise ValueError(f"a password has {SHORTEST} to {LONGEST} characters, this one {len(password)}: choose another")
    return _hasher().hash(_bytes(password))


def is_password(password: str, password_hash: str | None) -> bool:
    """Returns whether a password has a hash. Without a hash it takes as long and returns False.

    Raises:
        Unavailable: too many are checked at a time.
    """
    places = _places()
    if not places.acquire(timeout=PATIENCE_SECONDS):
        raise Unavailable("too many passwords are checked at a time")
    try:
        _hasher().verify(password_hash or NOBODY, _bytes(password[: LONGEST + 1]))
    except (VerificationError, InvalidHashError):
        return False
    finally:
        places.release()
    return password_hash is not None


def is_outdated(password_hash: str) -> bool:
    """Returns whether a hash has other parameters than new ones have."""
    return _hasher().check_needs_rehash(password_hash)


def _bytes(password: str) -> bytes:
    # The same characters may come as other bytes from another keyboard (NIST SP 800-63B, 3.1.1.2).
    return normalize("NFKC", password).encode(errors="surrogatepass")


@cache
def _hasher() -> PasswordHasher:
    return PasswordHasher.from_parameters(RFC_9106_LOW_MEMORY)


@cache
def _places() -> BoundedSemaphore:
    return BoundedSemaphore(AT_A_TIME)
