"""One GET: over guarded connections, within a time for all of it, and with one set of errors.

The answer is a requests.Response. What requests does around it on every call (netrc and proxy look-ups in the
environment, cookie jars, hooks, a second parse of the URL) is left out: it costs several times the request itself
(bench/http_cost.py).
"""

import socket
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager, suppress
from http.client import HTTPException
from time import monotonic
from typing import Any
from urllib.parse import urlsplit

from requests import PreparedRequest, Response
from requests.structures import CaseInsensitiveDict
from urllib3 import Retry, Timeout
from urllib3.exceptions import ClosedPoolError, HTTPError, ProtocolError

from services.fetcher.settings import FetcherSettings
from services.fetcher.wire.access import AccessFile, read_access
from services.fetcher.wire.cookies import Jar
from services.fetcher.wire.failures import Failure, named_errors
from services.fetcher.wire.guard import Guard
from services.fetcher.wire.metered import CALL, Call, Exchange
from services.fetcher.wire.pools import Pools, port_of
from services.fetcher.wire.resolver import Resolver
from shared.contracts import Access, Reason
from shared.errors import Drop

__all__ = ["Exchange", "Failure", "Web"]

ACCEPT = "text/html,application/xhtml+xml,application/rss+xml,application/atom+xml,application/xml;q=0.9,*/*;q=0.5"
ENCODINGS = "gzip, deflate, br, zstd"
# False, not 0: an error is raised as it is and not inside a MaxRetryError.
NO_RETRIES = Retry(False)
# Stale connections of one host that are tried before a new one.
MAX_STALE = 3
# What is left of an answer that nobody reads (a robots.txt that is not there, a redirect) is read up to so many bytes and seconds:
# a new connection costs more.
REST_BYTES, REST_SECONDS = 65_536, 0.5


