"""``sys.stdout`` and ``sys.stderr`` of a worker."""

from __future__ import annotations

import io
import sys
from contextlib import suppress
from dataclasses import dataclass

from .line_sink import LineSink


class StandardStream(io.TextIOWrapper):
    """Passes on what is written, at once, and cannot be taken out of service.

    Code that knows a process of its own closes and detaches these streams, wraps what lies under them, and keeps them
    in handlers: what one tool does with them must not disturb the next.
    """

    def __init__(self, sink: LineSink) -> None:
        # The sink accepts every write whole, which is all that a text stream wants of the buffer that it is made for.
        super().__init__(sink, encoding="utf-8", errors="backslashreplace", write_through=True)
        self.sink = sink
        self.mode = "w"  # type: ignore[misc]  # as the interpreter does it

    def write(self, text: str, /) -> int:
        """See :class:`io.TextIOWrapper`. The encoding, which :meth:`reconfigure` may change, does not matter."""
        if not isinstance(text, str):
            raise TypeError(f"write() argument must be str, not {type(text).__name__}")
        self.sink.write(str.encode(text, "utf-8", "backslashreplace"))
        return len(text)

    def detach(self) -> LineSink:  # type: ignore[override]
        """Returns the buffer, and stays usable."""
        return self.sink

    def close(self) -> None:
        """Does nothing: the next tool prints too."""


@dataclass(frozen=True)
class StandardStreams:
    """Both streams. There is one pair in a process."""

    out: StandardStream
    err: StandardStream

    def mend(self) -> None:
        """After a call: puts the streams back where a tool has left none that can be written to, else flushes its own.

        Not only a closed stream cannot be written to: one whose buffer was detached raises whatever it is asked.
        """
        for name, stream in (("stdout", self.out), ("stderr", self.err)):
            current = getattr(sys, name, None)
            if current is stream:
                continue
            if current is None or _is_unusable(current):
                setattr(sys, name, stream)
                continue
            with suppress(BaseException):  # a stream of the user's
                current.flush()

    def includes(self, stream: object) -> bool:
        """Whether what is written to a stream ends up here."""
        if stream is self.out or stream is self.err:
            return True
        # A wrapper around the buffer of one of them.
        try:
            return getattr(stream, "buffer", None) in (self.out.sink, self.err.sink)
        except Exception:  # a stream of the user's
            return False


def _is_unusable(stream: object) -> bool:
    try:
        return bool(getattr(stream, "closed", False))
    except BaseException:  # a stream of the user's
        return True


_installed: StandardStreams | None = None


def install_standard_streams() -> StandardStreams:
    """Puts the streams in place, once in a process; before user code is imported, which may keep them.

    Until something connects their sinks they write to the file descriptors 1 and 2.
    """
    global _installed
    if _installed is None:
        _installed = StandardStreams(StandardStream(LineSink(1, "<stdout>")), StandardStream(LineSink(2, "<stderr>")))
        for stream in (sys.stdout, sys.stderr):
            with suppress(AttributeError, OSError, ValueError):
                stream.flush()
        # mypy: these two are constants only where nobody replaces the streams.
        sys.stdout = sys.__stdout__ = _installed.out  # type: ignore[misc]
        sys.stderr = sys.__stderr__ = _installed.err  # type: ignore[misc]
    return _installed
