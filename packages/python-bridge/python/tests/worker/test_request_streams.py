from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from snakepit_bridge._worker.requests.credit_window import CreditWindow

from .conftest import Starter
from .host import Asked, Host
from .test_lifecycle import HOST_LOST, shut_down
from .test_requests import TRANSPORTS, begin, code_of

COLLECT = ["collect", "collect_in_thread", "collect_later", "collect_in_loop"]
EACH = pytest.mark.parametrize("tool", COLLECT)


@pytest.fixture
def host(start: Starter) -> Host:
    return begin(start)


class Source:
    """Sends numbers, or what a number is turned into, as far as there is credit."""

    def __init__(self, host: Host, asked: Asked, to: int, value: Any = lambda number: number) -> None:
        self.sent = 0
        self._host = host
        self._asked = asked
        self._to = to
        self._value = value
        self.ahead = 0
        """The most that was granted at once."""
        self.send()

    def send(self) -> None:
        granted = self._asked.credit + self._host.credit[self._asked.id]
        self.ahead = max(self.ahead, granted - self.sent)
        until = min(granted, self._to)
        if self.sent == until:
            return
        self._host.reply_chunks(self._asked.id, *[self._value(number) for number in range(self.sent, until)])
        self.sent = until
        if until == self._to:
            self._host.end_reply(self._asked.id)

    def run(self, call_id: int) -> None:
        """Sends until the call is answered."""
        while not self._host.is_answered(call_id):
            self._host.receive()
            self.send()


@TRANSPORTS
@EACH
def test_values_arrive_in_order(start: Starter, transport: str, tool: str) -> None:
    host = begin(start, transport)
    call = host.start(tool)
    asked = host.request()
    assert (asked.method, asked.call_id, asked.streaming, asked.credit) == ("numbers", call, True, 8)
    source = Source(host, asked, 2000)
    source.run(call)
    assert host.answer(call) == list(range(2000))
    assert source.ahead <= 256
    assert host.given_up == []


@EACH
def test_a_stream_without_values_ends(host: Host, tool: str) -> None:
    call = host.start(tool)
    host.end_reply(host.request().id)
    assert host.answer(call) == []


@TRANSPORTS
@EACH
def test_a_failure_arrives_after_the_values(start: Starter, transport: str, tool: str) -> None:
    host = begin(start, transport)
    call = host.start(tool)
    asked = host.request()
    host.reply_chunks(asked.id, 1, 2)
    host.reject(asked.id, "PYTHON_EXCEPTION", "it broke")
    values = host.answer(call)
    assert values[:2] == [1, 2]
    assert (values[2]["code"], values[2]["message"]) == ("PYTHON_EXCEPTION", "it broke")


@EACH
def test_large_arrays_arrive_unchanged(host: Host, tool: str) -> None:
    call = host.start(tool)
    source = Source(host, host.request(), 30, lambda number: np.full(100_000, number, dtype=np.float64))
    source.run(call)
    assert [int(each[0]) for each in host.answer(call)] == list(range(30))
    # A window of 8 to begin with, and then of 1 MiB.
    assert source.ahead <= 8


@TRANSPORTS
@EACH
def test_leaving_the_loop_cancels_the_request(start: Starter, transport: str, tool: str) -> None:
    host = begin(start, transport)
    call = host.start(tool, {"limit": 3})
    asked = host.request()
    host.reply_chunks(asked.id, *range(5))
    assert host.answer(call) == [0, 1, 2]
    host.receive_until(lambda: host.given_up == [asked.id])
    # These had been on their way.
    host.reply_chunks(asked.id, 5, 6, 7)
    host.end_reply(asked.id)
    assert host.execute("ask", {"payload": 1}) == 1


def test_a_stream_that_is_garbage_collected_is_cancelled(host: Host) -> None:
    call = host.start("drop_in_a_cycle")
    asked = host.request()
    host.reply_chunks(asked.id, 1)
    host.receive_until(lambda: host.given_up == [asked.id])
    host.receive_until(lambda: "collected" in host.messages())
    host.cancel(call)
    assert code_of(host, call) == "CANCELLED"


@TRANSPORTS
@EACH
def test_cancelling_a_call_ends_its_wait_for_a_value(start: Starter, transport: str, tool: str) -> None:
    host = begin(start, transport)
    call = host.start(tool)
    asked = host.request()
    host.reply_chunks(asked.id, 1)
    host.cancel(call)
    assert code_of(host, call) == "CANCELLED"
    host.receive_until(lambda: host.given_up == [asked.id])
    assert host.execute("ask", {"payload": 1}) == 1


@EACH
def test_a_stream_fails_when_the_host_is_gone(host: Host, tool: str) -> None:
    host.start(tool)
    host.reply_chunks(host.request().id, 1)
    host.peer.hang_up()
    assert host.exit_status() == HOST_LOST


@EACH
def test_shutdown_ends_a_stream(host: Host, tool: str) -> None:
    call = host.start(tool)
    host.reply_chunks(host.request().id, 1)
    shut_down(host)
    assert code_of(host, call) == "SHUTTING_DOWN"
    assert host.exit_status() == 0


@TRANSPORTS
@pytest.mark.parametrize("tool", ["pass_on", "pass_on_later"])
def test_a_streaming_tool_may_consume_a_stream(start: Starter, transport: str, tool: str) -> None:
    host = begin(start, transport)
    call = host.start(tool, streaming=True, credit=4)
    asked = host.request()
    source = Source(host, asked, 500)
    granted = 4
    while not host.is_answered(call):
        host.receive()
        source.send()
        arrived = len(host.chunks.get(call, ()))
        if granted - arrived < 2:
            host.grant(call, 4)
            granted += 4
    assert host.answer(call) is None
    assert host.chunks[call] == list(range(500))


@pytest.mark.parametrize("tool", ["pass_on", "pass_on_later"])
def test_cancelling_the_outer_stream_cancels_the_inner_one(host: Host, tool: str) -> None:
    call = host.start(tool, streaming=True, credit=2)
    asked = host.request()
    host.reply_chunks(asked.id, *range(8))
    host.receive_until(lambda: len(host.chunks.get(call, ())) == 2)
    host.cancel(call)
    assert code_of(host, call) == "CANCELLED"
    host.receive_until(lambda: host.given_up == [asked.id])


def test_more_values_than_granted_end_the_worker(host: Host) -> None:
    host.start("collect", {"delay": 1000})
    host.reply_chunks(host.request().id, *range(9))
    assert host.exit_status() == 76
    assert "the host sent an unexpected chunk" in host.output()


def test_a_hundred_thousand_chunks_need_bounded_memory(host: Host) -> None:
    call = host.start("consume", {"report_every": 100})
    source = Source(host, host.request(), 100_000, lambda _: b"x" * 500)
    source.run(call)
    total, growth = host.answer(call)
    assert total == 50_000_000
    assert growth < 8 << 20


def test_the_window_follows_the_size_of_the_chunks() -> None:
    window = CreditWindow()
    granted = CreditWindow.INITIAL

    def consume(count: int, byte_length: int) -> int:
        """Consumes chunks, and returns how far ahead the host may be."""
        nonlocal granted, consumed
        most = 0
        for _ in range(count):
            consumed += 1
            granted += window.consumed(byte_length)
            assert granted > consumed
            most = max(most, granted - consumed)
        return most

    consumed = 0
    assert consume(8, 100) <= 16
    assert consume(2000, 100) == 256
    # What was granted before is still used up.
    consume(300, 10 << 20)
    assert consume(100, 10 << 20) == 2
    assert consume(5000, 10_000) == (1 << 20) // 10_000
