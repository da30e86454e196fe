"""Errors on the wire, under our own names."""

import ssl
from collections.abc import Iterator
from contextlib import contextmanager
from http.client import HTTPException, IncompleteRead, LineTooLong, RemoteDisconnected
from typing import Any

from urllib3 import exceptions as urllib3

from shared.contracts import Reason
from shared.errors import Drop, NewsmillError


class Failure(NewsmillError):
    """A request that failed and may succeed later: after `seconds`, if the server said so."""

    def __init__(self, reason: Reason, detail: str, seconds: float | None = None) -> None:
        super().__init__(detail)
        self.reason = reason
        self.seconds = seconds


@contextmanager
def named_errors() -> Iterator[None]:
    """Raises the errors of urllib3, http.client and the socket under our own names.

    Raises:
        Failure: DNS, CONNECTION, TIMEOUT or BAD_ANSWER.
        Drop: TLS, BAD_URL or BAD_ENCODING.
    """
    try:
        yield
    except urllib3.DecodeError as error:
        raise Drop(Reason.BAD_ENCODING, _short(error)) from None
    except (urllib3.LocationValueError, UnicodeError) as error:
        raise Drop(Reason.BAD_URL, _short(error)) from None
    except (urllib3.HTTPError, HTTPException, OSError) as error:
        raise _name(_root(error)) from None


def _name(error: BaseException) -> Failure | Drop:
    text = _short(error)
    if isinstance(error, urllib3.NameResolutionError):
        return Failure(Reason.DNS, text)
    if isinstance(error, urllib3.NewConnectionError):
        return Failure(Reason.CONNECTION, text)
    if isinstance(error, TimeoutError | urllib3.TimeoutError):
        return Failure(Reason.TIMEOUT, text)
    # A TLS connection that breaks off was not refused.
    if isinstance(error, ssl.SSLError) and not isinstance(error, ssl.SSLEOFError | ssl.SSLZeroReturnError):
        return Drop(Reason.TLS, text)
    if _is_garbage(error):
        return Failure(Reason.BAD_ANSWER, text)
    return Failure(Reason.CONNECTION, text)


def _is_garbage(error: BaseException) -> bool:
    """Whether something answered that was not HTTP."""
    if isinstance(error, RemoteDisconnected | IncompleteRead | urllib3.IncompleteRead | ConnectionError):
        return False
    return isinstance(error, HTTPException | LineTooLong | urllib3.InvalidHeader | urllib3.InvalidChunkLength)


def _root(error: BaseException) -> Any:
    """The error of http.client or the socket inside the error that urllib3 made of it."""
    if isinstance(error, urllib3.NameResolutionError | urllib3.NewConnectionError | urllib3.TimeoutError):
        return error
    inner = getattr(error, "reason", None)
    if inner is None:
        inner = next((cause for cause in error.args if isinstance(cause, BaseException)), None)
    return _root(inner) if isinstance(inner, BaseException) else error


def _short(error: BaseException) -> str:
    return (str(error) or type(error).__name__)[:300]
