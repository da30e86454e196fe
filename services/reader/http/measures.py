"""The reader's own metrics: requests by route, and their time."""

from time import perf_counter

from prometheus_client import CollectorRegistry, Counter, Histogram, ProcessCollector
from starlette.types import ASGIApp, Message, Receive, Scope, Send

METHODS = frozenset({"GET", "HEAD", "POST", "OPTIONS"})


class Measures:
    """The metrics of one application, in a registry of its own."""

    def __init__(self) -> None:
        self.registry = CollectorRegistry()
        ProcessCollector(registry=self.registry)
        labels = ["route", "method", "status"]
        self._requests = Counter("newsmill_reader_requests", "Requests answered.", labels, registry=self.registry)
        self._seconds = Histogram(
            "newsmill_reader_request_seconds", "Time to an answer.", ["route"], registry=self.registry
        )

    def count(self, scope: Scope, status: int, seconds: float) -> None:
        """Counts an answered request by its route's template, never by its path: a client could make up any number."""
        route = str(getattr(scope.get("route"), "path", "none"))
        method = scope["method"] if scope["method"] in METHODS else "other"
        self._requests.labels(route, method, str(status)).inc()
        self._seconds.labels(route).observe(seconds)

    def count_refusal(self) -> None:
        """Counts a request that was answered 503 unread."""
        self._requests.labels("none", "other", "503").inc()


class Measured:
    """ASGI middleware that counts and times every request."""

    def __init__(self, app: ASGIApp, measures: Measures) -> None:
        self._app = app
        self._measures = measures

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        start, status = perf_counter(), 500

        async def send_and_note(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
            await send(message)

        try:
            await self._app(scope, receive, send_and_note)
        finally:
            self._measures.count(scope, status, perf_counter() - start)
