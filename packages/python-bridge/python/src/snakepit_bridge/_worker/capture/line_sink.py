"""The raw stream under ``sys.stdout`` and ``sys.stderr`` of a worker."""

from __future__ import annotations

import io
import os
import threading
from collections.abc import Callable
from typing import TYPE_CHECKING

from ..._call import executing
from ..signals.signal_handlers import postpone_handlers
from .log_sender import MAX_MESSAGE

if TYPE_CHECKING:
    from _typeshed import ReadableBuffer

Emit = Callable[[list[str]], None]
Divert = Callable[[bytes], bool]


class LineSink(io.RawIOBase):
    """Splits the written text into lines, separately for each thread and call.

    A carriage return ends a line too, so each state of a progress bar is a line. Empty lines are omitted. Closing it
    does nothing. While it is not connected, everything is written to a file descriptor unchanged.
    """

    def __init__(self, descriptor: int, name: str) -> None:
        """Creates the stream.

        Args:
            descriptor: where it writes while it is not connected, and the result of ``fileno()`` for programs that a
                tool starts with this stream.
            name: ``<stdout>``, for example.
        """
        super().__init__()
        self.name = name
        self.mode = "wb"
        self._descriptor = descriptor
        self._connection: tuple[Emit, Divert] | None = None
        self.unfinished: dict[tuple[int, int], bytes] = {}
        """The unfinished line of each writer: a thread, and the call that it executes."""

    @property
    def raw(self) -> LineSink:
        """The stream itself, which does not buffer."""
        return self

    def connect(self, emit: Emit, divert: Divert) -> None:
        """Delivers lines from now on.

        Args:
            emit: called with lines without line ends, of at most 16,384 characters.
            divert: called first with each write; returns whether the write was handled.
        """
        self._connection = (emit, divert)

    def disconnect(self) -> None:
        """Writes to the file descriptor from now on."""
        self._connection = None

    def writable(self) -> bool:
        """See :class:`io.RawIOBase`."""
        return True

    def fileno(self) -> int:
        """See :class:`io.RawIOBase`."""
        return self._descriptor

    def close(self) -> None:
        """Does nothing. Otherwise every stream that a tool wraps around it would close it."""

    @postpone_handlers
    def write(self, data: ReadableBuffer, /) -> int:
        """See :class:`io.RawIOBase`. Accepts everything."""
        written = bytes(data)
        connection = self._connection
        if connection is None:
            self._write_through(written)
            return len(written)
        emit, divert = connection
        if divert(written):
            return len(written)
        writer = (threading.get_ident(), id(executing.get()))
        text = self.unfinished.pop(writer, b"") + written
        lines = text.splitlines()
        # A carriage return at the very end may be the first half of a line end.
        if lines and not text.endswith(b"\n") and len(lines[-1]) <= MAX_MESSAGE:
            last = lines.pop()
            self.unfinished[writer] = last + b"\r" if text.endswith(b"\r") else last
        if lines:
            _emit_lines(emit, lines)
        return len(written)

    def finish_lines(self, call: object | None = None) -> None:
        """Emits unfinished lines.

        Args:
            call: the call whose lines to emit; ``None`` for those of all.
        """
        for writer in list(self.unfinished):
            if call is not None and writer[1] != id(call):
                continue
            line = self.unfinished.pop(writer, b"").rstrip(b"\r")
            if self._connection is None:
                self._write_through(line)
            else:
                _emit_lines(self._connection[0], [line])

    def _write_through(self, data: bytes) -> None:
        rest = memoryview(data)
        while rest:
            rest = rest[os.write(self._descriptor, rest) :]


def _emit_lines(emit: Emit, lines: list[bytes]) -> None:
    cut: list[str] = []
    for line in lines:
        text = line.decode("utf-8", "replace")
        cut.extend(text[start : start + MAX_MESSAGE] for start in range(0, len(text), MAX_MESSAGE))
    if cut:
        emit(cut)
