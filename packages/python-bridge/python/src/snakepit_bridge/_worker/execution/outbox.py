"""Sends the answers to calls."""

from __future__ import annotations

from time import monotonic
from typing import TYPE_CHECKING, Any, Final, Protocol

from ..._proto.frames_pb2 import Batch
from ..._values import Encoded, SerializationError, encode_parts
from ..._wire import AnswerHeads, fill_payload

if TYPE_CHECKING:
    from collections.abc import Sequence, Sized

    from ..._proto.failure_pb2 import Failure
    from ..._wire import Buffer
    from ..calls import Call

_MAX_UINT32: Final = 0xFFFF_FFFF
_QUICK_S: Final = 0.000_1
"""A tool is quick if its last execution took at most this long; a stream, if this is the time between chunks."""
_QUICK_US: Final = 100
_LONGEST_HOLD_S: Final = 0.000_25
"""Nothing is held unless something was sent this recently: after a longer silence, the host looks less often."""
_MIN_DEPTH: Final = 4
_HELD_SHARE: Final = 0.6
_DEPTH_LOSS: Final = 1 / 64
_MAX_HELD_BYTES: Final = 2048
_MAX_HELD_CHUNKS: Final = 32


class AnswerSender(Protocol):
    """The operations of :class:`.FrameTransport` that send answers."""

    def send(self, batch: Batch, attachments: Sequence[Buffer] = ()) -> None: ...

    def send_record(self, head: bytes, body: bytes) -> None: ...

    def hold_record(self, record: bytes) -> bool: ...

    def send_held(self) -> None: ...


