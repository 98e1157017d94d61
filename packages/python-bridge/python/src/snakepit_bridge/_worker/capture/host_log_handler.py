"""The worker's handler for Python's ``logging``."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING

from snakepit_bridge._proto.frames_pb2 import (
    LOG_LEVEL_DEBUG,
    LOG_LEVEL_ERROR,
    LOG_LEVEL_INFO,
    LOG_LEVEL_WARN,
    LOG_SOURCE_LOGGING,
)

from .log_sender import MAX_MESSAGE

if TYPE_CHECKING:
    from snakepit_bridge._proto.frames_pb2 import LogLevel

    from .log_sender import LogSender


class HostLogHandler(logging.Handler):
    """Sends each record to the host, with the traceback of its exception behind the message."""

    def __init__(self, sender: LogSender) -> None:
        super().__init__()
        self._sender = sender

    def emit(self, record: logging.LogRecord) -> None:
        """See :class:`logging.Handler`."""
        try:
            text = self.format(record)
        except Exception:
            # A record whose arguments do not fit its message; logging's own way is to tell on sys.stderr.
            self.handleError(record)
            return
        if len(text) > MAX_MESSAGE:
            text = f"{text[: MAX_MESSAGE - 1]}…"
        self._sender.send(LOG_SOURCE_LOGGING, _level_of(record), record.name, [text])


def _level_of(record: logging.LogRecord) -> LogLevel:
    if record.levelno >= logging.ERROR:
        return LOG_LEVEL_ERROR
    if record.levelno >= logging.WARNING:
        return LOG_LEVEL_WARN
    return LOG_LEVEL_INFO if record.levelno >= logging.INFO else LOG_LEVEL_DEBUG
