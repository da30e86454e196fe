"""Connections kept open, a pool for each host and proxy; the least used host's pool gives way to a new one."""

import resource
import ssl
from collections import OrderedDict
from functools import cache
from pathlib import Path
from threading import Lock
from typing import Any
from urllib.parse import SplitResult, urlsplit

import certifi
from urllib3 import HTTPConnectionPool, ProxyManager, make_headers

from services.fetcher.settings import FetcherSettings
from services.fetcher.wire.connections import guarded_pools
from services.fetcher.wire.guard import Guard
from shared.urls import DEFAULT_PORTS

# File descriptors that are for other things than hosts.
RESERVED_FILES = 200
MAX_FILES = 65_536


class Pools:
    """Pools of connections.

    Args:
        settings: of the fetcher.
        guard: where connections may lead.
    """

    def __init__(self, settings: FetcherSettings, guard: Guard) -> None:
        self._connections_per_host = settings.host_in_flight
        self._max_hosts = min(settings.fetch_hosts, raise_file_limit() - RESERVED_FILES)
        self._tls = tls_context(settings.fetch_ca_file)
        self._pool_classes = guarded_pools(guard)
        self._pools: OrderedDict[tuple[str, str, int], HTTPConnectionPool] = OrderedDict()
        self._proxies: dict[str, ProxyManager] = {}
        self._lock = Lock()

    def of(self, url: SplitResult) -> HTTPConnectionPool:
        """Returns the pool of a URL's host."""
        key = (url.scheme, url.hostname or "", port_of(url))
        with self._lock:
            pool = self._pools.get(key) or self._open(*key)
            self._pools.move_to_end(key)
            unused = self._pools.popitem(last=False)[1] if len(self._pools) > self._max_hosts else None
        if unused is not None:
            unused.close()
        return pool

    def _open(self, scheme: str, host: str, port: int) -> HTTPConnectionPool:
        options: dict[str, Any] = {"ssl_context": self._tls} if scheme == "https" else {}
        pool = self._pool_classes[scheme](host, port, maxsize=self._connections_per_host, **options)
        self._pools[scheme, host, port] = pool
        return pool

    def of_proxy(self, proxy: str) -> ProxyManager:
        """Returns the pools behind a proxy, which is named by its URL with its login."""
        with self._lock:
            if proxy not in self._proxies:
                parts = urlsplit(proxy)
                login = f"{parts.username}:{parts.password or ''}" if parts.username else None
                manager = ProxyManager(
                    parts._replace(netloc=parts.netloc.rpartition("@")[2]).geturl(), num_pools=self._max_hosts,
                    proxy_headers=make_headers(proxy_basic_auth=login), ssl_context=self._tls,
                )  # fmt: skip
                manager.pool_classes_by_scheme = guarded_pools(None)
                self._proxies[proxy] = manager
            return self._proxies[proxy]

    def close(self) -> None:
        """Closes all connections."""
        for pool in self._pools.values():
            pool.close()
        for manager in self._proxies.values():
            manager.clear()


def port_of(url: SplitResult) -> int:
    """Returns the port of a URL, its scheme's where it names none."""
    return url.port or DEFAULT_PORTS[url.scheme]


def raise_file_limit() -> int:
    """Lets this process have as many files open as it may, and returns how many: a host is one."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    limit = MAX_FILES if hard == resource.RLIM_INFINITY else min(hard, MAX_FILES)
    if soft != resource.RLIM_INFINITY and soft < limit:
        resource.setrlimit(resource.RLIMIT_NOFILE, (limit, hard))
    return limit


@cache
def tls_context(ca_file: Path | None) -> ssl.SSLContext:
    """Returns a context for all connections of a process: reading the certificates costs more than a hundred pages.

    Args:
        ca_file: further certificates to trust.
    """
    context = ssl.create_default_context(cafile=certifi.where())
    if ca_file is not None:
        context.load_verify_locations(ca_file)
    return context
