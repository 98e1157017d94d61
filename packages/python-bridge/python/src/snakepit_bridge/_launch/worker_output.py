"""What a worker writes to its file descriptors 1 and 2 directly."""

from __future__ import annotations

import codecs
import os
from time import monotonic

_TAIL_BYTES = 4096
_TAIL_LINES = 40
_CHUNK = 65536
# The fault handler writes up to 100 frames of each of up to 100 threads; most are short.
_STACKS_BYTES = 65536
# The fault handler takes a few milliseconds.
_DUMP_S = 1.0
# Reading must end even when an orphaned descendant keeps writing.
_LAST_READS = 64


class WorkerOutput:
    """The reading end of the pipe of a worker's file descriptors 1 and 2, and the last lines of its data."""

    def __init__(self, fd: int) -> None:
        self._fd = fd
        self._tail = b""
        self._stacks: bytes | None = None
        self._dump_ends_at = 0.0
        self._decoder = codecs.getincrementaldecoder("utf-8")("replace")
        os.set_blocking(fd, False)

    def fileno(self) -> int:
        """The file descriptor that it reads from."""
        return self._fd

    def read(self) -> str | None:
        """Returns the available output, possibly empty; ``None`` when no process has the other end open."""
        try:
            data = os.read(self._fd, _CHUNK)
        except (BlockingIOError, InterruptedError):
            return ""
        if monotonic() >= self._dump_ends_at:
            self._tail = (self._tail + data)[-_TAIL_BYTES:]
        if self._stacks is not None:
            self._stacks = (self._stacks + data)[-_STACKS_BYTES:]
        output = self._decoder.decode(data, final=not data)
        return output if data or output else None

    def expect_stacks(self) -> None:
        """Keeps the output from now on: the worker is about to write the stacks of its threads."""
        if self._stacks is None:
            self._stacks = b""

    def expect_dump(self) -> None:
        """Keeps what is written soon out of :attr:`tail`: the worker is about to write its stacks, and continues."""
        self._dump_ends_at = monotonic() + _DUMP_S

    @property
    def stacks(self) -> str:
        """The output since :meth:`expect_stacks`, at most the last 64 KiB; empty without a request."""
        return (self._stacks or b"").decode(errors="replace")

    def finish(self) -> str:
        """Reads the rest without blocking, closes the pipe and returns the rest."""
        rest = []
        for _ in range(_LAST_READS):
            output = self.read()
            if not output:
                break
            rest.append(output)
        os.close(self._fd)
        return "".join(rest)

    @property
    def tail(self) -> str:
        """The last lines, at most 40 of them and 4 KiB."""
        return "\n".join(self._tail.decode(errors="replace").splitlines()[-_TAIL_LINES:])
