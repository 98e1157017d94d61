"""Limits the number of records in a second."""

from __future__ import annotations

from time import monotonic


class RateLimit:
    """A token bucket of one second. Several threads may use it: then, the number is a close estimate."""

    __slots__ = ("_at", "_left", "_per_second", "dropped_events", "dropped_spans")

    def __init__(self, per_second: int) -> None:
        self._per_second = per_second
        self._left = float(per_second)
        self._at = monotonic()
        self.dropped_spans = 0
        """The number of spans that were dropped and are not reported yet."""
        self.dropped_events = 0
        """The number of events that were dropped and are not reported yet."""

    def set_limit(self, per_second: int) -> None:
        """Changes the limit; the count of dropped records continues."""
        # What was used in this second counts for the new limit too.
        self._left = max(0.0, self._left + per_second - self._per_second)
        self._per_second = per_second

    def take(self) -> bool:
        """Whether another record is within the limit."""
        now = monotonic()
        self._left = min(float(self._per_second), self._left + (now - self._at) * self._per_second)
        self._at = now
        if self._left < 1:
            return False
        self._left -= 1
        return True
