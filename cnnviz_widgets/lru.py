"""A dictionary that holds so many entries, or entries of so many bytes; the least recently used go first."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable
from typing import TypeVar

Key = TypeVar("Key")
Value = TypeVar("Value")


class LRU(OrderedDict[Key, Value]):
    """Values by key, in the order in which they were asked for, the latest last; not for several threads at once.

    Parameters
    ----------
    count : int, optional
        How many there are at most.
    total : float, optional
        How large all of them are together at most; the latest stays, however large it is.
    size : callable, optional
        Returns how large a value is; with `total`.
    """

    def __init__(
        self,
        count: int | None = None,
        total: float | None = None,
        size: Callable[[Value], float] | None = None,
    ) -> None:
        super().__init__()
        self.count, self.total, self._size = count, total, size

    def recalled(self, key: Key, make: Callable[[], Value]) -> Value:
        """Return the value of a key, made if it is not there, as the latest."""
        return self.keep(key, self[key] if key in self else make())

    def keep(self, key: Key, value: Value) -> Value:
        """Hold a value as the latest, and let others go that are too many or too large beside it."""
        self[key] = value
        self.move_to_end(key)
        while len(self) > 1 and self._too_much():
            self.popitem(last=False)
        return value

    def _too_much(self) -> bool:
        if self.count is not None and len(self) > self.count:
            return True
        size = self._size
        return size is not None and self.total is not None and sum(map(size, self.values())) > self.total
