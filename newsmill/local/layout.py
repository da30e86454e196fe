"""Where a system on this machine keeps its files and listens."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from newsmill.local.ports import LOOPBACK


@dataclass(frozen=True)
class Layout:
    """The data folder, the ports and the Redis of a system."""

    data: Path
    reader_port: int
    metrics_ports: Mapping[str, int]
    redis_url: str

    @property
    def database(self) -> Path:
        return (self.data / "newsmill.db").resolve()

    @property
    def database_url(self) -> str:
        return f"sqlite:///{self.database}"

    @property
    def reader_url(self) -> str:
        return f"http://{LOOPBACK}:{self.reader_port}"

    @property
    def ports(self) -> tuple[int, ...]:
        return (self.reader_port, *self.metrics_ports.values())

    def metrics_url(self, service: str) -> str:
        """Returns the address at which a service answers /metrics and /healthz."""
        port = self.reader_port if service == "reader" else self.metrics_ports[service]
        return f"http://{LOOPBACK}:{port}"

    def variables(self, service: str) -> dict[str, str]:
        """Returns the variables that the layout adds to the environment of a service."""
        run = self.data / "run"
        return {
            "NEWSMILL_REDIS_URL": self.redis_url,
            "NEWSMILL_DATABASE_URL": self.database_url,
            "NEWSMILL_METRICS_HOST": LOOPBACK,
            # Killed, `newsmill run` can stop nothing.
            "NEWSMILL_END_WITH_PARENT": "true",
            "NEWSMILL_METRICS_PORT": str(self.metrics_ports.get(service, 0)),
            "NEWSMILL_CANARY_URL": f"{self.reader_url}/canary",
            "NEWSMILL_READER_HOST": LOOPBACK,
            "NEWSMILL_READER_PORT": str(self.reader_port),
            "NEWSMILL_BEAT_FILE": str(run / "beat"),
            "NEWSMILL_PAGES_URL": str((self.data / "pages").resolve()),
        } | ({"PROMETHEUS_MULTIPROC_DIR": str(run / "metrics")} if service == "parser" else {})
