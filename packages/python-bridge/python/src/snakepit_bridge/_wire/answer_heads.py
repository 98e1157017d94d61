"""Serializes batches with one answer: the frame that a worker sends for each call and each chunk.

Done by hand, this takes less time than filling a protobuf message, and the value is neither copied into a message nor
kept in memory by it. Apart from the order of the fields, the result is the same.
"""

from __future__ import annotations

from typing import Final, Literal

from .._proto.frames_pb2 import Batch, Frame, Result
from .._proto.payload_pb2 import PAYLOAD_FORMAT_MESSAGEPACK, Payload
from .frame_transport import record_length

_MAX_ONE_BYTE: Final = 0x7F
"""The largest integer that is encoded in one byte."""
_SMALL: Final = _MAX_ONE_BYTE - 1
"""The heads of shorter values and answers are kept: a frame adds two bytes, so their lengths take one byte."""


def _tag(field: int, *, has_length: bool) -> int:
    """Returns the tag of a field with a small number (https://protobuf.dev/programming-guides/encoding/#structure)."""
    return field << 3 | (2 if has_length else 0)


_FRAME: Final = bytes([_tag(Batch.FRAMES_FIELD_NUMBER, has_length=True)])
_KINDS: Final = {
    "result": _tag(Frame.RESULT_FIELD_NUMBER, has_length=True),
    "chunk": _tag(Frame.CHUNK_FIELD_NUMBER, has_length=True),
}
# The fields of a chunk have the same numbers.
_ID: Final = bytes([_tag(Result.ID_FIELD_NUMBER, has_length=False)])
_TIME: Final = bytes([_tag(Result.EXECUTION_US_FIELD_NUMBER, has_length=False)])
_VALUE: Final = bytes([_tag(Result.VALUE_FIELD_NUMBER, has_length=True)])
_BODY: Final = bytes(
    [
        _tag(Payload.FORMAT_FIELD_NUMBER, has_length=False),
        PAYLOAD_FORMAT_MESSAGEPACK,
        _tag(Payload.BODY_FIELD_NUMBER, has_length=True),
    ]
)


class AnswerHeads:
    """Serializes what precedes the value, which ends the batch. Any thread may use it."""

    __slots__ = ("_ids", "_kind", "_small_answers")

    def __init__(self, kind: Literal["result", "chunk"]) -> None:
        self._kind = bytes([_KINDS[kind]])
        # By the length of the answer: the usual ones are short enough for lengths of one byte.
        self._small_answers = [self._answer(length) for length in range(_SMALL)]
        # One tuple, which a thread replaces in one step: the high bits of an id, and the fields of ids with them.
        self._ids: tuple[int, list[bytes], bytes] = (0, _SMALL_IDS, b"")

    def head(self, call_id: int, length: int, execution_us: int = 0) -> bytes:
        """Returns the record of the batch without its last bytes, the body of the value.

        Args:
            call_id: the id of the call.
            length: the number of bytes of the body, at least 1.
            execution_us: the execution time of a result in microseconds; 0 for none.
        """
        # Successive ids differ in their first byte.
        high, low_ids, rest_of_id = self._ids
        if call_id >> 7 != high:
            _, low_ids, rest_of_id = self._begin_ids(call_id >> 7)
        fields = low_ids[call_id & 0x7F] + rest_of_id
        if execution_us:
            fields += _SMALL_TIMES[execution_us] if execution_us <= _MAX_ONE_BYTE else _TIME + _integer(execution_us)
        value = _SMALL_VALUES[length] if length < _SMALL else _value(length)
        size = len(fields) + len(value) + length
        return (self._small_answers[size] if size < _SMALL else self._answer(size)) + fields + value

    def _begin_ids(self, high: int) -> tuple[int, list[bytes], bytes]:
        self._ids = ids = (high, _CONTINUED_IDS, _integer(high)) if high else (0, _SMALL_IDS, b"")
        return ids

    def _answer(self, size: int) -> bytes:
        """Returns what precedes the fields of an answer: the lengths of the batch and of the frame."""
        answer = self._kind + _integer(size)
        frame = _FRAME + _integer(len(answer) + size) + answer
        return record_length(len(frame) + size) + frame


def _value(length: int) -> bytes:
    body = _BODY + _integer(length)
    return _VALUE + _integer(len(body) + length) + body


def _integer(value: int) -> bytes:
    """Encodes an integer that is not negative (https://protobuf.dev/programming-guides/encoding/#varints)."""
    encoded = bytearray()
    while value > _MAX_ONE_BYTE:
        encoded.append(value & 0x7F | 0x80)
        value >>= 7
    encoded.append(value)
    return bytes(encoded)


_SMALL_IDS: Final = [_ID + bytes([low]) for low in range(0x80)]
_CONTINUED_IDS: Final = [_ID + bytes([low | 0x80]) for low in range(0x80)]
_SMALL_TIMES: Final = [_TIME + bytes([time]) for time in range(0x80)]
_SMALL_VALUES: Final = [_value(length) for length in range(_SMALL)]
