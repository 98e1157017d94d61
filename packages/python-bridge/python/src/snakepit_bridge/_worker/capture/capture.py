"""Connects what the worker prints and logs with the host."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

from snakepit_bridge._proto.frames_pb2 import LOG_LEVEL_INFO, LOG_LEVEL_WARN, LOG_SOURCE_STDERR, LOG_SOURCE_STDOUT

from .host_log_handler import HostLogHandler
from .standard_streams import install_standard_streams

if TYPE_CHECKING:
    from .log_sender import LogSender


class Capture:
    """Turns what Python code prints and logs into records for the host.

    What is written to the file descriptors 1 and 2 themselves, by a C library or another program, is the launcher's.
    """

    def __init__(self, sender: LogSender) -> None:
        self._streams = streams = install_standard_streams()
        self._stdout, self._stderr = streams.out, streams.err
        self._out, self._err = streams.out.sink, streams.err.sink
        self._handler = HostLogHandler(sender, streams)
        self._sender = sender

    def begin(self) -> None:
        """Begins to capture."""
        sender, divert = self._sender, self._handler.divert
        self._out.connect(lambda lines: sender.send(LOG_SOURCE_STDOUT, LOG_LEVEL_INFO, "", lines), divert)
        self._err.connect(lambda lines: sender.send(LOG_SOURCE_STDERR, LOG_LEVEL_WARN, "", lines), divert)
        self._handler.begin()

    def flush(self) -> None:
        """Sends what is left to be sent of a call that ends: lines that have been begun, and what was lost."""
        # They may have been deleted, too.
        if getattr(sys, "stdout", None) is not self._stdout or getattr(sys, "stderr", None) is not self._stderr:
            self._streams.mend()
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
        self._handler.end()
        self._out.disconnect()
        self._err.disconnect()
