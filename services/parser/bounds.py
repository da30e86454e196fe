"""How much of the machine a page may take. Pages are foreign, and some are made to be expensive.

The kernel watches the CPU time (RLIMIT_CPU), because a parser written in C does not react to anything while it works: the
process is killed. Memory beyond the limit (RLIMIT_DATA) is refused, which raises MemoryError. In the service a page is set
aside when it has killed three processes (`shared/outcomes.py`); on the command line the first time.
"""

import resource
from collections.abc import Callable, Iterable
from multiprocessing import get_context
from multiprocessing.connection import Connection
from types import TracebackType
from typing import Generic, Self, TypeVar

from shared.contracts import Message, Reason
from shared.errors import Reject

Argument = TypeVar("Argument")
Result = TypeVar("Result")


class OutOfBounds(Reject):
    """A page takes more CPU time or memory than it may. The text names the bound."""

    def __init__(self, detail: str) -> None:
        super().__init__(Reason.POISON, detail)


def bounded(handle: Callable[[Argument], Iterable[Message]], seconds: int) -> Callable[[Argument], tuple[Message, ...]]:
    """Returns the handler in a process that ends when a message takes more than these seconds of CPU, or one more."""
    return limit_cpu(lambda message: tuple(handle(message)), seconds)


def limit_cpu(function: Callable[[Argument], Result], seconds: int) -> Callable[[Argument], Result]:
    """Returns a function that ends its process when a call takes more than these seconds of CPU, or one more."""

    def run(argument: Argument) -> Result:
        usage = resource.getrusage(resource.RUSAGE_SELF)
        _limit(resource.RLIMIT_CPU, int(usage.ru_utime + usage.ru_stime) + seconds + 1)
        try:
            return function(argument)
        finally:
            _limit(resource.RLIMIT_CPU, resource.RLIM_INFINITY)

    return run


def limit_memory(megabytes: int) -> None:
    """Refuses this process more memory of its own than that, from now on."""
    _limit(resource.RLIMIT_DATA, megabytes * 1024 * 1024)


class BoundedChild(Generic[Argument, Result]):
    """A process that calls a function with bounds. It serves many calls, and is replaced when a call breaks a bound.

    Args:
        function: called in the child. It handles its own errors; what it returns is pickled.
        seconds: of CPU that a call may take.
        megabytes: that the child may take.
    """

    def __init__(self, function: Callable[[Argument], Result], seconds: int, megabytes: int) -> None:
        self._function, self._seconds, self._megabytes = function, seconds, megabytes
        self._start()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._stop()

    def call(self, argument: Argument) -> Result:
        """Returns what the function returns.

        Raises:
            OutOfBounds: the call took more CPU time or memory than it may; the next call has a new process.
        """
        try:
            self._connection.send(argument)
            results: list[Result] = self._connection.recv()
        except (EOFError, OSError):
            results = []
            self._process.join()
            reason = f"killed its process (exit code {self._process.exitcode}; {self._seconds} s of CPU are allowed)"
        else:
            reason = f"takes more than {self._megabytes} MB of memory"
        if results:
            return results[0]
        self._stop()
        self._start()
        raise OutOfBounds(reason)

    def _start(self) -> None:
        # A fork shares what has been loaded, and starts at once.
        context = get_context("fork")
        self._connection, end = context.Pipe()
        self._process = context.Process(target=self._serve, args=(self._connection, end), daemon=True)
        self._process.start()
        end.close()

    def _stop(self) -> None:
        self._connection.close()
        self._process.join()

    def _serve(self, parents_end: Connection, end: Connection) -> None:
        # Without this the child would never see that its parent has gone.
        parents_end.close()
        limit_memory(self._megabytes)
        call = limit_cpu(self._function, self._seconds)
        while True:
            try:
                argument = end.recv()
            except EOFError:
                return
            try:
                results = [call(argument)]
            except MemoryError:
                results = []
            end.send(results)


def _limit(kind: int, value: int) -> None:
    _, hard = resource.getrlimit(kind)
    unlimited = resource.RLIM_INFINITY
    resource.setrlimit(kind, (value if hard == unlimited else hard if value == unlimited else min(value, hard), hard))
