"""Sends printed output and log records of the worker to the host."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

from ..._proto.frames_pb2 import LOG_LEVEL_INFO, LOG_LEVEL_WARN, LOG_SOURCE_STDERR, LOG_SOURCE_STDOUT
from .host_log_handler import HostLogHandler
from .standard_streams import install_standard_streams

if TYPE_CHECKING:
    from .log_sender import LogSender


class Capture:
    """Converts what Python code prints and logs to records for the host.

    The zygote reads what C libraries and other programs write to the file descriptors 1 and 2 directly.
    """

    def __init__(self, sender: LogSender) -> None:
        self._streams = streams = install_standard_streams()
        self._stdout, self._stderr = streams.out, streams.err
        self._out, self._err = streams.out.sink, streams.err.sink
        # The same objects throughout: every call checks them.
        self._unfinished_out, self._unfinished_err = self._out.unfinished, self._err.unfinished
        self._handler = HostLogHandler(sender, streams)
        self._sender = sender

    def begin(self) -> None:
        """Starts capturing."""
        sender, divert = self._sender, self._handler.divert
        self._out.connect(lambda lines: sender.send(LOG_SOURCE_STDOUT, LOG_LEVEL_INFO, "", lines), divert)
        self._err.connect(lambda lines: sender.send(LOG_SOURCE_STDERR, LOG_LEVEL_WARN, "", lines), divert)
        self._handler.begin()

    def flush(self, call: object | None = None) -> None:
        """Sends the rest of a call that ends: unfinished lines, and the number of dropped records.

        Args:
            call: the call; ``None`` for all, if one executes at a time.
        """
        try:
            is_installed = sys.stdout is self._stdout and sys.stderr is self._stderr
        except AttributeError:  # a tool has deleted one
            is_installed = False
        if not is_installed:
            self._streams.restore()
        if self._unfinished_out:
            self._out.finish_lines(call)
        if self._unfinished_err:
            self._err.finish_lines(call)
        if self._sender.dropped:
            self._sender.report_loss()

    def disconnect(self) -> None:
        """Writes everything to the standard error of the process from now on."""
        self._sender.disconnect()

    def end(self) -> None:
        """Stops capturing."""
        self.flush()
        self._handler.end()
        self._out.disconnect()
        self._err.disconnect()
