"""Sends the answers to calls."""

from __future__ import annotations

from time import monotonic
from typing import TYPE_CHECKING, Any, Final

from ..._proto.frames_pb2 import Batch
from ..._values import Encoded, encode_parts
from ..._wire import AnswerHeads, fill_payload

if TYPE_CHECKING:
    from ..._proto.failure_pb2 import Failure
    from ..._wire import FrameTransport
    from ..calls import Call

_MAX_UINT32: Final = 0xFFFF_FFFF


class Outbox:
    """Sends answers. Used by the main thread only."""

    def __init__(self, transport: FrameTransport, max_payload_bytes: int) -> None:
        self._send = transport.send
        self._send_record = transport.send_record
        self._max_payload_bytes = max_payload_bytes
        self.sent_at = monotonic()
        """When the last answer or chunk was sent, on the monotonic clock."""
        # The usual answers: values without buffers.
        self._result_head = AnswerHeads("result").head
        self._chunk_head = AnswerHeads("chunk").head

    def result(self, call: Call, value: Any) -> None:
        """Answers a call with its value.

        Raises:
            SerializationError: the value cannot be sent, or is too large.
            ConnectionClosed: the connection is closed.
        """
        body, buffers = encode_parts(value, "result", self._max_payload_bytes)
        if buffers:
            batch = Batch()
            result = batch.frames.add().result
            result.id = call.id
            result.execution_us = _execution_us(call)
            fill_payload(result.value, Encoded(body, buffers))
            self._send(batch, buffers)
        else:
            self._send_record(self._result_head(call.id, len(body), _execution_us(call)), body)
        self.sent_at = monotonic()

    def chunk(self, call: Call, value: Any) -> None:
        """Sends the next chunk of a streaming call.

        Raises:
            SerializationError: the value cannot be sent, or is too large.
            ConnectionClosed: the connection is closed.
        """
        body, buffers = encode_parts(value, f"chunk[{call.chunks_sent}]", self._max_payload_bytes)
        if buffers:
            batch = Batch()
            chunk = batch.frames.add().chunk
            chunk.id = call.id
            fill_payload(chunk.value, Encoded(body, buffers))
            self._send(batch, buffers)
        else:
            self._send_record(self._chunk_head(call.id, len(body)), body)
        call.chunks_sent += 1
        self.sent_at = monotonic()

    def end(self, call: Call) -> None:
        """Answers a streaming call that has sent all its chunks.

        Raises:
            ConnectionClosed: the connection is closed.
        """
        batch = Batch()
        result = batch.frames.add().result
        result.id = call.id
        result.execution_us = _execution_us(call)
        self._send(batch)
        self.sent_at = monotonic()

    def failure(self, call: Call, failure: Failure) -> None:
        """Answers a call with a failure.

        Raises:
            ConnectionClosed: the connection is closed.
        """
        batch = Batch()
        answer = batch.frames.add().call_failure
        answer.id = call.id
        answer.execution_us = _execution_us(call)
        answer.failure.CopyFrom(failure)
        self._send(batch)
        self.sent_at = monotonic()


def _execution_us(call: Call) -> int:
    # At least one: zero would mean that it was not measured.
    return min(int((monotonic() - call.started_at) * 1_000_000) or 1, _MAX_UINT32)
