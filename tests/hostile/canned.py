"""Sockets that have sent and received everything already."""

import io
from typing import Any


class CannedSocket:
    """A socket that has sent a request and receives an answer."""

    def __init__(self, answer: bytes) -> None:
        self._answer = answer

    def makefile(self, *_arguments: Any, **_options: Any) -> io.BytesIO:
        return io.BytesIO(self._answer)

    def sendall(self, _data: bytes) -> None:
        """Nothing is sent."""

    def gettimeout(self) -> float:
        return 60.0

    def settimeout(self, _seconds: float | None) -> None:
        """Nothing takes time."""

    def fileno(self) -> int:
        return -1

    def close(self) -> None:
        """Nothing is open."""
