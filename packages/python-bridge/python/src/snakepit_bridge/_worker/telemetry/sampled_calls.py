"""The calls whose spans are recorded as samples, for a dashboard."""

from __future__ import annotations

from typing import Final

_SECOND: Final = 1.0
_NEVER_S: Final = 3600.0


class SampledCalls:
    """A number of calls in each second. Several threads may use it: then, the number is a close estimate.

    It has no clock, because :meth:`take` runs for each call: :meth:`refill` begins a second.
    """

    __slots__ = ("_per_second", "_refill_at", "left")

    def __init__(self) -> None:
        self._per_second = 0
        self._refill_at = 0.0
        self.left = 0
        """How many more calls may be recorded in this second."""

    def set_limit(self, per_second: int) -> None:
        """Changes the number of calls; a second begins."""
        self._per_second = self.left = per_second

    def take(self) -> bool:
        """Whether the spans of another call are recorded."""
        if self.left <= 0:
            return False
        self.left -= 1
        return True

    def refill(self, now: float) -> float:
        """Begins the next second when it is due, at most one per second.

        Args:
            now: the time on the monotonic clock.

        Returns:
            When it must be called again, on the same clock.
        """
        if self.left >= self._per_second:
            return now + _NEVER_S
        if now >= self._refill_at:
            self._refill_at = now + _SECOND
            self.left = self._per_second
        return self._refill_at
