from __future__ import annotations

import signal
import time
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from snakepit_bridge._proto.failure_pb2 import PythonFailure
from snakepit_bridge._proto.frames_pb2 import CANCEL_REASON_DEADLINE, Frame

from .conftest import Starter
from .host import Asked, CallFailedError, Host
from .test_lifecycle import HOST_LOST, expect_sleep, shut_down

ASKING = str(Path(__file__).parent / "asking_tools.py")
TRANSPORTS = pytest.mark.parametrize("transport", ["socket", "grpc"])
ONE = ["ask", "ask_in_thread", "ask_in_loop", "ask_later", "ask_concurrently"]
EACH = pytest.mark.parametrize("tool", ONE)


@pytest.fixture
def host(start: Starter) -> Host:
    return begin(start)


def begin(start: Starter, transport: str = "socket", **fields: Any) -> Host:
    """A worker whose requests are echoed, unless their method requires another reply."""
    host = start(ASKING, transport=transport, **fields)

    def answer(asked: Asked) -> None:
        if asked.method == "echo":
            host.reply(asked.id, asked.payload)

    host.on_request = answer
    return host


def code_of(host: Host, call_id: int) -> str:
    with pytest.raises(CallFailedError) as caught:
        host.answer(call_id)
    return caught.value.code


@TRANSPORTS
@EACH
def test_a_request_returns_the_value_of_the_reply(start: Starter, transport: str, tool: str) -> None:
    host = begin(start, transport)
    for payload in ({"name": "t"}, None, [1, "two"]):
        assert host.execute(tool, {"payload": payload}) == payload
    array = np.arange(100_000, dtype=np.float64).reshape(1000, 100)
    assert np.array_equal(host.execute(tool, {"payload": array}), array)
    assert [each.call_id for each in host.asked] == [1, 2, 3, 4]
    assert host.given_up == []


@TRANSPORTS
@EACH
def test_a_failure_is_raised_with_code_details_and_cause(start: Starter, transport: str, tool: str) -> None:
    host = begin(start, transport)
    call = host.start(tool, {"method": "variables.get", "payload": {}})
    python = PythonFailure(type="ValueError", notes=["look here"], cause=PythonFailure(type="KeyError"))
    details = {"variable": '"t"', "odd": "not json"}
    host.reject(host.request().id, "INVALID_ARGUMENT", "unknown tool t", details=details, python=python)
    assert host.answer(call) == {
        "code": "INVALID_ARGUMENT",
        "message": "unknown tool t",
        "details": {"variable": "t", "odd": "not json"},
        "python": ["ValueError", ["look here"], "KeyError"],
    }


@TRANSPORTS
@EACH
def test_a_late_reply_is_a_timeout_error(start: Starter, transport: str, tool: str) -> None:
    host = begin(start, transport)
    call = host.start(tool, {"method": "never", "timeout": 0.02})
    error = host.answer(call)
    assert (error["code"], error["message"]) == ("DEADLINE_EXCEEDED", 'the host did not answer "never" within 0.02 s')
    asked = host.request()
    assert asked.remaining_ms == 20
    assert host.given_up == [asked.id]
    # It comes too late, and changes nothing.
    host.reply(asked.id, "late")
    assert host.execute(tool, {"payload": "next"}) == "next"


@TRANSPORTS
def test_a_tool_may_send_a_request_while_the_receiver_thread_receives(start: Starter, transport: str) -> None:
    host = begin(start, transport)
    assert host.execute("ask_after", {"seconds": 0.03, "payload": 1}) == 1
    error = host.execute("ask_after", {"seconds": 0.03, "method": "never", "timeout": 0.03})
    assert error["code"] == "DEADLINE_EXCEEDED"
    call = host.start("ask_after", {"seconds": 0.03, "method": "never"})
    host.receive_until(lambda: len(host.asked) == 3)
    host.cancel(call)
    assert code_of(host, call) == "CANCELLED"
    assert host.execute("ask_many", {"count": 100}) == sum(range(100))


@TRANSPORTS
@EACH
@pytest.mark.parametrize("moment", ["soon", "late"])
def test_cancelling_a_call_ends_its_requests(start: Starter, transport: str, tool: str, moment: str) -> None:
    host = begin(start, transport, heartbeat_interval_ms=20)
    call = host.start(tool, {"method": "never"})
    asked = host.request()
    if moment == "late":
        # By then the receiver thread sleeps or receives.
        seen = len(host.heartbeats)
        host.receive_until(lambda: len(host.heartbeats) >= seen + 3)
    host.cancel(call, CANCEL_REASON_DEADLINE)
    if tool == "ask_concurrently":
        # A thread does not end with its task; the host answers it when it cancels the request.
        host.reject(asked.id, "CANCELLED", "too late")
    assert code_of(host, call) == "DEADLINE_EXCEEDED"
    host.reply(asked.id, "late")
    assert host.execute(tool, {"payload": "next"}) == "next"


