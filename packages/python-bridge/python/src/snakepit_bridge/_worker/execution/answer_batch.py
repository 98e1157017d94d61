"""A message that is reused for many answers."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, Literal

from ..._proto.frames_pb2 import Batch
from ..._proto.payload_pb2 import PAYLOAD_FORMAT_MESSAGEPACK

if TYPE_CHECKING:
    from ..._proto.frames_pb2 import Chunk, Result
    from ..._proto.payload_pb2 import Payload

_MAX_BYTES: Final = 1 << 16


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

    def filled(self, call_id: int, body: bytes) -> Batch:
        """Returns the batch with the answer to a call. Valid until the next call of this method."""
        self._kept += len(body)
        if self._kept > _MAX_BYTES:
            if len(body) > _MAX_BYTES:
                self._kept -= len(body)
                return AnswerBatch(self._kind).with_large(call_id, body)
            self._renew()
            self._kept = len(body)
        self._answer.id = call_id
        self._value.body = body
        return self._batch

    def with_large(self, call_id: int, body: bytes) -> Batch:
        """Returns the batch with an answer that may be large; this object must not be used again."""
        self._answer.id = call_id
        self._value.body = body
        return self._batch

    def _renew(self) -> None:
        self._kept = 0
        self._batch = Batch()
        self._answer = getattr(self._batch.frames.add(), self._kind)
        self._value = self._answer.value
        self._value.format = PAYLOAD_FORMAT_MESSAGEPACK
