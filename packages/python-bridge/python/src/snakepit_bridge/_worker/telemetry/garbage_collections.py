"""Observes the garbage collections of the process."""

from __future__ import annotations

import gc
from collections import deque
from time import perf_counter_ns, time_ns
from typing import Any, Final, NamedTuple

_MAX_PENDING: Final = 256


class Collection(NamedTuple):
    """A garbage collection."""

    generation: int
    time_ns: int
    """When it began, in nanoseconds since 1970."""
    duration_ns: int
    collected: int
    uncollectable: int


class GarbageCollections:
    """Records collections while it is on. A collection may begin anywhere, so that nothing here takes a lock."""

    def __init__(self) -> None:
        self._pending: deque[Collection] = deque(maxlen=_MAX_PENDING)
        self._began = self._began_at = 0

    def switch(self, *, on: bool) -> None:
        """Begins or stops observing."""
        is_on = self._observe in gc.callbacks
        if on and not is_on:
            gc.callbacks.append(self._observe)
        elif is_on and not on:
            gc.callbacks.remove(self._observe)

    def take(self) -> list[Collection]:
        """Returns the collections since the last call, the oldest first; of many, the newest 256."""
        taken = []
        while self._pending:
            taken.append(self._pending.popleft())
        return taken

    def put_back(self, taken: list[Collection]) -> None:
        """Adds collections that could not be sent, before the later ones."""
        room = _MAX_PENDING - len(self._pending)
        self._pending.extendleft(reversed(taken[len(taken) - room :] if len(taken) > room else taken))

    def _observe(self, phase: str, info: dict[str, Any]) -> None:
        if phase == "start":
            self._began = perf_counter_ns()
            self._began_at = time_ns()
        elif self._began:
            duration = perf_counter_ns() - self._began
            self._began = 0
            self._pending.append(
                Collection(info["generation"], self._began_at, duration, info["collected"], info["uncollectable"])
            )
