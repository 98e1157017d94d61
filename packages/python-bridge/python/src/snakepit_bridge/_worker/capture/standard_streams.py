"""``sys.stdout`` and ``sys.stderr`` of a worker."""

from __future__ import annotations

import io
import sys
from contextlib import suppress

import msgspec

from .line_sink import LineSink


class StandardStream(io.TextIOWrapper):
    """A standard stream that writes without a buffer and cannot be closed.

    Code that is written for a separate process closes and detaches these streams, wraps their buffers, and keeps them
    in handlers. Such code in one tool must not affect the next one.
    """

    def __init__(self, sink: LineSink) -> None:
        # The sink accepts every write completely, which is all that a ``TextIOWrapper`` needs from a buffer.
        super().__init__(sink, encoding="utf-8", errors="backslashreplace", write_through=True)
        self.sink = sink
        self.mode = "w"  # type: ignore[misc]  # as the interpreter does

    def write(self, text: str, /) -> int:
        """See :class:`io.TextIOWrapper`. Ignores the encoding, which :meth:`reconfigure` may change."""
        if not isinstance(text, str):
            raise TypeError(f"write() argument must be str, not {type(text).__name__}")
        self.sink.write(str.encode(text, "utf-8", "backslashreplace"))
        return len(text)

    def detach(self) -> LineSink:  # type: ignore[override]
        """Returns the buffer; the stream stays usable."""
        return self.sink

    def close(self) -> None:
        """Does nothing: the next tool uses the stream too."""


class StandardStreams(msgspec.Struct, frozen=True):
    """Both streams. One pair per process."""

    out: StandardStream
    err: StandardStream

    def restore(self) -> None:
        """After a call: replaces streams that a tool has left unusable, and flushes its others.

        Closed streams are unusable, and so are those whose buffer was detached: they raise on every access.
        """
        for name, stream in (("stdout", self.out), ("stderr", self.err)):
            current = getattr(sys, name, None)
            if current is stream:
                continue
            if current is None or _is_unusable(current):
                setattr(sys, name, stream)
                continue
            with suppress(BaseException):  # a stream of the user
                current.flush()

    def includes(self, stream: object) -> bool:
        """Whether a stream writes to one of these."""
        if stream is self.out or stream is self.err:
            return True
        # A wrapper around the buffer of one of them.
        try:
            return getattr(stream, "buffer", None) in (self.out.sink, self.err.sink)
        except Exception:  # a stream of the user
            return False


def _is_unusable(stream: object) -> bool:
    try:
        return bool(getattr(stream, "closed", False))
    except BaseException:  # a stream of the user
        return True


_installed: StandardStreams | None = None


def install_standard_streams() -> StandardStreams:
    """Installs the streams, once per process. Called before user code is imported, which may keep references to them.

    Until their sinks are connected they write to the file descriptors 1 and 2.
    """
    global _installed
    if _installed is None:
        _installed = StandardStreams(StandardStream(LineSink(1, "<stdout>")), StandardStream(LineSink(2, "<stderr>")))
        for stream in (sys.stdout, sys.stderr):
            with suppress(AttributeError, OSError, ValueError):
                stream.flush()
        # mypy takes these two for constants.
        sys.stdout = sys.__stdout__ = _installed.out  # type: ignore[misc]
        sys.stderr = sys.__stderr__ = _installed.err  # type: ignore[misc]
    return _installed