@pytest.mark.parametrize("tool", ["ask", "ask_in_loop", "ask_later"])
def test_a_cancelled_request_is_cancelled_on_the_host(host: Host, tool: str) -> None:
    call = host.start(tool, {"method": "never"})
    asked = host.request()
    host.cancel(call)
    assert code_of(host, call) == "CANCELLED"
    assert host.given_up == [asked.id]


def test_a_cancelled_tool_cannot_send_requests(host: Host) -> None:
    host.on_request = lambda _: None
    call = host.start("ask_when_cancelled")
    host.request()
    host.cancel(call)
    assert code_of(host, call) == "CANCELLED"
    assert host.messages() == ["cancelled: cancelled", "again: cancelled"]
    assert len(host.asked) == 1


def test_threads_are_notified_of_the_cancellation_of_their_call(host: Host) -> None:
    call = host.start("ask_in_thread", {"method": "never"})
    host.request()
    host.cancel(call)
    assert code_of(host, call) == "CANCELLED"
    host.receive_until(lambda: any("in the thread: Cancelled" in each for each in host.messages()))


@TRANSPORTS
@EACH
def test_a_request_fails_when_the_host_is_gone(start: Starter, transport: str, tool: str) -> None:
    host = begin(start, transport)
    host.start(tool, {"method": "never"})
    host.request()
    host.peer.hang_up()
    assert host.exit_status() == HOST_LOST
    assert "the host closed the connection" in host.output()


@EACH
def test_shutdown_ends_a_waiting_request(host: Host, tool: str) -> None:
    call = host.start(tool, {"method": "never"})
    asked = host.request()
    shut_down(host)
    if tool == "ask_concurrently":
        host.reject(asked.id, "CANCELLED", "too late")
    assert code_of(host, call) == "SHUTTING_DOWN"
    assert host.exit_status() == 0


@EACH
def test_other_frames_are_dispatched_while_a_tool_waits(host: Host, tool: str) -> None:
    host.execute("listen")
    call = host.start(tool, {"method": "later"})
    asked = host.request()
    second = host.start("ask", {"payload": 2})
    host.send(Frame(invalidate={"session_id": "s", "keys": ["a", "b"]}))
    host.send(Frame(invalidate={"session_id": "bad"}), Frame(session_ended={"session_id": "s"}))
    host.grant(call, 5)
    host.cancel(99)
    host.reply(asked.id, 1)
    assert host.answer(call) == 1
    assert host.answer(second) == 2
    assert host.execute("notices") == [["s", ["a", "b"]], ["bad", []], "s"]
    assert "ValueError: a listener that fails" in host.messages()


@TRANSPORTS
@EACH
def test_a_draining_worker_finishes_its_requests(start: Starter, transport: str, tool: str) -> None:
    host = begin(start, transport)
    call = host.start(tool, {"method": "later"})
    asked = host.request()
    host.send(Frame(drain={}))
    host.reply(asked.id, 1)
    assert host.answer(call) == 1
    assert host.exit_status() == 0


@TRANSPORTS
@pytest.mark.parametrize("tool", ["ask_many", "ask_many_later"])
def test_many_requests_in_a_row_are_answered(start: Starter, transport: str, tool: str) -> None:
    host = begin(start, transport)
    assert host.execute(tool, {"count": 500}) == sum(range(500))


@TRANSPORTS
@pytest.mark.parametrize("main_too", [False, True])
def test_many_threads_may_send_requests(start: Starter, transport: str, main_too: bool) -> None:
    host = begin(start, transport)
    each = sum(range(100))
    arguments = {"threads": 8, "count": 100, "main_too": main_too}
    assert host.execute("ask_in_threads", arguments) == each * (9 if main_too else 8)
    assert len({asked.id for asked in host.asked}) == len(host.asked)


def test_replies_may_arrive_in_another_order(host: Host) -> None:
    waiting: list[Asked] = []

    def collect(asked: Asked) -> None:
        waiting.append(asked)
        if len(waiting) == 50:
            for each in reversed(waiting):
                host.reply(each.id, each.payload)

    host.on_request = collect
    assert host.execute("ask_many_later", {"count": 50}) == sum(range(50))


def test_a_blocking_request_on_the_event_loop_is_rejected(host: Host) -> None:
    message = host.execute("block_the_loop")
    assert message.startswith("block_the_loop() is async: a blocking request would block")
    assert host.asked == []


def test_a_signal_handler_cannot_send_a_request_while_the_main_thread_waits(host: Host) -> None:
    call = host.start("ask_while_asking")
    outer = host.request()
    inner = host.request(1)
    host.receive_until(lambda: host.given_up == [inner.id])
    host.reply(outer.id)
    assert host.answer(call).startswith("the main thread is already waiting for the host")


@TRANSPORTS
def test_a_signal_handler_that_raises_while_the_main_thread_waits(start: Starter, transport: str) -> None:
    host = begin(start, transport)
    for _ in range(5):
        assert host.execute("alarm_while_asking") == ["rang", "still here"]
    never = [asked.id for asked in host.asked if asked.method == "never"]
    assert host.given_up == never


