"""A bounded memory for what never changes once stored."""

from collections import OrderedDict
from collections.abc import Hashable, Iterable, Mapping
from threading import Lock
from typing import Generic, TypeVar

K = TypeVar("K", bound=Hashable)
V = TypeVar("V")


class Lru(Generic[K, V]):
    """Keeps the values used last; safe between threads.

    Args:
        capacity: How many values it keeps; 0 keeps none.
    """

    def __init__(self, capacity: int) -> None:
        self._capacity = capacity
        self._values: OrderedDict[K, V] = OrderedDict()
        self._lock = Lock()

    def get(self, keys: Iterable[K]) -> dict[K, V]:
        """Return those of the values under some keys that are still kept."""
        found = {}
        values = self._values
        with self._lock:
            for key in keys:
                value = values.get(key)
                if value is not None:
                    values.move_to_end(key)
                    found[key] = value
        return found

    def keep(self, values: Mapping[K, V]) -> None:
        """Keep values, in place of those used longest ago when there is no room."""
        with self._lock:
            self._values.update(values)
            for key in values:
                self._values.move_to_end(key)
            while len(self._values) > self._capacity:
                self._values.popitem(last=False)
