"""A Redis client that is stopped by no key of another type."""

from typing import Any

from redis import Redis
from redis.client import Pipeline
from redis.exceptions import ResponseError

from shared.worker.key_types import set_named_keys_aside

# Of Redis, also in the error of a script.
_FOREIGN = ("WRONGTYPE", "not an integer")


class Client(Redis):
    """A client that sets a key aside which has another type than ours, or no number, and tries the command again.

    A pipeline is not tried again, because a part of it is done: whoever sent it does so, and meets no such key then.
    """

    def execute_command(self, *arguments: Any, **options: Any) -> Any:
        """Executes a command, as Redis does."""
        try:
            return super().execute_command(*arguments, **options)  # type: ignore[no-untyped-call]
        except ResponseError as error:
            if not (_is_foreign(error) and set_named_keys_aside(self, arguments)):
                raise
        return super().execute_command(*arguments, **options)  # type: ignore[no-untyped-call]

    def pipeline(self, transaction: bool = True, shard_hint: str | None = None) -> "_Pipeline":
        """Returns a pipeline, as Redis does."""
        return _Pipeline(self.connection_pool, self.response_callbacks, transaction, shard_hint, self)


class _Pipeline(Pipeline):
    """A pipeline that sets keys of another type aside, and fails all the same."""

    def __init__(self, pool: Any, callbacks: Any, transaction: bool, shard_hint: str | None, client: Client) -> None:
        super().__init__(pool, callbacks, transaction, shard_hint)
        self._client = client

    def execute(self, raise_on_error: bool = True) -> list[Any]:
        """Executes the commands, as Pipeline does."""
        commands = list(self.command_stack)
        try:
            return super().execute(raise_on_error)
        except ResponseError as error:
            if _is_foreign(error):
                set_named_keys_aside(self._client, [argument for command in commands for argument in command[0]])
            raise


def _is_foreign(error: ResponseError) -> bool:
    return any(text in str(error) for text in _FOREIGN)
