"""Sends the records of Python's ``logging`` to the host, each once."""

from __future__ import annotations

import logging
import threading
import weakref
from collections import deque
from typing import TYPE_CHECKING, Any

from ..._errors import report_exception
from ..._proto.frames_pb2 import LOG_LEVEL_DEBUG, LOG_LEVEL_ERROR, LOG_LEVEL_INFO, LOG_LEVEL_WARN, LOG_SOURCE_LOGGING
from .log_sender import MAX_MESSAGE

if TYPE_CHECKING:
    from collections.abc import Callable

    from ..._proto.frames_pb2 import LogLevel
    from .log_sender import LogSender
    from .standard_streams import StandardStreams

# The line that logging writes before it reports that a handler has failed (logging.Handler.handleError).
_LOGGING_ERROR = b"--- Logging error ---"
_REMEMBERED = 256

_Key = tuple[float, "int | None", str, int]


class _Handling(threading.local):
    """The state of one thread."""

    record: logging.LogRecord | None = None
    """The record that a handler is handling."""
    handler: logging.Handler | None = None
    has_failed = False
    """Whether the handler is reporting its own failure."""

    def __init__(self) -> None:
        self.sent: deque[weakref.ref[logging.LogRecord]] = deque(maxlen=8)
        """The records that were sent last; a handler may log records itself."""


class HostLogHandler(logging.Handler):
    """Handles records after all handlers of the user.

    What those write to ``sys.stdout`` or ``sys.stderr`` while they handle a record is replaced by the record itself,
    with its level and the name of its logger. A record that no handler writes there is sent as well, unless the level
    or a filter of such a handler rejects it.

    The handler is not added to the root logger, so that ``logging.basicConfig`` finds a process that is not configured.
    It belongs to a logger above the root.
    """

    def __init__(self, sender: LogSender, streams: StandardStreams) -> None:
        super().__init__()
        self._sender = sender
        self._streams = streams
        self._handling = _Handling()
        self._consoles: weakref.WeakSet[logging.Handler] = weakref.WeakSet()
        # They identify the copy of a record that a QueueListener handles in another thread.
        self._sent: deque[_Key] = deque(maxlen=_REMEMBERED)
        self._sent_elsewhere: deque[_Key] = deque(maxlen=_REMEMBERED)
        self._handle: Callable[..., Any] | None = None

    def begin(self) -> None:
        """Starts receiving records."""
        root = logging.getLogger()
        if not root.handlers and root.level == logging.WARNING:
            # Logging is not configured. The logger of the host then decides what to show.
            root.setLevel(logging.INFO)
        above = logging.Logger("snakepit_bridge")
        above.addHandler(self)
        root.parent = above
        original = self._handle = logging.Handler.handle
        handling = self._handling

        def handle(handler: logging.Handler, record: logging.LogRecord) -> Any:
            before = handling.record, handling.handler, handling.has_failed
            handling.record, handling.handler, handling.has_failed = record, handler, False
            try:
                return original(handler, record)
            finally:
                handling.record, handling.handler, handling.has_failed = before

        logging.Handler.handle = handle  # type: ignore[method-assign,assignment]

    def end(self) -> None:
        """Stops receiving records."""
        logging.getLogger().parent = None
        if self._handle is not None:
            logging.Handler.handle = self._handle  # type: ignore[method-assign]

    def divert(self, written: bytes) -> bool:
        """Whether a write to a standard stream is the output of a handler; its record is sent instead."""
        handling = self._handling
        record, handler = handling.record, handling.handler
        if record is None or handler is None or handling.has_failed or not self._sender.is_connected:
            return False
        if written.startswith(_LOGGING_ERROR):
            handling.has_failed = True
            return False
        self._consoles.add(handler)
        if not self._was_sent(record):
            try:
                text = _format(record)
            except Exception:  # only the formatter of the handler can format it
                text = written.decode("utf-8", "replace").rstrip("\n")
            self._send(record, text)
        return True

    def emit(self, record: logging.LogRecord) -> None:
        """See :class:`logging.Handler`."""
        try:
            if not (self._was_sent(record) or self._is_rejected(record)):
                self._send(record, _format(record))
        except Exception:
            # The arguments do not match the format of the message, for example; logging reports that on sys.stderr.
            self.handleError(record)

    def _send(self, record: logging.LogRecord, text: str) -> None:
        self._handling.sent.append(weakref.ref(record))
        is_elsewhere = record.thread != threading.get_ident()
        (self._sent_elsewhere if is_elsewhere else self._sent).append(_key_of(record))
        if len(text) > MAX_MESSAGE:
            text = f"{text[: MAX_MESSAGE - 1]}…"
        # Not the calling thread: a QueueListener handles the records of all threads in one.
        self._sender.send(LOG_SOURCE_LOGGING, _level_of(record), record.name, [text], record.threadName)

    def _was_sent(self, record: logging.LogRecord) -> bool:
        if any(each() is record for each in self._handling.sent):
            return True
        others = self._sent if record.thread != threading.get_ident() else self._sent_elsewhere
        return bool(others) and _key_of(record) in others

    def _is_rejected(self, record: logging.LogRecord) -> bool:
        """Whether a handler for the standard streams has rejected the record."""
        root = logging.getLogger()
        found = root.manager.loggerDict.get(record.name, root)
        logger: logging.Logger | None = found if isinstance(found, logging.Logger) else root
        while logger is not None:
            if any(self._is_console(each) for each in logger.handlers):
                return True
            logger = logger.parent
        return False

    def _is_console(self, handler: logging.Handler) -> bool:
        return handler in self._consoles or self._streams.includes(getattr(handler, "stream", None))


def _key_of(record: logging.LogRecord) -> _Key:
    return record.created, record.thread, record.name, record.lineno


def _format(record: logging.LogRecord) -> str:
    """The message, followed by the exception and the stack."""
    text = record.getMessage()
    error = record.exc_info[1] if isinstance(record.exc_info, tuple) else None
    if record.exc_text:
        text += f"\n{record.exc_text}"
    elif error is not None:
        text += f"\n{_format_exception(record.exc_info)}"
    return f"{text}\n{record.stack_info}" if record.stack_info else text


def _format_exception(exc_info: Any) -> str:
    try:
        return logging.Formatter().formatException(exc_info)
    except Exception:  # code of the user, which may raise anything
        return report_exception(exc_info[1]).traceback.rstrip("\n")


def _level_of(record: logging.LogRecord) -> LogLevel:
    if record.levelno >= logging.ERROR:
        return LOG_LEVEL_ERROR
    if record.levelno >= logging.WARNING:
        return LOG_LEVEL_WARN
    return LOG_LEVEL_INFO if record.levelno >= logging.INFO else LOG_LEVEL_DEBUG