@pytest.mark.parametrize("tool", ["ask", "ask_later"])
@pytest.mark.parametrize(("payload", "message"), [("x" * 2000, "PAYLOAD_TOO_LARGE"), ({1, (2,)}, None)])
def test_payloads_of_every_kind_are_sent(start: Starter, tool: str, payload: Any, message: str | None) -> None:
    host = begin(start, max_payload_bytes=1000)
    call = host.start(tool, {"payload": payload})
    if message is None:
        assert host.answer(call) == payload
    else:
        with pytest.raises(CallFailedError, match=message):
            host.answer(call)
        assert host.asked == []


@pytest.mark.parametrize("arguments", [{}, {"delay": 0.1}])
def test_a_cancellation_is_received_after_a_request(start: Starter, arguments: dict[str, float]) -> None:
    host = begin(start, heartbeat_interval_ms=20)
    call = host.start("ask_then_wait")
    if arguments:
        # Long enough for the receiver thread to fall asleep.
        host.on_request = lambda _: None
        asked = host.request()
        seen = len(host.heartbeats)
        host.receive_until(lambda: len(host.heartbeats) >= seen + 5)
        host.reply(asked.id)
    host.receive_until(lambda: "waiting" in host.messages())
    host.cancel(call)
    assert code_of(host, call) == "CANCELLED"


def test_a_cancellation_is_received_after_a_wait_for_credit(start: Starter) -> None:
    host = begin(start, heartbeat_interval_ms=20)
    call = host.start("stream_then_wait", streaming=True, credit=1)
    host.receive_until(lambda: host.chunks.get(call))
    seen = len(host.heartbeats)
    host.receive_until(lambda: len(host.heartbeats) >= seen + 5)
    host.grant(call, 10)
    host.receive_until(lambda: "waiting" in host.messages())
    host.cancel(call)
    assert code_of(host, call) == "CANCELLED"


def test_a_worker_that_waits_for_the_host_sleeps(start: Starter) -> None:
    host = begin(start, heartbeat_interval_ms=100)
    call = host.start("ask", {"method": "later"})
    asked = host.request()
    host.receive_until(lambda: len(host.heartbeats) >= 3)
    expect_sleep(host, heartbeat_interval_s=0.1)
    host.reply(asked.id, "slept")
    assert host.answer(call) == "slept"


@TRANSPORTS
def test_a_thread_that_outlives_its_call_cannot_send_requests(start: Starter, transport: str) -> None:
    host = begin(start, transport)
    call = host.start("leave_a_thread")
    host.receive_until(lambda: len(host.asked) == 2)
    asked = {each.method: each for each in host.asked}
    assert asked["left"].call_id == call
    host.reply(asked["leave"].id)
    assert host.answer(call) == "left"
    host.reply(asked["left"].id, "answered")
    host.receive_until(lambda: "left: answered" in host.messages())
    assert host.execute("ask", {"payload": 1}) == 1


@TRANSPORTS
def test_a_forked_child_cannot_send_requests(start: Starter, transport: str) -> None:
    host = begin(start, transport)
    code, message, status = host.execute("ask_in_child")
    assert (code, status) == ("SHUTTING_DOWN", 0)
    assert "this process is a fork of a worker" in message
    assert host.execute("ask", {"payload": 1}) == 1


def test_a_chunk_for_a_request_that_does_not_stream_ends_the_worker(host: Host) -> None:
    host.start("ask", {"method": "never"})
    host.reply_chunks(host.request().id, 1)
    assert host.exit_status() == 76
    assert "the host sent an unexpected chunk, for request 1" in host.output()


def test_replies_to_cancelled_requests_are_ignored(host: Host) -> None:
    host.reply(5, np.zeros(10_000))
    host.reply_chunks(6, 1)
    host.end_reply(7)
    assert host.execute("ask", {"payload": 1}) == 1


def test_a_cancellation_at_any_moment_is_answered(host: Host) -> None:
    """Each arrives at another moment of a call that sends a request."""
    for round_ in range(300):
        tool = ONE[round_ % 3] if round_ % 2 else "ask_later"
        call = host.start(tool, {"payload": "x" * (round_ * 10)})
        give_up_at = time.monotonic() + (round_ % 20) / 10_000
        while time.monotonic() < give_up_at:
            pass
        host.cancel(call)
        try:
            host.answer(call)
        except CallFailedError as error:
            assert error.code == "CANCELLED"
    assert host.execute("ask", {"payload": 1}) == 1


def test_a_worker_that_waits_for_the_host_can_be_killed(start: Starter) -> None:
    host = begin(start)
    host.start("ask", {"method": "never"})
    host.request()
    host.process.send_signal(signal.SIGKILL)
    host.receive_until_closed()
    assert host.exit_status() == -signal.SIGKILL
