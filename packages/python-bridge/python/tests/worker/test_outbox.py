from __future__ import annotations

import pytest

from snakepit_bridge._proto.frames_pb2 import Batch
from snakepit_bridge._system.resident_memory import ResidentMemory
from snakepit_bridge._worker.execution.outbox import AnswerBatch

MIB = 1 << 20


@pytest.mark.parametrize("kind", ["result", "chunk"])
def test_each_answer_belongs_to_its_call(kind: str) -> None:
    answers = AnswerBatch("result" if kind == "result" else "chunk")
    for call_id, body in ((7, b"one"), (8, b""), (9, b"x" * 100_000), (10, b"two")):
        sent = Batch.FromString(answers.filled(call_id, body).SerializeToString())
        [frame] = sent.frames
        assert frame.WhichOneof("kind") == kind
        answer = frame.result if kind == "result" else frame.chunk
        assert (answer.id, answer.value.body) == (call_id, body)


@pytest.mark.parametrize("size", [100, 1_000, 30_000])
def test_sent_answers_are_released(size: int) -> None:
    answers = AnswerBatch("result")
    body = b"x" * size
    answers.filled(1, body)
    before = ResidentMemory().read()
    for call_id in range(64 * MIB // size):
        answers.filled(call_id, body)
    assert ResidentMemory().read() - before < 8 * MIB
