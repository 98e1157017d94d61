"""Lines from a file descriptor."""

from __future__ import annotations

import os

_INITIAL_BYTES = 65536


class LineReader:
    """Splits the data of a file descriptor into lines.

    Lines may contain secrets, so the buffer is overwritten when a line is taken, and no other copy is created.
    """

    def __init__(self, fd: int) -> None:
        self._fd = fd
        self._buffer = bytearray(_INITIAL_BYTES)
        self._start = 0
        self._end = 0

    def fileno(self) -> int:
        """The file descriptor that it reads from."""
        return self._fd

    def read_line(self) -> bytearray | None:
        """Waits for a line; ``None`` when the stream ended before it was complete."""
        while (line := self.take_line()) is None:
            if not self.fill():
                return None
        return line

    def fill(self) -> bool:
        """Reads available data, or waits for some. Returns ``False`` at the end of the stream."""
        if self._end == len(self._buffer):
            self._make_room()
        try:
            with memoryview(self._buffer) as view:
                count = os.readv(self._fd, [view[self._end :]])
        except ConnectionResetError:
            return False
        self._end += count
        return count > 0

    def take_line(self) -> bytearray | None:
        """Returns the next complete line, which the caller must wipe; ``None`` when none is complete."""
        end = self._buffer.find(b"\n", self._start, self._end)
        if end < 0:
            return None
        line = self._buffer[self._start : end]
        wipe(self._buffer, self._start, end)
        self._start = end + 1
        return line

    def wipe(self) -> None:
        """Overwrites the unread bytes in a process that must not have them."""
        wipe(self._buffer, self._start, self._end)

    def _make_room(self) -> None:
        unread = self._end - self._start
        buffer = bytearray(max(_INITIAL_BYTES, 2 * unread))
        with memoryview(self._buffer) as view:
            buffer[:unread] = view[self._start : self._end]
        self.wipe()
        self._buffer, self._start, self._end = buffer, 0, unread


def wipe(buffer: bytearray, start: int = 0, end: int | None = None) -> None:
    """Overwrites bytes in place."""
    length = (len(buffer) if end is None else end) - start
    buffer[start : start + length] = bytes(length)