class Web:
    """GET over guarded connections.

    Args:
        settings: of the fetcher.
        guard: where connections may lead.

    Raises:
        SettingsError: the access file or the CA file cannot be read.
    """

    def __init__(self, settings: FetcherSettings, guard: Guard) -> None:
        self._settings = settings
        self._guard = guard
        self._access: AccessFile = read_access(settings.fetch_access_file)
        self._pools = Pools(settings, guard)

    @contextmanager
    def get(
        self,
        url: str,
        ends: float,
        headers: dict[str, str] | None = None,
        *,
        access: Access | None = None,
        jar: Jar | None = None,
        turn: Callable[[], None] | None = None,
        exchange: Exchange | None = None,
    ) -> Iterator[Response]:
        """Yields an answer, its body unread; redirects are not followed.

        Args:
            url: as shared.urls.fetchable() makes it.
            ends: when all of it has to be over, on the monotonic clock.
            headers: besides our own.
            access: the source's login and proxy.
            jar: cookies of this page's journey.
            turn: called when the connection is open; returns when the request may be sent.
            exchange: records what happens.

        Raises:
            Failure: the request may succeed later: DNS, CONNECTION, TIMEOUT or BAD_ANSWER.
            Drop: it never will: BAD_URL, ADDRESS_REFUSED, TLS, BAD_ENCODING, TOO_LARGE or ACCESS_UNKNOWN.
        """
        request = self._request(url, headers or {}, access, jar)
        with self._answer(request, ends, access, turn, exchange or Exchange()) as answer:
            yield answer

    @contextmanager
    def post(
        self, url: str, ends: float, form: bytes, *, turn: Callable[[], None], exchange: Exchange
    ) -> Iterator[Response]:
        """Yields the answer to a form, its body unread; arguments, redirects and errors as get()."""
        request = self._request(url, {"Content-Type": "application/x-www-form-urlencoded"}, None, None)
        request.method, request.body = "POST", form
        with self._answer(request, ends, None, turn, exchange) as answer:
            yield answer

    @contextmanager
    def _answer(
        self,
        request: PreparedRequest,
        ends: float,
        access: Access | None,
        turn: Callable[[], None] | None,
        exchange: Exchange,
    ) -> Iterator[Response]:
        exchange.url = str(request.url)
        call = Call(ends, exchange, self._settings.fetch_max_bytes, turn)
        with named_errors():
            CALL.set(call)
            with closing(self._send(request, ends, exchange, self._access.proxy(access))) as answer:
                try:
                    yield answer
                finally:
                    _read_rest(answer, call)

    def address(self, host: str) -> str | None:
        """Returns the first address of a host, for limits that hosts at one address share.

        Raises:
            Drop: ADDRESS_REFUSED.
            Failure: DNS.
        """
        try:
            addresses = self._guard.addresses(host, 443)
        except socket.gaierror as error:
            raise Failure(Reason.DNS, f"{host}: {error}") from None
        return str(addresses[0][1][0]) if addresses else None

    def close(self) -> None:
        """Closes all connections."""
        self._pools.close()

    def _request(self, url: str, headers: dict[str, str], access: Access | None, jar: Jar | None) -> PreparedRequest:
        request = PreparedRequest()
        request.method, request.url = "GET", url
        request.headers = CaseInsensitiveDict(
            {"User-Agent": self._settings.user_agent, "Accept": ACCEPT, "Accept-Encoding": ENCODINGS, **headers}
        )
        cookies = [jar.header(request) if jar else None, *self._login(url, access, request.headers)]
        if any(cookies):
            request.headers["Cookie"] = "; ".join(cookie for cookie in cookies if cookie)
        return request

    def _login(self, url: str, access: Access | None, headers: CaseInsensitiveDict[str]) -> list[str]:
        """Adds the headers of a source's login, and returns its cookies, where the URL's host may see them."""
        login = self._access.login(access)
        parts = urlsplit(url)
        host = parts.hostname or ""
        if login is None or not login.is_for(host) or not (parts.scheme == "https" or self._is_home(host)):
            return []
        headers.update({name: value.get_secret_value() for name, value in login.headers.items()})
        return [f"{name}={value.get_secret_value()}" for name, value in login.cookies.items()]

    def _is_home(self, host: str) -> bool:
        """Whether a host is in a network of the operator's own, where a secret may travel in the clear."""
        try:
            return self._guard.is_home(host)
        except (socket.gaierror, UnicodeError):
            return False

    def _send(self, request: PreparedRequest, ends: float, exchange: Exchange, proxy: str | None) -> Response:
        proxy = proxy or self._settings.proxy()
        send = self._directly if proxy is None else self._by_proxy(proxy)
        for attempt in range(MAX_STALE):
            remaining = ends - monotonic()
            if remaining <= 0:
                raise Failure(Reason.TIMEOUT, f"no time left for {request.url}")
            settings = self._settings
            timeout = Timeout(
                connect=min(remaining, settings.fetch_connect_timeout), read=min(remaining, settings.fetch_read_timeout)
            )
            try:
                return _Answer(request, send(request, timeout))
            except ClosedPoolError:
                # The pool was the least used one and gave way to another host's pool between look-up and use.
                continue
            except ProtocolError:
                # The server had closed the kept connection meanwhile: it has seen nothing of the request.
                if not exchange.reused or exchange.wire_bytes or attempt == MAX_STALE - 1:
                    raise
        raise Failure(Reason.CONNECTION, f"{request.url}: no connection would stay open")

    def _directly(self, request: PreparedRequest, timeout: Timeout) -> Any:
        parts = urlsplit(str(request.url))
        target = f"{parts.path or '/'}?{parts.query}" if parts.query else parts.path or "/"
        return self._pools.of(parts).urlopen(
            str(request.method), target, body=request.body, headers=request.headers, redirect=False, assert_same_host=False, preload_content=False,
            decode_content=False, retries=NO_RETRIES, timeout=timeout,
        )  # fmt: skip

    def _by_proxy(self, proxy: str) -> Callable[[PreparedRequest, Timeout], Any]:
        manager = self._pools.of_proxy(proxy)

        def send(request: PreparedRequest, timeout: Timeout) -> Any:
            self._check_target(str(request.url))
            return manager.urlopen(
                str(request.method), str(request.url), body=request.body, headers=dict(request.headers), redirect=False,
                preload_content=False,
                decode_content=False, retries=NO_RETRIES, timeout=timeout,
            )  # fmt: skip

        return send

    def _check_target(self, url: str) -> None:
        """Refuses what the guard refuses, as far as our own resolver can tell: the proxy resolves names by itself."""
        parts = urlsplit(url)
        try:
            self._guard.addresses(parts.hostname or "", port_of(parts))
        except socket.gaierror:
            return


class _Answer(Response):
    """A response as requests' adapter builds it, without a jar of cookies, which costs more than everything else in it."""

    def __init__(self, request: PreparedRequest, raw: Any) -> None:
        self._content = False  # type: ignore[assignment] # requests itself means "not read yet"
        self._content_consumed = False
        self._next = None
        self.status_code, self.reason = raw.status, raw.reason
        self.headers = CaseInsensitiveDict(raw.headers)
        self.raw, self.request, self.url = raw, request, str(request.url)
        self.history, self.encoding = [], None


def _read_rest(answer: Response, call: Call) -> None:
    """Reads what is left of an answer, if that is little, so that its connection is free for the next request."""
    if answer.raw.closed or (answer.raw.length_remaining or 0) > REST_BYTES:
        return
    call.ends = min(call.ends, monotonic() + REST_SECONDS)
    # What goes wrong here leaves the connection unfit for another request, and it is closed.
    with suppress(Drop, HTTPError, HTTPException, OSError, ValueError):
        size = 0
        for chunk in answer.raw.stream(REST_BYTES, decode_content=False):
            size += len(chunk)
            if size > REST_BYTES:
                return


def make_web(settings: FetcherSettings) -> Web:
    """Returns a Web as the settings describe it.

    Raises:
        SettingsError: as Web.
    """
    return Web(settings, Guard(settings.networks(), settings.ports(), Resolver(settings.fetch_dns_timeout)))
