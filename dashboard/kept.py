"""Results kept by key: each is computed once, however many readers ask for it at once."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Hashable
from threading import Event, Lock
from typing import Generic, TypeVar

R = TypeVar("R")


class Kept(Generic[R]):
    """The results asked for last; whoever asks for one that is being computed waits for it.

    `functools.lru_cache` computes it once for each of them: after a publication fifty readers
    would compute the same page fifty times, and the last gets it when all are done.

    Args:
        most: How many results are kept.
    """

    def __init__(self, most: int) -> None:
        self._most = most
        self._lock = Lock()
        self._results: OrderedDict[Hashable, R] = OrderedDict()
        self._computing: dict[Hashable, Event] = {}

    def get(self, key: Hashable, compute: Callable[[], R]) -> R:
        """The result of that key, computed if it is not kept; a failure is nobody else's.

        Computing one may ask for others, but not for itself.
        """
        while True:
            with self._lock:
                if key in self._results:
                    self._results.move_to_end(key)
                    return self._results[key]
                computed = self._computing.get(key)
                if computed is None:
                    computed = self._computing[key] = Event()
                    break
            computed.wait()
        try:
            result = compute()
            with self._lock:
                self._results[key] = result
                if len(self._results) > self._most:
                    self._results.popitem(last=False)
            return result
        finally:
            with self._lock:
                del self._computing[key]
            computed.set()
