"""How many chunks the host may send ahead of a tool that consumes a stream."""

from __future__ import annotations

from typing import Final

_BYTES_IN_FLIGHT: Final = 1 << 20
_FEWEST_CHUNKS: Final = 2
_MOST_CHUNKS: Final = 256


class CreditWindow:
    """Adapts to the size of the chunks, as the host does for the streams of workers.

    About 1 MiB may be in flight, never fewer than 2 chunks or more than 256. The window starts with 8, since the size
    is unknown then, doubles whenever that many have been consumed, and shrinks when chunks turn out to be large.
    """

    __slots__ = ("_chunk_bytes", "_consumed", "_granted", "_grows_at", "_window")

    INITIAL: Final = 8
    """Credit that is granted with the request."""

    def __init__(self) -> None:
        self._window = self.INITIAL
        self._granted = self.INITIAL
        self._consumed = 0
        self._grows_at = self.INITIAL
        # Rises at once, falls slowly.
        self._chunk_bytes = 1.0

    def consumed(self, byte_length: int) -> int:
        """Counts a consumed chunk.

        Returns:
            The credit to grant: usually 0, since it is granted in units of half a window.
        """
        self._consumed += 1
        self._chunk_bytes = max(byte_length, self._chunk_bytes - (self._chunk_bytes - byte_length) / 8)
        limit = max(_FEWEST_CHUNKS, min(_MOST_CHUNKS, int(_BYTES_IN_FLIGHT / max(1.0, self._chunk_bytes))))
        if self._window > limit:
            self._window = limit
        elif self._consumed >= self._grows_at and self._window < limit:
            self._window = min(self._window * 2, limit)
            self._grows_at = self._consumed + self._window
        credit = self._window - (self._granted - self._consumed)
        if credit * 2 < self._window:
            return 0
        self._granted += credit
        return credit
