"""One GET: over guarded connections, within a time for the whole of it, and one set of errors.

What comes back is a requests.Response. What requests does around it on every call, netrc and proxy look-ups in the
environment, cookie jars, hooks, a second parse of the URL, is left out: it costs several times the request itself
(bench/http_cost.py).
"""

import resource
import socket
import ssl
from collections import OrderedDict
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from threading import Lock
from time import monotonic
from typing import Any
from urllib.parse import SplitResult, urlsplit

import certifi
from requests import PreparedRequest, Response
from requests.structures import CaseInsensitiveDict
from urllib3 import HTTPConnectionPool, ProxyManager, Retry, Timeout, make_headers
from urllib3.exceptions import ClosedPoolError, ProtocolError

from services.fetcher.settings import FetcherSettings
from services.fetcher.wire.access import AccessFile, read_access
from services.fetcher.wire.connections import CALL, Call, Exchange, guarded_pools
from services.fetcher.wire.cookies import Jar
from services.fetcher.wire.failures import Failure, named
from services.fetcher.wire.guard import Guard
from services.fetcher.wire.resolver import Resolver
from shared.contracts import Access, Reason
from shared.urls import DEFAULT_PORTS

__all__ = ["Exchange", "Failure", "Web", "body"]

CHUNK = 65_536
ACCEPT = "text/html,application/xhtml+xml,application/rss+xml,application/atom+xml,application/xml;q=0.9,*/*;q=0.5"
ENCODINGS = "gzip, deflate, br, zstd"
# False, not 0: what goes wrong is raised as it is and not inside a MaxRetryError.
NO_RETRIES = Retry(False)
# Stale connections of one host that are tried before a new one.
STALE = 3
# File descriptors that are for other things than hosts.
OTHER_FILES = 200


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
        self._tls = _tls(settings)
        self._kinds = guarded_pools(guard)
        self._pools: OrderedDict[tuple[str, str, int], HTTPConnectionPool] = OrderedDict()
        self._proxies: dict[str, ProxyManager] = {}
        self._lock = Lock()
        self._most = min(settings.fetch_hosts, raise_file_limit() - OTHER_FILES)

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
        """An answer, its body unread; redirects are not followed.

        Args:
            url: as shared.urls.fetchable() makes it.
            ends: when all of it has to be over, on the monotonic clock.
            headers: besides our own.
            access: the source's login and proxy.
            jar: cookies of this page's journey.
            turn: called when the connection is open, returns when the request may be sent.
            exchange: is told what happens.

        Raises:
            Failure: it may succeed later: DNS, CONNECTION, TIMEOUT or BAD_ANSWER.
            Drop: it never will: BAD_URL, ADDRESS_REFUSED, TLS, BAD_ENCODING, TOO_LARGE or ACCESS_UNKNOWN.
        """
        exchange = exchange or Exchange()
        exchange.url = url
        request = self._request(url, headers or {}, access, jar)
        with named():
            CALL.set(Call(ends, exchange, self._settings.fetch_max_bytes, turn))
            with closing(self._send(request, ends, exchange, self._access.proxy(access))) as answer:
                yield answer

    def address(self, host: str) -> str | None:
        """The first address of a host, for limits that hosts at one address share.

        Raises:
            Drop: ADDRESS_REFUSED.
            Failure: DNS.
        """
        try:
            found = self._guard.addresses(host, 443)
        except socket.gaierror as error:
            raise Failure(Reason.DNS, f"{host}: {error}") from None
        return str(found[0][1][0]) if found else None

    def close(self) -> None:
        """Closes what connections are kept."""
        for pool in self._pools.values():
            pool.close()
        for proxy in self._proxies.values():
            proxy.clear()

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
        if login is None or not login.is_for(host) or not (parts.scheme == "https" or self._at_home(host)):
            return []
        headers.update({name: value.get_secret_value() for name, value in login.headers.items()})
        return [f"{name}={value.get_secret_value()}" for name, value in login.cookies.items()]

    def _at_home(self, host: str) -> bool:
        """In a network of the operator's own a secret may travel in the clear."""
        try:
            return self._guard.home(host)
        except (socket.gaierror, UnicodeError):
            return False

    def _send(self, request: PreparedRequest, ends: float, exchange: Exchange, proxy: str | None) -> Response:
        proxy = proxy or self._settings.proxy()
        send = self._directly if proxy is None else self._by_proxy(proxy)
        for attempt in range(STALE):
            left = ends - monotonic()
            if left <= 0:
                raise Failure(Reason.TIMEOUT, f"no time left for {request.url}")
            settings = self._settings
            timeout = Timeout(
                connect=min(left, settings.fetch_connect_timeout), read=min(left, settings.fetch_read_timeout)
            )
            try:
                return _Answer(request, send(request, timeout))
            except ClosedPoolError:
                # The pool was the least used one and gave way to another host's between look-up and use.
                continue
            except ProtocolError:
                # A kept connection that the server had closed meanwhile: it has seen nothing of the request.
                if not exchange.reused or exchange.wire_bytes or attempt == STALE - 1:
                    raise
        raise Failure(Reason.CONNECTION, f"{request.url}: no connection would stay open")

    def _directly(self, request: PreparedRequest, timeout: Timeout) -> Any:
        parts = urlsplit(str(request.url))
        pool = self._pool(parts.scheme, parts.hostname or "", port_of(parts))
        target = f"{parts.path or '/'}?{parts.query}" if parts.query else parts.path or "/"
        return pool.urlopen(
            "GET", target, headers=request.headers, redirect=False, assert_same_host=False, preload_content=False,
            decode_content=False, retries=NO_RETRIES, timeout=timeout,
        )  # fmt: skip

    def _by_proxy(self, proxy: str) -> Callable[[PreparedRequest, Timeout], Any]:
        manager = self._proxy_manager(proxy)

        def send(request: PreparedRequest, timeout: Timeout) -> Any:
            self._check_target(str(request.url))
            return manager.urlopen(
                "GET", str(request.url), headers=dict(request.headers), redirect=False, preload_content=False,
                decode_content=False, retries=NO_RETRIES, timeout=timeout,
            )  # fmt: skip

        return send

    def _check_target(self, url: str) -> None:
        """Refuses what the guard refuses as far as it can be seen from here: the proxy resolves for itself."""
        parts = urlsplit(url)
        try:
            self._guard.addresses(parts.hostname or "", port_of(parts))
        except socket.gaierror:
            return

    def _pool(self, scheme: str, host: str, port: int) -> HTTPConnectionPool:
        key = (scheme, host, port)
        with self._lock:
            pool = self._pools.get(key)
            if pool is None:
                secure: dict[str, Any] = {"ssl_context": self._tls} if scheme == "https" else {}
                pool = self._kinds[scheme](host, port, maxsize=self._settings.host_in_flight, **secure)
                self._pools[key] = pool
            self._pools.move_to_end(key)
            unused = self._pools.popitem(last=False)[1] if len(self._pools) > self._most else None
        if unused is not None:
            unused.close()
        return pool

    def _proxy_manager(self, proxy: str) -> ProxyManager:
        with self._lock:
            if proxy not in self._proxies:
                parts = urlsplit(proxy)
                user = f"{parts.username}:{parts.password or ''}" if parts.username else None
                manager = ProxyManager(
                    parts._replace(netloc=parts.netloc.rpartition("@")[2]).geturl(), num_pools=self._most,
                    proxy_headers=make_headers(proxy_basic_auth=user), ssl_context=self._tls,
                )  # fmt: skip
                manager.pool_classes_by_scheme = guarded_pools(None)
                self._proxies[proxy] = manager
            return self._proxies[proxy]


