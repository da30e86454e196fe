"""The client of Redis."""

from typing import TYPE_CHECKING

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


class SingleProcessPool(BlockingConnectionPool):
    """A connection pool that never crosses a fork.

    redis-py's pool asks for the process id at every command. That is a system call, and cost a tenth of the time that
    a fetcher spends on Redis.
    """

    def _checkpid(self) -> None:
        return


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
