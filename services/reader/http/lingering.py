"""A transport that is closed by halves, so that the last answer is read."""

from asyncio import AbstractEventLoop, Transport
from typing import Any

# For what a client still sends after the last answer: a socket that is closed over unread bytes resets its connection,
# and the client may lose the answer.
LINGER_SECONDS = 1.0


class Lingering:
    """A transport whose `close` ends the answers at once, and the connection when the client has read them or is too slow.

    What arrives after `close` is for the protocol to throw away. The connection ends when the client ends it, and otherwise
    with the first LINGER_SECONDS in which it takes nothing of what is still to be sent. Any other attribute is the
    transport's own.
    """

    def __init__(self, transport: Transport, loop: AbstractEventLoop) -> None:
        self._transport, self._loop = transport, loop
        self._is_closing = False

    def __getattr__(self, name: str) -> Any:
        return getattr(self._transport, name)

    def is_closing(self) -> bool:
        """Returns whether no further answer can be sent."""
        return self._is_closing or self._transport.is_closing()

    def write(self, data: bytes) -> None:
        """Sends bytes; none after `close`."""
        if not self._is_closing:
            self._transport.write(data)

    def close(self) -> None:
        """Ends the answers after what was written."""
        if self.is_closing():
            return
        self._is_closing = True
        try:
            self._transport.write_eof()
        except OSError:
            # The client has gone.
            self._transport.abort()
            return
        self._transport.resume_reading()
        self._linger(self._transport.get_write_buffer_size())

    def _linger(self, unsent: int) -> None:
        self._loop.call_later(LINGER_SECONDS, self._end, unsent)

    def _end(self, unsent: int) -> None:
        """Ends the connection unless the client has taken a part of what was unsent."""
        remaining = self._transport.get_write_buffer_size()
        if 0 < remaining < unsent:
            self._linger(remaining)
        else:
            self._transport.abort()
