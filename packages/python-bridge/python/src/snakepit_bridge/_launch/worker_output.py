"""What a worker writes to its standard output and error behind Python's back."""

from __future__ import annotations

import codecs
import os

_TAIL_BYTES = 4096
_TAIL_LINES = 40
_CHUNK = 65536
# Reading ends at some point also when a stray descendant keeps writing.
_LAST_READS = 64


class WorkerOutput:
    """The reading end of the pipe that is a worker's file descriptors 1 and 2, and the last of what came through."""

    def __init__(self, fd: int) -> None:
        self._fd = fd
        self._tail = b""
        self._decoder = codecs.getincrementaldecoder("utf-8")("replace")
        os.set_blocking(fd, False)

    def fileno(self) -> int:
        """The file descriptor that is read."""
        return self._fd

    def read(self) -> str | None:
        """What is there, empty when nothing is; ``None`` when no process has the other end open any more."""
        try:
            data = os.read(self._fd, _CHUNK)
        except (BlockingIOError, InterruptedError):
            return ""
        self._tail = (self._tail + data)[-_TAIL_BYTES:]
        text = self._decoder.decode(data, final=not data)
        return text if data or text else None

    def finish(self) -> str:
        """Reads what is left without waiting, closes the pipe and returns it."""
        rest = []
        for _ in range(_LAST_READS):
            text = self.read()
            if not text:
                break
            rest.append(text)
        os.close(self._fd)
        return "".join(rest)

    @property
    def tail(self) -> str:
        """The last lines, at most 40 of them and 4 KiB."""
        return "\n".join(self._tail.decode(errors="replace").splitlines()[-_TAIL_LINES:])
