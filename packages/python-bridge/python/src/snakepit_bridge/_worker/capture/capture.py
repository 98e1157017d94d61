"""Puts the worker's own streams and log handler in place."""

from __future__ import annotations

import io
import logging
import sys
from typing import TYPE_CHECKING

from snakepit_bridge._proto.frames_pb2 import LOG_LEVEL_INFO, LOG_LEVEL_WARN, LOG_SOURCE_STDERR, LOG_SOURCE_STDOUT

from .host_log_handler import HostLogHandler
from .line_sink import LineSink

if TYPE_CHECKING:
    from .log_sender import LogSender


class Capture:
    """Turns what Python code prints and logs into records for the host.

    What is written to the file descriptors 1 and 2 themselves, by a C library or another program, is the launcher's.
    """

    def __init__(self, sender: LogSender) -> None:
        self._out = LineSink(lambda lines: sender.send(LOG_SOURCE_STDOUT, LOG_LEVEL_INFO, "", lines), 1)
        self._err = LineSink(lambda lines: sender.send(LOG_SOURCE_STDERR, LOG_LEVEL_WARN, "", lines), 2)
        self._handler = HostLogHandler(sender)
        self._sender = sender
        self._before = (sys.stdout, sys.stderr)

    def begin(self) -> None:
        """Begins to capture."""
        self._before = (sys.stdout, sys.stderr)
        sys.stdout, sys.stderr = _text_stream(self._out), _text_stream(self._err)
        root = logging.getLogger()
        if not root.handlers and root.level == logging.WARNING:
            # Nobody has set logging up. What is worth seeing is then for the host's logger to decide.
            root.setLevel(logging.INFO)
        root.addHandler(self._handler)

    def flush(self) -> None:
        """Sends what is left to be sent of a call that ends: lines that have been begun, and what was lost."""
        if self._out.unfinished:
            self._out.finish_lines()
        if self._err.unfinished:
            self._err.finish_lines()
        if self._sender.dropped:
            self._sender.report_loss()

    def disconnect(self) -> None:
        """From now on everything goes to the process's own standard error."""
        self._sender.disconnect()

    def end(self) -> None:
        """Stops capturing."""
        self.flush()
        logging.getLogger().removeHandler(self._handler)
        sys.stdout, sys.stderr = self._before


def _text_stream(sink: LineSink) -> io.TextIOWrapper:
    # The sink takes every write whole, which is all that a text stream wants of the buffer that it is made for.
    # Written through, so that it sees which thread has written what.
    return io.TextIOWrapper(sink, encoding="utf-8", errors="backslashreplace", write_through=True)  # type: ignore[arg-type]
