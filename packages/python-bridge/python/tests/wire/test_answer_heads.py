from __future__ import annotations

from typing import Literal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from snakepit_bridge._proto.frames_pb2 import Batch
from snakepit_bridge._wire import AnswerHeads

IDS = [1, 2, 127, 128, 129, 16_383, 16_384, 2_097_151, 2_097_152, 70_000, 1, 2**32 - 1]
LENGTHS = [*range(1, 300), 16_370, 16_371, 16_372, 16_383, 16_384, 2_097_151, 2_097_152]


def serialized(kind: Literal["result", "chunk"], call_id: int, body: bytes) -> bytes:
    batch = Batch()
    answer = getattr(batch.frames.add(), kind)
    answer.id = call_id
    answer.value.format = 1
    answer.value.body = body
    encoded = batch.SerializeToString()
    return len(encoded).to_bytes(4, "big") + encoded


@pytest.mark.parametrize("kind", ["result", "chunk"])
@pytest.mark.parametrize("call_id", IDS)
def test_an_answer_is_serialized_as_protobuf_does_it(kind: Literal["result", "chunk"], call_id: int) -> None:
    heads = AnswerHeads(kind)
    for length in LENGTHS:
        body = b"x" * length
        assert heads.head(call_id, length) + body == serialized(kind, call_id, body)


@given(st.lists(st.tuples(st.integers(1, 2**32 - 1), st.binary(min_size=1, max_size=400))))
def test_each_answer_has_the_id_of_its_call(answers: list[tuple[int, bytes]]) -> None:
    heads = AnswerHeads("result")
    for call_id, body in answers:
        assert heads.head(call_id, len(body)) + body == serialized("result", call_id, body)


@given(st.integers(1, 2**32 - 1), st.integers(1, 2**32 - 1), st.integers(1, 20_000))
def test_a_result_has_the_time_of_its_execution(call_id: int, execution_us: int, length: int) -> None:
    record = AnswerHeads("result").head(call_id, length, execution_us) + b"x" * length
    assert int.from_bytes(record[:4], "big") == len(record) - 4
    [frame] = Batch.FromString(record[4:]).frames
    assert (frame.result.id, frame.result.execution_us) == (call_id, execution_us)
    assert frame.result.value.body == b"x" * length
