"""Sends log records without blocking the tool that writes them for long."""

from __future__ import annotations

import os
import threading
from collections.abc import Iterator, Sequence
from time import time_ns
from typing import TYPE_CHECKING

from ..._call import executing
from ..._proto.frames_pb2 import LOG_LEVEL_WARN, LOG_SOURCE_LOGGING, Batch, Frame, Log
from ..calls import Call
from ..signals.signal_handlers import postpone_handlers

if TYPE_CHECKING:
    from ..._proto.frames_pb2 import LogLevel, LogSource
    from ..._wire import FrameTransport
    from ..calls import ActiveCalls
    from ..lifecycle import Lifecycle
    from ..signals.interruption import ToolInterruption

MAX_MESSAGE = 16_384
"""Maximum number of characters of a record; longer ones are split or shortened."""
_BATCH_CHARACTERS = 32_768
_MAX_THREAD_NAME = 128
_MAX_LOGGER_NAME = 1_024
_TIMEOUT_S = 1.0
_REPORT_TIMEOUT_S = 0.05
_REAL_STDERR = 2


class LogSender:
    """Sends each record at once, so that the last records of a worker that crashes arrive.

    A host that does not read blocks a tool for one second; after that, records are dropped and counted, until the host
    reads or the next call begins. Without a connection, records go to the standard error of the process.
    """

    def __init__(
        self, transport: FrameTransport, calls: ActiveCalls, lifecycle: Lifecycle, interruption: ToolInterruption
    ) -> None:
        self._transport = transport
        self._calls = calls
        self._lifecycle = lifecycle
        self._interruption = interruption
        self._thread = threading.local()
        self.is_connected = True
        """Whether records can still reach the host."""
        self._timeout = _TIMEOUT_S
        self.dropped = 0
        """Number of dropped records that are not reported yet."""

    @postpone_handlers
    def send(
        self, source: LogSource, level: LogLevel, logger: str, messages: Sequence[str], thread: str | None = None
    ) -> None:
        """Sends records that differ only in their messages. Any thread may call this.

        Args:
            source: where the records come from.
            level: their level.
            logger: name of their logger; empty for printed lines.
            messages: one for each record.
            thread: name of the thread that created the records; ``None`` for the calling one.
        """
        # Records that are logged during a send (by gRPC, for example) must not be sent recursively.
        if not self.is_connected or getattr(self._thread, "is_sending", False):
            _write_to_stderr(messages)
            return
        held = self._interruption.hold()
        try:
            self._thread.is_sending = True
            if self.dropped:
                self._send_loss()
            thread_name = _sendable_thread_name(threading.current_thread().name if thread is None else thread)
            for batch in self._batches(source, level, _sendable_name(logger, _MAX_LOGGER_NAME), messages, thread_name):
                self._offer(batch)
        finally:
            self._thread.is_sending = False
            self._interruption.resume(held)

    def post(self, level: LogLevel, message: str) -> bool:
        """Sends a record of the worker itself without blocking; ``False`` when the host has not read for long.

        A signal handler may call this, in the middle of any other operation.
        """
        if not self.is_connected:
            _write_to_stderr([message])
            return True
        [batch] = self._batches(LOG_SOURCE_LOGGING, level, "snakepit_bridge", [message], "")
        return self._transport.post(batch)

    def report_loss(self) -> None:
        """Reports how many records were dropped, if the host reads, and resets the timeout; for the end of a call."""
        self._timeout = _REPORT_TIMEOUT_S
        self._send_loss()
        self._timeout = _TIMEOUT_S

    def disconnect(self) -> None:
        """Writes records to the standard error of the process from now on."""
        self.is_connected = False

    def _batches(
        self, source: LogSource, level: LogLevel, logger: str, messages: Sequence[str], thread: str
    ) -> Iterator[Batch]:
        now = time_ns() // 1000
        call = self._call()
        call_id = 0 if call is None else call.id
        telemetry = None if call is None else call.telemetry
        batch = Batch()
        traceparent = None if telemetry is None else telemetry.locate(batch)
        size = 0
        for message in messages:
            if size > _BATCH_CHARACTERS:
                yield batch
                batch = Batch()
                size = 0
            size += len(message)
            log = batch.frames.add().log
            log.source = source
            log.level = level
            log.logger = logger
            # Lone surrogates cannot be sent.
            log.message = message.encode("utf-8", "backslashreplace").decode()
            log.time_unix_us = now
            log.call_id = call_id
            log.thread = thread
            if traceparent is not None:
                log.traceparent = traceparent
        yield batch

    def _send_loss(self) -> None:
        dropped = self.dropped
        notice = Log(
            source=LOG_SOURCE_LOGGING,
            level=LOG_LEVEL_WARN,
            logger="snakepit_bridge",
            message=f"{dropped} records were dropped because the host did not read them in time",
            time_unix_us=time_ns() // 1000,
        )
        if self._transport.offer(Batch(frames=[Frame(log=notice)]), self._timeout):
            self.dropped -= dropped

    def _offer(self, batch: Batch) -> None:
        if self._transport.offer(batch, self._timeout):
            self._timeout = _TIMEOUT_S
            return
        if not self._lifecycle.is_connected:
            self.is_connected = False
            _write_to_stderr([frame.log.message for frame in batch.frames if frame.HasField("log")])
            return
        self._timeout = 0.0
        self.dropped += len(batch.frames)

    def _call(self) -> Call | None:
        call = executing.get()
        if isinstance(call, Call):
            return call
        # A thread that a tool has started. The oldest call is the one that is executed.
        return next((each for each in self._calls.all() if not each.is_ahead), None)


def _sendable_thread_name(name: object) -> str:
    """The name of a thread as it is sent: empty for the main thread, and of limited length."""
    text = _sendable_name(name, _MAX_THREAD_NAME)
    return "" if text == threading.main_thread().name else text


def _sendable_name(name: object, limit: int) -> str:
    # A record that user code has built may have any object as a name.
    try:
        text = str(name)
    except Exception:  # code of the user, which may raise anything
        return "?"
    return text[:limit].encode("utf-8", "backslashreplace").decode()


def _write_to_stderr(messages: Sequence[str]) -> None:
    output = "".join(f"{message}\n" for message in messages).encode("utf-8", "backslashreplace")
    try:
        os.write(_REAL_STDERR, output)
    except OSError:
        # The zygote is gone, so no place is left to write to.
        return
