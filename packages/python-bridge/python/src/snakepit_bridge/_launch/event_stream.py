"""JSON lines to the host that never wait for it."""

from __future__ import annotations

import json
import os
import select
import time

_SPARE_LIMIT = 1 << 20


class EventStream:
    """Writes one JSON object a line to a non-blocking descriptor and keeps what does not fit."""

    def __init__(self, fd: int) -> None:
        self._fd = fd
        self._pending = bytearray()
        os.set_blocking(fd, False)

    def fileno(self) -> int:
        """The file descriptor that is written to."""
        return self._fd

    @property
    def is_waiting(self) -> bool:
        """Whether something is left to be written once the host reads."""
        return bool(self._pending)

    @property
    def is_clogged(self) -> bool:
        """Whether so much is waiting that what can be spared should be."""
        return len(self._pending) > _SPARE_LIMIT

    def send(self, event: dict[str, object]) -> None:
        """Writes an event, or keeps it until the host reads on."""
        self._pending += json.dumps(event, separators=(",", ":")).encode() + b"\n"
        self.flush()

    def flush(self) -> None:
        """Writes what fits. A host that is gone is no error here: the end of the command stream tells of it."""
        try:
            while self._pending:
                del self._pending[: os.write(self._fd, self._pending)]
        except (BlockingIOError, InterruptedError):
            return
        except (BrokenPipeError, ConnectionResetError):
            self._pending.clear()

    def drain(self, seconds: float) -> None:
        """Writes everything, waiting this long for the host; for the last words of a process."""
        deadline = time.monotonic() + seconds
        while self._pending and (left := deadline - time.monotonic()) > 0:
            select.select([], [self._fd], [], left)
            self.flush()
