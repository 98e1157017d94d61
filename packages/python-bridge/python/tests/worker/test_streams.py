from __future__ import annotations

import pytest

from .conftest import Starter
from .host import CallFailedError, Host

BOTH = pytest.mark.parametrize("tool", ["count", "count_later"])


@BOTH
@pytest.mark.parametrize("transport", ["socket", "grpc"])
def test_chunks_arrive_in_order_and_then_the_end(start: Starter, tool: str, transport: str) -> None:
    host = start(transport=transport)
    call = host.start(tool, {"to": 2000}, streaming=True, credit=5000)
    assert host.answer(call) is None
    assert host.chunks[call] == list(range(2000))


@BOTH
def test_a_stream_without_chunks_ends(host: Host, tool: str) -> None:
    call = host.start(tool, {"to": 0}, streaming=True, credit=0)
    assert host.answer(call) is None


@BOTH
@pytest.mark.parametrize("transport", ["socket", "grpc"])
def test_without_credit_nothing_is_sent(start: Starter, tool: str, transport: str) -> None:
    host = start(transport=transport, heartbeat_interval_ms=20)
    call = host.start(tool, {"to": 10}, streaming=True, credit=3)
    sent = [3, 4, 9]
    for expected, more in zip(sent, [1, 5, 100], strict=True):
        host.receive_until(lambda: len(host.chunks.get(call, ())) == expected)  # noqa: B023
        # Two heartbeats are enough time for a chunk that should not come; the first may have been under way.
        beats = len(host.heartbeats)
        host.receive_until(lambda: len(host.heartbeats) >= beats + 2)  # noqa: B023
        assert len(host.chunks[call]) == expected
        assert not host.is_answered(call)
        host.grant(call, more)
    host.answer(call)
    assert host.chunks[call] == list(range(10))


@BOTH
def test_the_last_chunk_needs_no_credit_beyond_its_own(host: Host, tool: str) -> None:
    call = host.start(tool, {"to": 3}, streaming=True, credit=3)
    host.answer(call)
    assert host.chunks[call] == [0, 1, 2]


@BOTH
def test_credit_may_be_granted_in_small_steps(host: Host, tool: str) -> None:
    call = host.start(tool, {"to": 3000}, streaming=True, credit=16)
    seen = 0
    while not host.is_answered(call):
        host.receive()
        arrived = len(host.chunks.get(call, ()))
        if arrived - seen >= 8:
            host.grant(call, arrived - seen)
            seen = arrived
    assert host.chunks[call] == list(range(3000))


@BOTH
def test_an_exception_arrives_after_the_chunks(host: Host, tool: str) -> None:
    call = host.start(tool, {"to": 10, "fail_at": 3}, streaming=True, credit=100)
    with pytest.raises(CallFailedError, match=rf"PYTHON_EXCEPTION: {tool}\(\) raised ValueError: at 3") as caught:
        host.answer(call)
    assert host.chunks[call] == [0, 1, 2]
    assert "snakepit_bridge" not in caught.value.failure.python.traceback


def test_a_chunk_that_cannot_be_sent_fails_the_call(host: Host) -> None:
    call = host.start("unsendable_chunk", streaming=True, credit=100)
    with pytest.raises(CallFailedError, match=r"SERIALIZATION: unsendable_chunk\(\): chunk\[1\]\[0\]"):
        host.answer(call)
    assert host.chunks[call] == [1]
    assert host.execute("add", {"a": 1, "b": 2}) == 3.0


def test_a_slow_stream_uses_credit_as_it_arrives(host: Host) -> None:
    call = host.start("slow_count", {"to": 6, "delay": 0.02}, streaming=True, credit=1)
    granted = 1
    while not host.is_answered(call):
        host.receive()
        if len(host.chunks.get(call, ())) == granted:
            host.grant(call, 1)
            granted += 1
    assert host.chunks[call] == list(range(6))
