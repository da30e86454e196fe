"""A cache that is bounded by what its values weigh, where a bound on their number would let a few of them fill the memory."""

from collections import OrderedDict
from typing import Generic, TypeVar

Value = TypeVar("Value")


class WeightedCache(Generic[Value]):
    """Values by key. The least recently used give way once all weigh more than a limit.

    Args:
        limit: the weight of all values; a value that weighs more by itself is not kept.
    """

    def __init__(self, limit: int) -> None:
        self._limit = limit
        self._entries: OrderedDict[str, tuple[Value, int]] = OrderedDict()
        self.weight = 0

    def get(self, key: str) -> Value | None:
        """Returns the value of a key; None if it is not kept."""
        if key not in self._entries:
            return None
        self._entries.move_to_end(key)
        return self._entries[key][0]

    def put(self, key: str, value: Value, weight: int) -> None:
        """Keeps a value in place of the key's last one."""
        _, replaced = self._entries.pop(key, (None, 0))
        self.weight -= replaced
        if weight > self._limit:
            return
        self._entries[key] = value, weight
        self.weight += weight
        while self.weight > self._limit:
            _, (_, oldest) = self._entries.popitem(last=False)
            self.weight -= oldest

    def __len__(self) -> int:
        return len(self._entries)
