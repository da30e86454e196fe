"""The client of Redis."""

from fcntl import ioctl
from queue import Empty
from struct import Struct
from termios import FIONREAD
from time import monotonic
from typing import TYPE_CHECKING, Any

from redis import BlockingConnectionPool

from shared.errors import SettingsError
from shared.settings import Settings
from shared.worker.client import Client

if TYPE_CHECKING:
    from redis import Redis

# Of one client; a command that finds all of them busy waits for one.
MAX_CONNECTIONS = 50
POOL_TIMEOUT_SECONDS = 30
SOCKET_TIMEOUT_SECONDS = 30
CONNECT_TIMEOUT_SECONDS = 5
HEALTH_CHECK_SECONDS = 30
# A connection that has answered so lately is taken for open.
FRESH_SECONDS = 1.0
_COUNT = Struct("i")


class SingleProcessPool(BlockingConnectionPool):
    """A connection pool that never crosses a fork, and whose connections are handed out in a few steps.

    redis-py's pool asks for the process id at every command, polls the connection and counts it in four ways: a quarter of
    the time that a fetcher spends on Redis.
    """

    def _checkpid(self) -> None:
        return

    def get_connection(self, command_name: Any = None, *keys: Any, **options: Any) -> Any:  # noqa: ARG002 - redis-py's signature
        """Returns the connection that was used last if it is fresh, otherwise one as BlockingConnectionPool does."""
        try:
            connection = self.pool.get_nowait()
        except Empty:
            return super().get_connection()  # type: ignore[no-untyped-call] # of redis-py
        if connection is not None and _is_fresh(connection):
            return connection
        self.pool.put_nowait(connection)
        return super().get_connection()  # type: ignore[no-untyped-call] # of redis-py

    def release(self, connection: Any) -> None:
        """Takes a connection back."""
        connection.released_at = monotonic()
        super().release(connection)  # type: ignore[no-untyped-call] # of redis-py


def _is_fresh(connection: Any) -> bool:
    """Whether a connection is open, has answered lately, and no answer lies in it that nobody has read."""
    socket = connection._sock  # noqa: SLF001 - redis-py has no public name for it
    if socket is None or monotonic() - connection.released_at > FRESH_SECONDS:
        return False
    unread: int
    (unread,) = _COUNT.unpack(ioctl(socket.fileno(), FIONREAD, bytes(_COUNT.size)))
    return unread == 0


def connect(settings: Settings) -> "Redis":
    """Returns a Redis client that notices a dead connection, and that no foreign key stops. It must not cross a fork.

    Raises:
        SettingsError: NEWSMILL_REDIS_URL cannot be read.
    """
    try:
        pool = SingleProcessPool.from_url(
            settings.redis_address(),
            max_connections=MAX_CONNECTIONS,
            timeout=POOL_TIMEOUT_SECONDS,
            socket_timeout=SOCKET_TIMEOUT_SECONDS,
            socket_connect_timeout=CONNECT_TIMEOUT_SECONDS,
            health_check_interval=HEALTH_CHECK_SECONDS,
        )
        return Client.from_pool(pool)
    except ValueError:
        # The cause may quote a part of the password.
        raise SettingsError(
            "NEWSMILL_REDIS_URL cannot be read: write redis://HOST:PORT/NUMBER or unix://PATH, and the password in "
            "NEWSMILL_REDIS_PASSWORD"
        ) from None
