"""Places for a limited number of requests at a time."""

from collections.abc import Iterator
from contextlib import contextmanager

from fastapi import HTTPException

# Requests that may wait for each thread.
QUEUE_LENGTH = 4
RETRY_SECONDS = 1


class Admission:
    """Places for requests under way. Belongs to one event loop.

    Args:
        limit: how many there are.
    """

    def __init__(self, limit: int) -> None:
        self._free = limit

    @property
    def is_full(self) -> bool:
        """Whether every place is taken."""
        return not self._free

    @contextmanager
    def place(self) -> Iterator[None]:
        """Holds a place.

        Raises:
            HTTPException: 503, since all are taken.
        """
        if self.is_full:
            raise HTTPException(503, "too many requests at a time", headers={"Retry-After": str(RETRY_SECONDS)})
        self._free -= 1
        try:
            yield
        finally:
            self._free += 1