class Outbox:
    """Sends answers.

    An answer may be held and sent with a later one, if the next call is about to begin and tools are quick: a system
    call takes as long as a short tool. It is sent at once before a call that may take long, and when nothing follows.

    Without held answers, several threads may use it if the connection allows that: the measured values are estimates.
    """

    def __init__(self, transport: AnswerSender, max_payload_bytes: int, pending: Sized) -> None:
        """Creates the outbox.

        Args:
            transport: the connection to the host.
            max_payload_bytes: the maximum size of a value.
            pending: the calls that have not begun.
        """
        self._transport = transport
        self._send = transport.send
        self._send_record = transport.send_record
        self._hold_record = transport.hold_record
        self._max_payload_bytes = max_payload_bytes
        self._pending = pending
        self._quick_tools: set[str] = set()
        self._depth = 0.0
        """How many calls the host has had here at the same time lately; decreases with each send."""
        self._max_held = 0.0
        self._chunk_at = 0.0
        self.held = 0
        """The number of answers that are held; may be too large when another thread has sent them."""
        self.sent_at = monotonic()
        """When the last answer or chunk was sent, on the monotonic clock."""
        # The usual answers: values without buffers.
        self._result_head = AnswerHeads("result").head
        self._chunk_head = AnswerHeads("chunk").head

    def result(self, call: Call, value: Any, *, may_hold: bool = False) -> None:
        """Answers a call with its value.

        Args:
            call: the call.
            value: its value.
            may_hold: whether the answer may be held: the caller then sends it in time, see :meth:`send_before`.

        Raises:
            SerializationError: the value cannot be sent, or is too large.
            ConnectionClosed: the connection is closed.
        """
        body, buffers = encode_parts(value, "result", self._max_payload_bytes)
        now = monotonic()
        # The body of _execution_us, inlined: this runs for each call.
        execution_us = int((now - call.started_at) * 1_000_000) or 1
        if execution_us <= _QUICK_US:
            self._quick_tools.add(call.tool)
        else:
            execution_us = min(execution_us, _MAX_UINT32)
            self._quick_tools.discard(call.tool)
            may_hold = False
        telemetry = call.telemetry
        if telemetry is not None:
            telemetry.finish()
        if buffers:
            batch = Batch()
            if telemetry is not None:
                telemetry.put_into(batch)
            result = batch.frames.add().result
            result.id = call.id
            result.execution_us = execution_us
            fill_payload(result.value, Encoded(body, buffers))
            self._send(batch, buffers)
        else:
            head = self._result_head(call.id, len(body), execution_us)
            if telemetry is not None:
                head = telemetry.put_before(head)
                may_hold = may_hold and len(head) <= _MAX_HELD_BYTES
            if (
                may_hold
                and self.held < self._max_held
                and self._pending
                and now - self.sent_at < _LONGEST_HOLD_S
                and len(body) <= _MAX_HELD_BYTES
                and self._hold_record(head + body)
            ):
                self.held += 1
                return
            self._send_record(head, body)
        depth = self.held + len(self._pending) + 1
        self._depth = depth if depth > self._depth else self._depth - _DEPTH_LOSS
        # About half: the host needs time to send new calls, and the other half is executed meanwhile. Up to four calls
        # are executed in less than that time.
        self._max_held = (self._depth - _MIN_DEPTH) * _HELD_SHARE
        self._has_sent(now)

    def chunk(self, call: Call, value: Any, *, may_hold: bool = False) -> None:
        """Sends the next chunk of a streaming call.

        Args:
            call: the call.
            value: the chunk.
            may_hold: whether the chunk may be held while there is credit for the next one.

        Raises:
            SerializationError: the value cannot be sent, or is too large.
            ConnectionClosed: the connection is closed.
        """
        try:
            body, buffers = encode_parts(value, "chunk", self._max_payload_bytes)
        except SerializationError:
            # Its name is only created for the error.
            encode_parts(value, f"chunk[{call.chunks_sent}]", self._max_payload_bytes)
            raise
        now = monotonic()
        call.chunks_sent += 1
        telemetry = call.telemetry
        if buffers:
            batch = Batch()
            if telemetry is not None:
                telemetry.put_into(batch)
            chunk = batch.frames.add().chunk
            chunk.id = call.id
            fill_payload(chunk.value, Encoded(body, buffers))
            self._send(batch, buffers)
        else:
            head = self._chunk_head(call.id, len(body))
            if telemetry is not None and telemetry.has_pending:
                head = telemetry.put_before(head)
                may_hold = may_hold and len(head) <= _MAX_HELD_BYTES
            is_quick = now - self._chunk_at < _QUICK_S
            self._chunk_at = now
            if (
                may_hold
                and is_quick
                and self.held < _MAX_HELD_CHUNKS
                and now - self.sent_at < _LONGEST_HOLD_S
                and call.chunks_sent < call.granted
                and len(body) <= _MAX_HELD_BYTES
                and self._hold_record(head + body)
            ):
                self.held += 1
                return
            self._send_record(head, body)
        self._has_sent(now)

    def end(self, call: Call) -> None:
        """Answers a streaming call that has sent all its chunks.

        Raises:
            ConnectionClosed: the connection is closed.
        """
        now = monotonic()
        batch = Batch()
        if call.telemetry is not None:
            call.telemetry.finish()
            call.telemetry.put_into(batch)
        result = batch.frames.add().result
        result.id = call.id
        result.execution_us = _execution_us(call, now)
        self._send(batch)
        self._has_sent(now)

    def failure(self, call: Call, failure: Failure) -> None:
        """Answers a call with a failure.

        Raises:
            ConnectionClosed: the connection is closed.
        """
        now = monotonic()
        batch = Batch()
        if call.telemetry is not None:
            call.telemetry.finish(failure)
            call.telemetry.put_into(batch)
        answer = batch.frames.add().call_failure
        answer.id = call.id
        answer.execution_us = _execution_us(call, now)
        answer.failure.CopyFrom(failure)
        self._send(batch)
        self._has_sent(now)

    def send_before(self, tool: str) -> None:
        """Sends the held answers before a tool is executed that may take long.

        Raises:
            ConnectionClosed: the connection is closed.
        """
        if tool not in self._quick_tools:
            self.send_held()

    def send_held(self) -> None:
        """Sends the held answers.

        Raises:
            ConnectionClosed: the connection is closed.
        """
        if self.held:
            # Before the write: the host gets the bytes at its beginning, but it may end much later.
            now = monotonic()
            self._transport.send_held()
            self._has_sent(now)

    def _has_sent(self, now: float) -> None:
        # With a record the transport sends all that are held.
        self.held = 0
        self.sent_at = now


def _execution_us(call: Call, now: float) -> int:
    # At least one: zero would mean that it was not measured.
    return min(int((now - call.started_at) * 1_000_000) or 1, _MAX_UINT32)
