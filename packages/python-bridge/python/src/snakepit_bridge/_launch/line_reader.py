"""Lines from a file descriptor."""

from __future__ import annotations

import os


class LineReader:
    """Splits what a file descriptor delivers into lines, and keeps an unfinished one for later."""

    def __init__(self, fd: int) -> None:
        self._fd = fd
        self._buffer = b""

    def fileno(self) -> int:
        """The file descriptor that is read."""
        return self._fd

    def read_line(self) -> bytes | None:
        """Waits for one line; ``None`` when the other side closed before it was complete."""
        while b"\n" not in self._buffer:
            if not self.fill():
                return None
        line, _, self._buffer = self._buffer.partition(b"\n")
        return line

    def fill(self) -> bool:
        """Reads what is there, or waits for something; whether the other side is still there."""
        try:
            data = os.read(self._fd, 65536)
        except ConnectionResetError:
            return False
        self._buffer += data
        return bool(data)

    def take_lines(self) -> list[bytes]:
        """The complete lines read so far."""
        *lines, self._buffer = self._buffer.split(b"\n")
        return lines
