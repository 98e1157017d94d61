"""The end of ``sys.stdout`` and ``sys.stderr`` in a worker."""

from __future__ import annotations

import io
import threading
from collections.abc import Callable
from typing import TYPE_CHECKING

from .log_sender import MAX_MESSAGE

if TYPE_CHECKING:
    from _typeshed import ReadableBuffer


class LineSink(io.RawIOBase):
    """Cuts what is written into lines. Threads that write at the same time do not mix theirs.

    A carriage return ends a line too, so that each state of a progress bar is one. Empty lines are left out.
    """

    def __init__(self, emit: Callable[[list[str]], None], descriptor: int) -> None:
        """Makes it.

        Args:
            emit: takes lines, without their ends and at most some 16,000 characters long.
            descriptor: what ``fileno()`` says, for programs that a tool starts and lets write there.
        """
        super().__init__()
        self._emit = emit
        self._descriptor = descriptor
        self.unfinished: dict[int, bytes] = {}
        """The beginning of a line that each thread has written, by thread."""

    def writable(self) -> bool:
        """See :class:`io.RawIOBase`."""
        return True

    def fileno(self) -> int:
        """See :class:`io.RawIOBase`."""
        return self._descriptor

    def write(self, data: ReadableBuffer, /) -> int:
        """See :class:`io.RawIOBase`. Takes everything."""
        written = bytes(data)
        thread = threading.get_ident()
        text = self.unfinished.pop(thread, b"") + written
        lines = text.splitlines()
        # A carriage return at the very end may be the first half of a line's end.
        if lines and not text.endswith(b"\n") and len(lines[-1]) <= MAX_MESSAGE:
            last = lines.pop()
            self.unfinished[thread] = last + b"\r" if text.endswith(b"\r") else last
        if lines:
            self._emit_lines(lines)
        return len(written)

    def finish_lines(self) -> None:
        """Emits what has been begun, as if its line had ended."""
        for thread in list(self.unfinished):
            self._emit_lines([self.unfinished.pop(thread, b"").rstrip(b"\r")])

    def _emit_lines(self, lines: list[bytes]) -> None:
        cut: list[str] = []
        for line in lines:
            text = line.decode("utf-8", "replace")
            cut.extend(text[start : start + MAX_MESSAGE] for start in range(0, len(text), MAX_MESSAGE))
        if cut:
            self._emit(cut)
