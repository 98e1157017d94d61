"""JSON lines to the host, written without blocking."""

from __future__ import annotations

import json
import os
import select
import time

_SPARE_LIMIT = 1 << 20


class EventStream:
    """Writes one JSON object per line to a non-blocking descriptor, and buffers what does not fit."""

    def __init__(self, fd: int) -> None:
        self._fd = fd
        self._pending = bytearray()
        os.set_blocking(fd, False)

    def fileno(self) -> int:
        """The file descriptor that it writes to."""
        return self._fd

    @property
    def has_pending(self) -> bool:
        """Whether data is buffered until the host reads."""
        return bool(self._pending)

    @property
    def is_clogged(self) -> bool:
        """Whether so much is buffered that optional events must be dropped."""
        return len(self._pending) > _SPARE_LIMIT

    def send(self, event: dict[str, object]) -> None:
        """Writes an event, or buffers it until the host reads."""
        self._pending += json.dumps(event, separators=(",", ":")).encode() + b"\n"
        self.flush()

    def flush(self) -> None:
        """Writes what fits. The loss of the host is not an error here: the end of the command stream reports it."""
        try:
            while self._pending:
                del self._pending[: os.write(self._fd, self._pending)]
        except (BlockingIOError, InterruptedError):
            return
        except (BrokenPipeError, ConnectionResetError):
            self._pending.clear()

    def drain(self, seconds: float) -> None:
        """Writes everything, and waits this long for the host; called before the process ends."""
        deadline = time.monotonic() + seconds
        while self._pending and (left := deadline - time.monotonic()) > 0:
            select.select([], [self._fd], [], left)
            self.flush()
