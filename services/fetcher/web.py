"""One GET: over guarded connections, within a time for the whole of it, and one set of errors."""

import io
import ssl
from collections.abc import Iterator
from contextlib import closing, contextmanager
from contextvars import ContextVar
from http.client import HTTPResponse
from http.cookiejar import DefaultCookiePolicy
from socket import socket
from time import monotonic
from typing import Any

import requests
from requests import exceptions as failures
from urllib3.exceptions import NameResolutionError, ReadTimeoutError

from services.fetcher.guard import Guard, GuardedAdapter
from services.fetcher.settings import FetcherSettings
from shared.contracts import Reason
from shared.errors import Drop, NewsmillError

CHUNK = 65_536
ACCEPT = "text/html,application/xhtml+xml,application/rss+xml,application/atom+xml,application/xml;q=0.9,*/*;q=0.5"

_ENDS: ContextVar[float] = ContextVar("ends")


class Failure(NewsmillError):
    """A request that failed and may do better later; `seconds` when the server said when."""

    def __init__(self, reason: Reason, detail: str, seconds: float | None = None) -> None:
        super().__init__(detail)
        self.reason = reason
        self.seconds = seconds


class _Timed(io.RawIOBase):
    """A socket's bytes until a time. A read timeout alone never ends a server that sends a byte a second."""

    def __init__(self, sock: socket, ends: float) -> None:
        self._sock = sock
        self._raw: Any = sock.makefile("rb", buffering=0)
        self._patience = sock.gettimeout() or 60.0
        self._ends = ends

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any, /) -> int | None:
        left = self._ends - monotonic()
        if left <= 0:
            raise TimeoutError("the time for the whole page is over")
        self._sock.settimeout(min(left, self._patience))
        count: int | None = self._raw.readinto(buffer)
        return count

    def close(self) -> None:
        self._raw.close()
        super().close()


class _TimedResponse(HTTPResponse):
    """An answer whose head and body are read within the time of its request."""

    def __init__(self, sock: socket, *args: Any, **kwargs: Any) -> None:
        super().__init__(sock, *args, **kwargs)
        self.fp.close()
        self.fp = io.BufferedReader(_Timed(sock, _ENDS.get()))


class _Session(requests.Session):
    """A session that never follows: requests would read a redirect's body whole, however large."""

    def get_redirect_target(self, resp: requests.Response) -> None:  # noqa: ARG002 - requests calls it so
        return None


class Web:
    """GET over guarded connections. Takes no proxy, login or cookie from anywhere."""

    def __init__(self, settings: FetcherSettings, guard: Guard) -> None:
        self._timeouts = (settings.fetch_connect_timeout, settings.fetch_read_timeout)
        self._session = _Session()
        self._session.trust_env = False
        self._session.cookies.set_policy(DefaultCookiePolicy(allowed_domains=[]))
        self._session.headers.update({"User-Agent": settings.user_agent, "Accept": ACCEPT})
        adapter = GuardedAdapter(guard, _TimedResponse, settings.fetch_threads)
        self._session.mount("http://", adapter)
        self._session.mount("https://", adapter)

    @contextmanager
    def get(self, url: str, ends: float, headers: dict[str, str] | None = None) -> Iterator[requests.Response]:
        """An answer, its body unread; redirects are not followed. `ends` is on the monotonic clock.

        Raises:
            Failure: it may succeed later: DNS, CONNECTION or TIMEOUT.
            Drop: it never will: BAD_URL, ADDRESS_REFUSED, TLS or BAD_ENCODING.
        """
        with _named():
            left = ends - monotonic()
            if left <= 0:
                raise Failure(Reason.TIMEOUT, f"no time left for {url}")
            _ENDS.set(ends)
            connect, read = (min(left, timeout) for timeout in self._timeouts)
            answer = self._session.get(
                url, headers=headers, timeout=(connect, read), stream=True, allow_redirects=False
            )
            with closing(answer):
                yield answer

    def close(self) -> None:
        """Closes what connections are kept."""
        self._session.close()


def body(answer: requests.Response, limit: int) -> bytes:
    """The decoded body, or its first `limit` + 1 bytes and a little more if it is longer than `limit`."""
    read = bytearray()
    for chunk in answer.iter_content(CHUNK):
        read += chunk
        if len(read) > limit:
            break
    return bytes(read)


@contextmanager
def _named() -> Iterator[None]:
    """Gives what requests raises one of our names."""
    try:
        yield
    except failures.SSLError as error:
        if _ended(error):
            raise Failure(Reason.CONNECTION, _short(error)) from None
        raise Drop(Reason.TLS, _short(error)) from None
    except (failures.InvalidURL, failures.InvalidSchema, failures.MissingSchema, UnicodeError) as error:
        raise Drop(Reason.BAD_URL, _short(error)) from None
    except failures.ContentDecodingError as error:
        raise Drop(Reason.BAD_ENCODING, _short(error)) from None
    except failures.RequestException as error:
        raise Failure(_reason(error), _short(error)) from None


def _reason(error: failures.RequestException) -> Reason:
    cause = _cause(error)
    if isinstance(error, failures.Timeout) or isinstance(cause, ReadTimeoutError | TimeoutError):
        return Reason.TIMEOUT
    return Reason.DNS if isinstance(cause, NameResolutionError) else Reason.CONNECTION


def _cause(error: BaseException) -> Any:
    """What urllib3 said, inside what requests made of it."""
    inner = error.args[0] if error.args else error
    return getattr(inner, "reason", None) or inner


def _ended(error: BaseException) -> bool:
    """Whether TLS broke off rather than being refused."""
    cause = _cause(error)
    inner = cause.args[0] if isinstance(cause, Exception) and cause.args else cause
    return isinstance(cause, ssl.SSLEOFError) or isinstance(inner, ssl.SSLEOFError)


def _short(error: BaseException) -> str:
    return str(_cause(error))[:300]