def body(answer: Response, limit: int) -> bytes:
    """The decoded body, or its first `limit` + 1 bytes and a little more if it is longer than `limit`."""
    read = bytearray()
    for chunk in answer.raw.stream(CHUNK, decode_content=True):
        read += chunk
        if len(read) > limit:
            break
    return bytes(read)


def port_of(parts: SplitResult) -> int:
    """The port of a URL, its scheme's where it names none."""
    return parts.port or DEFAULT_PORTS[parts.scheme]


def raise_file_limit() -> int:
    """Lets this process have as many files open as it may, and says how many: a host is one."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    most = 65_536 if hard == resource.RLIM_INFINITY else min(hard, 65_536)
    if soft != resource.RLIM_INFINITY and soft < most:
        resource.setrlimit(resource.RLIMIT_NOFILE, (most, hard))
    return most


def _tls(settings: FetcherSettings) -> ssl.SSLContext:
    """One context for all: reading the certificates costs more than a hundred pages."""
    context = ssl.create_default_context(cafile=certifi.where())
    if settings.fetch_ca_file is not None:
        context.load_verify_locations(settings.fetch_ca_file)
    return context


class _Answer(Response):
    """As requests' adapter builds it, without a jar of cookies, which costs more than all the rest of it."""

    def __init__(self, request: PreparedRequest, raw: Any) -> None:
        self._content = False  # type: ignore[assignment] # requests itself means "not read yet"
        self._content_consumed = False
        self._next = None
        self.status_code, self.reason = raw.status, raw.reason
        self.headers = CaseInsensitiveDict(raw.headers)
        self.raw, self.request, self.url = raw, request, str(request.url)
        self.history, self.encoding = [], None


def make_web(settings: FetcherSettings) -> Web:
    """The way out, as the settings have it.

    Raises:
        SettingsError: as Web.
    """
    return Web(settings, Guard(settings.networks(), settings.ports(), Resolver(settings.fetch_dns_timeout)))
