"""Structured logs, /metrics and /healthz of a process."""

import logging
import re
from collections.abc import Callable, Mapping, Sequence
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import Any
from urllib.parse import urlsplit

import structlog
from prometheus_client import CollectorRegistry, exposition, multiprocess, values
from prometheus_client.registry import REGISTRY, Collector

from shared.errors import SettingsError
from shared.settings import Settings, multiprocess_metrics_dir

log = structlog.get_logger(__name__)

_CREDENTIALS = re.compile(r"((?<!\w)\w+://)[^/@\s]*@")


def start_exporter(
    settings: Settings,
    healthy: Callable[[], bool],
    collectors: Sequence[Collector] = (),
    paused: Callable[[], str | None] = lambda: None,
) -> None:
    """Serves /metrics and /healthz in a thread. A process group has one endpoint, in the parent process.

    Args:
        settings: the host and port to listen on.
        healthy: whether the process does its work; /healthz answers 503 if not.
        collectors: further metrics to serve.
        paused: returns why the worker pauses, None if it does not. A worker that pauses is healthy, and /healthz names
            the reason.

    Raises:
        SettingsError: the port cannot be opened.
    """
    for collector in collectors:
        REGISTRY.register(collector)

    class Endpoint(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            path = urlsplit(self.path).path
            if path == "/metrics":
                self._answer(200, _metrics(), exposition.CONTENT_TYPE_LATEST)
            elif path == "/healthz":
                ok, reason = healthy(), paused()
                state = f"ok, paused: {reason}" if reason else "ok"
                self._answer(200 if ok else 503, f"{state if ok else 'not consuming'}\n".encode(), "text/plain")
            else:
                self._answer(404, b"/metrics or /healthz\n", "text/plain")

        def _answer(self, status: int, body: bytes, media_type: str) -> None:
            self.send_response(status)
            self.send_header("Content-Type", media_type)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, format: str, *args: Any) -> None:  # noqa: A002 - the base class names it so
            log.debug("exporter", line=format % args)

    try:
        server = ThreadingHTTPServer((settings.metrics_host, settings.metrics_port), Endpoint)
    except OSError as error:
        where = f"{settings.metrics_host}:{settings.metrics_port}"
        raise SettingsError(f"NEWSMILL_METRICS_PORT: cannot listen on {where} ({error}); set another") from None
    Thread(target=server.serve_forever, name="exporter", daemon=True).start()


def configure_logging(level: str, service: str) -> None:
    """Writes logs as JSON lines to standard error, with the trace's id if there is one and without secrets."""
    shared: list[Any] = [
        structlog.contextvars.merge_contextvars,
        structlog.stdlib.add_log_level,
        structlog.stdlib.add_logger_name,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        structlog.processors.format_exc_info,
        _name(service),
        _mask,
    ]
    formatter = structlog.stdlib.ProcessorFormatter(
        processor=structlog.processors.JSONRenderer(ensure_ascii=False), foreign_pre_chain=shared
    )
    handler = logging.StreamHandler()
    handler.setFormatter(formatter)
    logging.basicConfig(level=level, handlers=[handler], force=True)
    logging.getLogger("celery.worker.strategy").setLevel(logging.WARNING)
    logging.getLogger("celery.app.trace").setLevel(logging.WARNING)
    logging.getLogger("celery.beat").setLevel(logging.WARNING)
    structlog.configure(
        processors=[*shared, structlog.stdlib.ProcessorFormatter.wrap_for_formatter],
        logger_factory=structlog.stdlib.LoggerFactory(),
        wrapper_class=structlog.make_filtering_bound_logger(logging.getLevelName(level)),
        cache_logger_on_first_use=True,
    )


def _name(service: str) -> Callable[[Any, str, Mapping[str, Any]], Mapping[str, Any]]:
    return lambda _logger, _method, event: {**event, "service": service}


def _mask(_logger: Any, _method: str, event: Mapping[str, Any]) -> Mapping[str, Any]:
    """Removes user names and passwords from the URLs in a log line."""
    return {
        key: _CREDENTIALS.sub(r"\1***@", value) if isinstance(value, str) and "@" in value else value
        for key, value in event.items()
    }


def _metrics() -> bytes:
    folder = multiprocess_metrics_dir()
    if folder is None:
        return exposition.generate_latest(REGISTRY)
    registry = CollectorRegistry(support_collectors_without_names=True)
    multiprocess.MultiProcessCollector(registry, path=str(folder))  # type: ignore[no-untyped-call]
    return exposition.generate_latest(registry)


def forget_child(pid: int | None = None, **_: Any) -> None:
    """Removes the metrics of a child that has ended from the sum; for Celery's signal."""
    folder = multiprocess_metrics_dir()
    if folder is not None and pid is not None:
        multiprocess.mark_process_dead(pid, path=str(folder))  # type: ignore[no-untyped-call]


def verify(pool: str) -> None:
    """Checks that the metrics of this pool can be summed, and creates their folder.

    Raises:
        SettingsError: forked workers have no folder for their metrics.
    """
    folder = multiprocess_metrics_dir()
    if pool == "prefork" and (folder is None or values.ValueClass is values.MutexValue):
        raise SettingsError(
            "PROMETHEUS_MULTIPROC_DIR is not set: forked workers would each keep their own metrics. "
            "Set it to an empty folder before the process starts"
        )
    if folder is not None:
        folder.mkdir(parents=True, exist_ok=True)
