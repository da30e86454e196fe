"""A server that does whatever is said to whoever connects: what comes over the wire, and how, byte for byte."""

import socket
import struct
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from threading import Thread

Answer = Callable[[socket.socket], None]


class Hostile:
    """Each connection gets the next of the answers, the last for ever; a request is read before each."""

    def __init__(self, *answers: Answer) -> None:
        self.requests: list[bytes] = []
        self.connections = 0
        self._answers = list(answers)
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port = self._listener.getsockname()[1]
        self.url = f"http://127.0.0.1:{self.port}/"
        Thread(target=self._accept, daemon=True).start()

    def _accept(self) -> None:
        with suppress(OSError):
            while True:
                connection, _ = self._listener.accept()
                self.connections += 1
                answer = self._answers.pop(0) if len(self._answers) > 1 else self._answers[0]
                Thread(target=self._serve, args=(connection, answer), daemon=True).start()

    def _serve(self, connection: socket.socket, answer: Answer) -> None:
        with suppress(OSError), connection:
            connection.settimeout(5)
            if self.hear(connection):
                answer(connection)

    def hear(self, connection: socket.socket) -> bytes:
        """Reads one request."""
        heard = b""
        while b"\r\n\r\n" not in heard:
            if not (part := connection.recv(65_536)):
                break
            heard += part
        self.requests.append(heard)
        return heard

    def close(self) -> None:
        self._listener.close()


@contextmanager
def hostile(*answers: Answer) -> Iterator[Hostile]:
    server = Hostile(*answers)
    try:
        yield server
    finally:
        server.close()


def sends(*parts: bytes) -> Answer:
    """Sends these and closes."""
    return lambda connection: connection.sendall(b"".join(parts))


def ok(body: bytes, *headers: bytes) -> bytes:
    head = [b"HTTP/1.1 200 OK", b"Content-Length: %d" % len(body), *headers]
    return b"\r\n".join(head) + b"\r\n\r\n" + body


def drips(head: bytes, seconds: float = 0.03) -> Answer:
    """Sends a byte now and then, for ever."""

    def answer(connection: socket.socket) -> None:
        connection.sendall(head)
        while True:
            time.sleep(seconds)
            connection.sendall(b"x")

    return answer


def floods(head: bytes, chunk: bytes) -> Answer:
    """Sends as much as anybody takes."""

    def answer(connection: socket.socket) -> None:
        connection.sendall(head)
        while True:
            connection.sendall(chunk)

    return answer


def resets(head: bytes = b"") -> Answer:
    """Breaks the connection off."""

    def answer(connection: socket.socket) -> None:
        connection.sendall(head)
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))

    return answer


def sleeps(connection: socket.socket) -> None:
    """Says nothing."""
    time.sleep(2)
