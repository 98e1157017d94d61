"""Sends the answers to calls."""

from __future__ import annotations

from time import monotonic
from typing import TYPE_CHECKING, Any, Final, Literal

from ..._proto.frames_pb2 import Batch
from ..._proto.payload_pb2 import PAYLOAD_FORMAT_MESSAGEPACK
from ..._values import encode
from ..._wire import fill_payload

if TYPE_CHECKING:
    from ..._proto.failure_pb2 import Failure
    from ..._proto.frames_pb2 import Chunk, Result
    from ..._proto.payload_pb2 import Payload
    from ..._wire import FrameTransport
    from ..calls import Call

_MAX_BYTES: Final = 1 << 16
_MAX_UINT32: Final = 0xFFFF_FFFF


class Outbox:
    """Sends answers. Used by the main thread only, so it can reuse its messages."""

    def __init__(self, transport: FrameTransport, max_payload_bytes: int) -> None:
        self._send = transport.send
        self._max_payload_bytes = max_payload_bytes
        self.sent_at = monotonic()
        """When the last answer or chunk was sent, on the monotonic clock."""
        # The usual answers: small values, without buffers.
        self._results = AnswerBatch("result")
        self._chunks = AnswerBatch("chunk")

    def result(self, call: Call, value: Any) -> None:
        """Answers a call with its value.

        Raises:
            SerializationError: the value cannot be sent, or is too large.
            ConnectionClosed: the connection is closed.
        """
        encoded = encode(value, root="result", max_bytes=self._max_payload_bytes)
        if encoded.buffers:
            batch = Batch()
            result = batch.frames.add().result
            result.id = call.id
            result.execution_us = _execution_us(call)
            fill_payload(result.value, encoded)
            self._send(batch, encoded.buffers)
        else:
            self._send(self._results.filled(call.id, encoded.body, _execution_us(call)))
        self.sent_at = monotonic()

    def chunk(self, call: Call, value: Any) -> None:
        """Sends the next chunk of a streaming call.

        Raises:
            SerializationError: the value cannot be sent, or is too large.
            ConnectionClosed: the connection is closed.
        """
        encoded = encode(value, root=f"chunk[{call.chunks_sent}]", max_bytes=self._max_payload_bytes)
        if encoded.buffers:
            batch = Batch()
            chunk = batch.frames.add().chunk
            chunk.id = call.id
            fill_payload(chunk.value, encoded)
            self._send(batch, encoded.buffers)
        else:
            self._send(self._chunks.filled(call.id, encoded.body))
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
    return min(max(1, int((monotonic() - call.started_at) * 1_000_000)), _MAX_UINT32)


class AnswerBatch:
    """A batch with one small answer, which is reused: creating one costs three times as much as filling it.

    A protobuf message keeps every value that was ever set in it until it is dropped, so it is replaced after some bytes
    (https://protobuf.dev/reference/cpp/arenas/). A large answer has a separate batch, which is released after it was
    sent.
    """

    __slots__ = ("_answer", "_batch", "_kept", "_kind", "_value")

    _batch: Batch
    _answer: Result | Chunk
    _value: Payload
    _kept: int

    def __init__(self, kind: Literal["result", "chunk"]) -> None:
        self._kind = kind
        self._renew()

    def filled(self, call_id: int, body: bytes, execution_us: int = 0) -> Batch:
        """Returns the batch with the answer to a call. Valid until the next call of this method.

        Args:
            call_id: the ID of the call.
            body: the encoded value.
            execution_us: the execution time of a call that ends with this answer, in microseconds.
        """
        self._kept += len(body)
        if self._kept > _MAX_BYTES:
            if len(body) > _MAX_BYTES:
                self._kept -= len(body)
                return AnswerBatch(self._kind).with_large(call_id, body, execution_us)
            self._renew()
            self._kept = len(body)
        return self.with_large(call_id, body, execution_us)

    def with_large(self, call_id: int, body: bytes, execution_us: int) -> Batch:
        """Returns the batch with an answer that may be large; this object must not be used again."""
        answer = self._answer
        answer.id = call_id
        self._value.body = body
        if execution_us:
            answer.execution_us = execution_us  # type: ignore[union-attr]  # a chunk has none
        return self._batch

    def _renew(self) -> None:
        self._kept = 0
        self._batch = Batch()
        self._answer = getattr(self._batch.frames.add(), self._kind)
        self._value = self._answer.value
        self._value.format = PAYLOAD_FORMAT_MESSAGEPACK
