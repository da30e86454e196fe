"""One HTTP connection: a time for each part of a request, and a refusal unread when there is too much to do.

uvicorn has a time-out between two requests only: a client that sends a byte now and then keeps its connection for ever.
Its limit on concurrency counts connections that ask for nothing, and has a request parsed and routed before it refuses.
"""

import resource
from asyncio import BaseTransport, TimerHandle, Transport
from collections.abc import Mapping
from typing import cast

import h11
from uvicorn.protocols.http.h11_impl import H11Protocol, RequestResponseCycle

from services.reader.http.admission import RETRY_SECONDS
from services.reader.http.lingering import Lingering

# From a new connection, or from an answer, to the first byte of the next request's head.
SILENT_SECONDS = 4.0
# From the first byte of a head to its end.
HEAD_SECONDS = 2.5
# From the head to the end of the body. Longer than routes.BODY_SECONDS, which comes with an answer.
BODY_SECONDS = 3.5
# For the rest of a body that a client sends after an answer that came early.
LATE_BODY_SECONDS = 1.0
# Without a byte taken by a client that is slower than its answer.
WRITE_SECONDS = 10.0
MAX_CONNECTIONS = 4000
# Files that the process opens besides connections: the database, Redis, templates.
OTHER_FILES = 200
# A connection that has waited for less may have its request in the kernel already.
SPARED_SECONDS = 1.0

_TIMEOUT = b"HTTP/1.1 408 Request Timeout\r\nConnection: close\r\nContent-Length: 0\r\n\r\n"
_REFUSAL = (
    b"HTTP/1.1 503 Service Unavailable\r\nRetry-After: %d\r\nConnection: close\r\nContent-Length: 0\r\n\r\n"
    % RETRY_SECONDS
)
# Answered however busy the reader is.
_PROBES = (b"GET /healthz ", b"GET /metrics ")


class _HalfHead:
    """A part of a request that h11 has no state for."""


_SECONDS: Mapping[type[object], float] = {
    h11.IDLE: SILENT_SECONDS, _HalfHead: HEAD_SECONDS, h11.SEND_BODY: BODY_SECONDS,
}  # fmt: skip


def connection_limit() -> int:
    """Returns how many connections fit into the process's limit of open files, which is raised as far as it may be."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    files = MAX_CONNECTIONS + OTHER_FILES
    allowed = files if hard == resource.RLIM_INFINITY else min(files, hard)
    if soft != resource.RLIM_INFINITY and soft < allowed:
        resource.setrlimit(resource.RLIMIT_NOFILE, (allowed, hard))
    return max(1, allowed - OTHER_FILES)


class Connection(H11Protocol):
    """A connection that is closed when a part of a request takes too long, or when there are too many connections."""

    max_connections = MAX_CONNECTIONS
    waiting_since = 0.0
    _part: type[object] | None = None
    _timer: TimerHandle | None = None
    _write_timer: TimerHandle | None = None

    def connection_made(self, transport: BaseTransport) -> None:
        super().connection_made(cast("Transport", Lingering(cast("Transport", transport), self.loop)))
        self._time_part()
        if len(self.connections) > self.max_connections and not self._evict():
            self._refuse()
            # If it lingered, there would be more connections than files.
            self.transport.abort()

    def data_received(self, data: bytes) -> None:
        if self.transport.is_closing():
            return
        if self._is_refused(data):
            self._refuse()
            return
        super().data_received(data)
        self._time_part()

    def send_400_response(self, msg: str) -> None:
        """Answers what is no HTTP, once: the route that has its head already answers no more.

        uvicorn lets both answer, and the second one fails (`can't handle event type Response`).
        """
        cycle = cast("RequestResponseCycle | None", self.cycle)
        if cycle is not None and not cycle.response_complete:
            cycle.disconnected = True
            cycle.message_event.set()
        if self.conn.our_state in {h11.IDLE, h11.SEND_RESPONSE}:
            super().send_400_response(msg)
        else:
            self.transport.close()

    def on_response_complete(self) -> None:
        super().on_response_complete()
        self._time_part()
        if self._part is h11.SEND_BODY:
            self._start_timer(LATE_BODY_SECONDS)

    def pause_writing(self) -> None:
        super().pause_writing()
        self._write_timer = self.loop.call_later(WRITE_SECONDS, self.transport.abort)

    def resume_writing(self) -> None:
        super().resume_writing()
        if self._write_timer is not None:
            self._write_timer.cancel()

    def connection_lost(self, exc: Exception | None) -> None:
        super().connection_lost(exc)
        for timer in (self._timer, self._write_timer):
            if timer is not None:
                timer.cancel()

    @property
    def _has_half_a_head(self) -> bool:
        return self.conn.their_state is h11.IDLE and bool(self.conn.trailing_data[0])

    def _time_part(self) -> None:
        """Starts the time of the part of a request that the client sends now, once for each part."""
        part = _HalfHead if self._has_half_a_head else self.conn.their_state
        if part is self._part:
            return
        self._part = part
        self.waiting_since = self.loop.time()
        self._start_timer(_SECONDS.get(part))

    def _start_timer(self, seconds: float | None) -> None:
        if self._timer is not None:
            self._timer.cancel()
        self._timer = None if seconds is None else self.loop.call_later(seconds, self._read_and_expire)

    def _read_and_expire(self) -> None:
        """Lets the loop read what arrived while it was busy, and then ends the wait unless that was the missing part."""
        self._timer = self.loop.call_later(0, self._expire)

    def _expire(self) -> None:
        self._close(_TIMEOUT if self._has_half_a_head else b"")

    def _is_refused(self, data: bytes) -> bool:
        """Returns whether these bytes begin a request for which there is no place."""
        is_beginning = self.conn.their_state is h11.IDLE and not self._has_half_a_head
        return is_beginning and self.app_state["admission"].is_full and not data.startswith(_PROBES)

    def _refuse(self) -> None:
        self.app_state["measures"].count_refusal()
        self._close(_REFUSAL)

    def _close(self, answer: bytes) -> None:
        """Closes the connection after an answer; what the client has not taken of an earlier one is given up."""
        if self.transport.get_write_buffer_size():
            self.transport.abort()
            return
        self.transport.write(answer)
        self.transport.close()

    def _evict(self) -> bool:
        """Ends a connection that lingers, else the one that has waited longest for a head, if any has waited long enough."""
        peers = [peer for peer in self.connections if isinstance(peer, Connection) and peer is not self]
        idle = [peer for peer in peers if peer.transport.is_closing() or peer.conn.their_state is h11.IDLE]
        oldest = min(idle, key=lambda peer: (not peer.transport.is_closing(), peer.waiting_since), default=self)
        if not oldest.transport.is_closing() and self.loop.time() - oldest.waiting_since < SPARED_SECONDS:
            return False
        self.connections.discard(oldest)
        oldest.transport.abort()
        return True
