"""Names to addresses, remembered for a minute, within a time: getaddrinfo itself has no limit.

The guard checks every address at every connection, remembered or not, and the connection goes to the address that was
checked.
"""

import socket
from collections.abc import Callable, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from threading import Lock
from time import monotonic
from typing import Any

Addresses = Sequence[tuple[Any, ...]]
Resolve = Callable[..., Addresses]

KEEP_SECONDS = 60.0
# A name that does not resolve is looked up again soon: the resolver may have failed.
KEEP_FAILED_SECONDS = 5.0
MAX_NAMES = 10_000
# Look-ups at a time. A look-up that hangs counts until the system's resolver gives up.
MAX_LOOKUPS = 32


class Resolver:
    """getaddrinfo with a memory and a time limit; look-ups of one name at the same time are one look-up.

    Args:
        timeout: seconds for a look-up.
        resolve: as socket.getaddrinfo.
    """

    def __init__(self, timeout: float = 10.0, resolve: Resolve = socket.getaddrinfo) -> None:
        self._timeout = timeout
        self._resolve = resolve
        self._lookups: dict[tuple[str, int], tuple[float, Future[Addresses]]] = {}
        self._lock = Lock()
        self._pool = ThreadPoolExecutor(MAX_LOOKUPS, thread_name_prefix="resolver")

    def resolve(self, host: str, port: int) -> Addresses:
        """Returns the addresses of a host, as socket.getaddrinfo gives them.

        Raises:
            socket.gaierror: the host has none, or the look-up took too long.
            UnicodeError: the host is no name.
        """
        future = self._look_up(host, port)
        try:
            return future.result(self._timeout)
        except TimeoutError:
            raise socket.gaierror(socket.EAI_AGAIN, f"no answer in {self._timeout:g} s") from None

    def _look_up(self, host: str, port: int) -> Future[Addresses]:
        with self._lock:
            expires, future = self._lookups.get((host, port), (0.0, None))
            if future is None or monotonic() > expires or _failed_before(future, expires):
                if len(self._lookups) >= MAX_NAMES:
                    self._lookups.clear()
                future = self._pool.submit(self._resolve, host, port, type=socket.SOCK_STREAM)
                self._lookups[host, port] = monotonic() + KEEP_SECONDS, future
            return future

    def close(self) -> None:
        """Ends without waiting for look-ups."""
        self._pool.shutdown(wait=False, cancel_futures=True)


def _failed_before(future: "Future[Addresses]", expires: float) -> bool:
    """Whether a look-up failed longer ago than a failure is remembered."""
    began = expires - KEEP_SECONDS
    return monotonic() > began + KEEP_FAILED_SECONDS and future.done() and future.exception() is not None
