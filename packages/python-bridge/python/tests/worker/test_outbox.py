"""When an answer is sent at once, and when it is held. The time is that of the test."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Sequence
from typing import Any

import pytest

from snakepit_bridge._proto import frames_pb2
from snakepit_bridge._proto.failure_pb2 import Failure
from snakepit_bridge._worker.calls import Call
from snakepit_bridge._worker.execution import outbox as outbox_module
from snakepit_bridge._worker.execution.outbox import Outbox

QUICK_S = 0.000_01
SLOW_S = 0.001


class Wire:
    """A transport that records which answers were in each write."""

    def __init__(self) -> None:
        self.writes: list[list[int]] = []
        self.held: list[int] = []
        self.has_room = True
        self.write_s = 0.0
        """How long a write takes."""
        self.now = 1000.0

    def monotonic(self) -> float:
        return self.now

    def send(self, batch: frames_pb2.Batch, attachments: Sequence[Any] = ()) -> None:
        self._write(self._ids(batch))

    def send_record(self, head: bytes, body: bytes) -> None:
        self._write(self._ids(frames_pb2.Batch.FromString((head + body)[4:])))

    def hold_record(self, record: bytes) -> bool:
        if self.has_room:
            self.held += self._ids(frames_pb2.Batch.FromString(record[4:]))
        return self.has_room

    def send_held(self) -> None:
        self._write(())

    def _write(self, ids: Iterable[int]) -> None:
        self.writes.append([*self.held, *ids])
        self.held.clear()
        self.now += self.write_s

    @staticmethod
    def _ids(batch: frames_pb2.Batch) -> list[int]:
        return [getattr(frame, str(frame.WhichOneof("kind"))).id for frame in batch.frames]


class Worker:
    """Answers calls one after the other."""

    def __init__(self) -> None:
        self.wire = Wire()
        self.pending: deque[int] = deque()
        self.outbox = Outbox(self.wire, 1 << 20, self.pending)  # type: ignore[arg-type]  # what it uses

    def call(self, call_id: int, tool: str = "tool", credit: int = 0) -> Call:
        message = frames_pb2.Call(id=call_id, tool=tool, streaming=credit > 0, credit=credit)
        return Call(message, call_id, self.wire.now)

    def answer(self, call_id: int, tool: str = "tool", *, takes: float = QUICK_S, value: Any = 1) -> None:
        call = self.call(call_id, tool)
        self.wire.now += takes
        self.outbox.result(call, value, may_hold=True)

    def answer_all(self, ids: Iterable[int]) -> None:
        """Answers calls that are all there at the beginning."""
        self.pending.extend(ids)
        while self.pending:
            self.answer(self.pending.popleft())
        self.outbox.send_held()

    def chunks(self, call: Call, *values: Any, each_takes: float = QUICK_S) -> None:
        for value in values:
            self.wire.now += each_takes
            self.outbox.chunk(call, value, may_hold=True)


@pytest.fixture
def worker(monkeypatch: pytest.MonkeyPatch) -> Worker:
    worker = Worker()
    monkeypatch.setattr(outbox_module, "monotonic", worker.wire.monotonic)
    worker.outbox.sent_at = worker.wire.now
    return worker


@pytest.fixture
def deep(worker: Worker) -> Worker:
    """A worker that has just answered 32 calls, has many more, and holds nothing."""
    worker.answer_all(range(1, 33))
    worker.pending.extend(range(100))
    worker.wire.writes.clear()
    worker.wire.now += SLOW_S
    worker.answer(50)
    assert worker.wire.writes == [[50]]
    worker.wire.writes.clear()
    return worker


class TestResults:
    def test_many_calls_are_answered_in_few_writes_and_in_order(self, worker: Worker) -> None:
        worker.answer_all(range(1, 33))
        worker.wire.writes.clear()
        worker.answer_all(range(33, 65))
        assert [each for write in worker.wire.writes for each in write] == list(range(33, 65))
        assert len(worker.wire.writes) <= 4

    @pytest.mark.parametrize(("calls", "most"), [(1, 1), (4, 1), (8, 4), (16, 9), (32, 18)])
    def test_the_answers_to_about_half_of_the_calls_are_in_one_write(
        self, worker: Worker, calls: int, most: int
    ) -> None:
        worker.answer_all(range(1, calls + 1))
        worker.answer_all(range(calls + 1, 2 * calls + 1))
        assert max(len(write) for write in worker.wire.writes) == most

    def test_a_lone_call_is_answered_at_once(self, deep: Worker) -> None:
        deep.pending.clear()
        deep.answer(1)
        assert deep.wire.writes == [[1]]

    def test_the_first_answer_of_a_worker_is_sent_at_once(self, worker: Worker) -> None:
        worker.pending.extend(range(100))
        worker.answer(1)
        assert worker.wire.writes == [[1]]

    def test_fewer_are_held_after_a_time_with_few_calls(self, deep: Worker) -> None:
        deep.pending.clear()
        for call_id in range(1, 7_000):
            deep.answer(call_id)
        deep.wire.writes.clear()
        deep.pending.append(0)
        deep.answer(7_000)
        assert deep.wire.writes == [[7_000]]

    def test_the_answer_of_a_tool_that_was_not_quick_is_sent_at_once_with_those_that_are_held(
        self, deep: Worker
    ) -> None:
        deep.answer(1)
        deep.answer(2, takes=0.000_15)
        assert deep.wire.writes == [[1, 2]]

    def test_nothing_is_held_when_the_last_write_is_long_ago(self, deep: Worker) -> None:
        deep.answer(1)
        deep.wire.now += 0.000_25
        deep.answer(2)
        assert deep.wire.writes == [[1, 2]]

    def test_a_large_value_is_sent_at_once_with_those_that_are_held(self, deep: Worker) -> None:
        deep.answer(1)
        deep.answer(2, value="x" * 2_049)
        assert deep.wire.writes == [[1, 2]]

    def test_a_value_with_buffers_is_sent_at_once_with_those_that_are_held(self, deep: Worker) -> None:
        deep.answer(1)
        deep.answer(2, value=b"x" * 100_000)
        deep.answer(3)
        assert deep.wire.writes == [[1, 2]]
        assert deep.wire.held == [3]

    def test_an_answer_that_the_transport_does_not_hold_is_sent(self, deep: Worker) -> None:
        deep.answer(1)
        deep.wire.has_room = False
        deep.answer(2)
        assert deep.wire.writes == [[1, 2]]

    def test_a_caller_that_cannot_send_it_in_time_has_it_sent_at_once(self, deep: Worker) -> None:
        deep.answer(1)
        deep.outbox.result(deep.call(2), 1)
        assert deep.wire.writes == [[1, 2]]

    def test_a_failure_and_the_end_of_a_stream_are_sent_at_once_with_those_that_are_held(self, deep: Worker) -> None:
        deep.answer(1)
        deep.outbox.failure(deep.call(2), Failure(code="INTERNAL"))
        deep.answer(3)
        deep.outbox.end(deep.call(4))
        assert deep.wire.writes == [[1, 2], [3, 4]]
        assert deep.outbox.held == 0


class TestSendingBefore:
    def test_a_tool_that_was_quick_the_last_time_leaves_them_held(self, deep: Worker) -> None:
        deep.answer(1)
        deep.outbox.send_before("tool")
        assert deep.wire.held == [1]

    def test_a_tool_that_was_never_executed_does_not(self, deep: Worker) -> None:
        deep.answer(1)
        deep.outbox.send_before("another")
        assert deep.wire.writes == [[1]]
        assert deep.outbox.held == 0

    def test_a_tool_that_was_slow_the_last_time_does_not(self, deep: Worker) -> None:
        deep.answer(1, "another")
        deep.answer(2, "another", takes=SLOW_S)
        deep.answer(3)
        deep.outbox.send_before("another")
        assert deep.wire.writes == [[1, 2], [3]]

    def test_nothing_is_written_when_nothing_is_held(self, deep: Worker) -> None:
        deep.outbox.send_before("another")
        deep.outbox.send_held()
        assert deep.wire.writes == []


class TestChunks:
    def test_quick_chunks_share_writes_while_there_is_credit(self, worker: Worker) -> None:
        call = worker.call(1, credit=100)
        worker.chunks(call, *range(10))
        assert worker.wire.writes == [[1]]
        assert worker.wire.held == [1] * 9
        worker.outbox.end(call)
        assert worker.wire.writes == [[1], [1] * 10]

    def test_the_chunk_that_uses_the_last_credit_is_sent_at_once(self, worker: Worker) -> None:
        worker.chunks(worker.call(1, credit=5), *range(5))
        assert worker.wire.writes == [[1], [1] * 4]

    def test_a_chunk_that_was_not_quick_is_sent_at_once(self, worker: Worker) -> None:
        call = worker.call(1, credit=100)
        worker.chunks(call, 1, 2)
        worker.chunks(call, 3, each_takes=0.000_11)
        assert worker.wire.writes == [[1], [1, 1]]

    def test_no_more_than_32_are_held(self, worker: Worker) -> None:
        worker.chunks(worker.call(1, credit=100), *range(34), each_takes=0.000_001)
        assert worker.wire.writes == [[1], [1] * 33]

    def test_a_large_chunk_and_one_with_buffers_are_sent_at_once(self, worker: Worker) -> None:
        call = worker.call(1, credit=100)
        worker.chunks(call, 1, 2, "x" * 2_049, 4, b"x" * 100_000)
        assert worker.wire.writes == [[1], [1, 1], [1, 1]]

    def test_an_endless_quick_stream_writes_at_least_every_quarter_of_a_millisecond(self, worker: Worker) -> None:
        worker.chunks(worker.call(1, credit=100), *range(8), each_takes=0.000_09)
        assert worker.wire.writes == [[1], [1, 1, 1], [1, 1, 1]]


@pytest.mark.parametrize("kind", ["result", "chunk", "end", "failure", "held"])
def test_nothing_is_held_when_a_write_took_long(deep: Worker, kind: str) -> None:
    """The host has had its bytes since the beginning of that time, and may have stopped to look for more."""
    deep.answer(1)
    deep.wire.write_s = SLOW_S
    if kind == "result":
        deep.outbox.result(deep.call(2), 1)
    elif kind == "chunk":
        deep.outbox.chunk(deep.call(2, credit=5), 1)
    elif kind == "end":
        deep.outbox.end(deep.call(2))
    elif kind == "failure":
        deep.outbox.failure(deep.call(2), Failure(code="INTERNAL"))
    else:
        deep.outbox.send_held()
    deep.wire.write_s = 0
    deep.answer(3)
    assert deep.wire.writes == [[1] if kind == "held" else [1, 2], [3]]
