"""Sends log records without ever getting in the way of the tool that writes them."""

from __future__ import annotations

import os
import threading
from collections.abc import Iterator, Sequence
from time import time_ns
from typing import TYPE_CHECKING

from snakepit_bridge._proto.frames_pb2 import LOG_LEVEL_WARN, LOG_SOURCE_LOGGING, Batch, Frame, Log
from snakepit_bridge._worker.call import Call
from snakepit_bridge._worker.call_context import executing
from snakepit_bridge._worker.signal_handlers import postpone_handlers

if TYPE_CHECKING:
    from snakepit_bridge._proto.frames_pb2 import LogLevel, LogSource
    from snakepit_bridge._wire import FrameTransport
    from snakepit_bridge._worker.inbox import Inbox
    from snakepit_bridge._worker.interruption import Interruption

MAX_MESSAGE = 16_384
"""Characters of one record; what is longer is cut into several or shortened."""
_BATCH_CHARACTERS = 32_768
_PATIENCE_S = 1.0
_REPORT_PATIENCE_S = 0.05
_REAL_STDERR = 2


class LogSender:
    """Sends each record at once, so that the last words of a worker that crashes are heard.

    A host that does not read holds a tool up for a second; after that records are dropped, and counted, until it
    reads or the next call begins. Without a connection records go to the process's own standard error.
    """

    def __init__(self, transport: FrameTransport, inbox: Inbox, interruption: Interruption) -> None:
        self._transport = transport
        self._inbox = inbox
        self._interruption = interruption
        self._thread = threading.local()
        self.is_connected = True
        """Whether records can still reach the host."""
        self._patience = _PATIENCE_S
        self.dropped = 0
        """Records that were dropped and not reported yet."""

    @postpone_handlers
    def send(self, source: LogSource, level: LogLevel, logger: str, messages: Sequence[str]) -> None:
        """Sends records that differ in nothing but their text. Any thread may call this."""
        # What is logged while a record is being sent (by gRPC, say) must not be sent from here in turn.
        if not self.is_connected or getattr(self._thread, "is_sending", False):
            _write_to_stderr(messages)
            return
        held = self._interruption.hold()
        try:
            self._thread.is_sending = True
            if self.dropped:
                self._tell_of_loss()
            for batch in self._batches(source, level, logger, messages):
                self._offer(batch)
        finally:
            self._thread.is_sending = False
            self._interruption.resume(held)

    def try_send(self, level: LogLevel, message: str) -> bool:
        """Sends a record of the worker's own without waiting; ``False`` when that cannot be done now.

        May be called in the middle of anything, by a signal handler.
        """
        if not self.is_connected:
            _write_to_stderr([message])
            return True
        [batch] = self._batches(LOG_SOURCE_LOGGING, level, "snakepit_bridge", [message])
        return self._transport.offer(batch, 0)

    def report_loss(self) -> None:
        """Tells how many records were dropped, if the host reads, and has patience again; for the end of a call."""
        self._patience = _REPORT_PATIENCE_S
        self._tell_of_loss()
        self._patience = _PATIENCE_S

    def disconnect(self) -> None:
        """From now on records go to the process's own standard error."""
        self.is_connected = False

    def _batches(self, source: LogSource, level: LogLevel, logger: str, messages: Sequence[str]) -> Iterator[Batch]:
        now = time_ns() // 1000
        call_id = self._call_id()
        batch = Batch()
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
            # Lone surrogates are not text that can be sent.
            log.message = message.encode("utf-8", "backslashreplace").decode()
            log.time_unix_us = now
            log.call_id = call_id
        yield batch

    def _tell_of_loss(self) -> None:
        dropped = self.dropped
        notice = Log(
            source=LOG_SOURCE_LOGGING,
            level=LOG_LEVEL_WARN,
            logger="snakepit_bridge",
            message=f"{dropped} records were dropped because the host did not read them in time",
            time_unix_us=time_ns() // 1000,
        )
        if self._transport.offer(Batch(frames=[Frame(log=notice)]), self._patience):
            self.dropped -= dropped

    def _offer(self, batch: Batch) -> None:
        if self._transport.offer(batch, self._patience):
            self._patience = _PATIENCE_S
            return
        if not self._inbox.is_connected:
            self.is_connected = False
            _write_to_stderr([frame.log.message for frame in batch.frames])
            return
        self._patience = 0.0
        self.dropped += len(batch.frames)

    def _call_id(self) -> int:
        call = executing.get()
        if isinstance(call, Call):
            return call.id
        # A thread that a tool has started. The call that arrived first is the one being executed.
        return next((each.id for each in list(self._inbox.calls.values())), 0)


def _write_to_stderr(messages: Sequence[str]) -> None:
    text = "".join(f"{message}\n" for message in messages).encode("utf-8", "backslashreplace")
    try:
        os.write(_REAL_STDERR, text)
    except OSError:
        # Nobody reads that either: the launcher is gone, and with it the last place to say anything.
        return
