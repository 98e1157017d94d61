from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from snakepit_bridge._proto.frames_pb2 import CANCEL_REASON_CANCELLED, CANCEL_REASON_DEADLINE, Frame

from .conftest import Starter
from .host import CallFailedError, Host


def code_of(host: Host, call_id: int) -> str:
    with pytest.raises(CallFailedError) as caught:
        host.answer(call_id)
    return caught.value.code


def begin(host: Host, tool: str, arguments: Any = None, **fields: Any) -> int:
    """Starts a call and waits until the tool prints."""
    seen = len(host.logs)
    call_id = host.start(tool, arguments, **fields)
    host.receive_until(lambda: len(host.logs) > seen)
    return call_id


@pytest.fixture(autouse=True)
def usable_afterwards(host: Host) -> Any:
    yield
    assert host.execute("add", {"a": 1, "b": 2}) == 3.0
    assert host.execute("add_later", {"a": 1, "b": 2}) == 3.0


@pytest.mark.parametrize("what", ["sleep", "loop", "lock", "read"])
@pytest.mark.parametrize(
    ("reason", "code", "name"),
    [(CANCEL_REASON_CANCELLED, "CANCELLED", "cancelled"), (CANCEL_REASON_DEADLINE, "DEADLINE_EXCEEDED", "deadline")],
)
def test_cancelling_interrupts_a_tool_on_the_main_thread(
    host: Host, what: str, reason: Any, code: str, name: str
) -> None:
    call = begin(host, "wait_in", {"what": what})
    host.cancel(call, reason)
    assert code_of(host, call) == code
    assert host.messages() == [f"waiting in {what}", f"cancelled: {name}"]


@pytest.mark.parametrize(
    ("tool", "arguments"),
    [("wait_in", {"what": "lock"}), ("wait_in", {"what": "loop"}), ("wait_forever", {})],
)
def test_a_tool_whose_deadline_has_passed_reports_where_it_was(host: Host, tool: str, arguments: Any) -> None:
    """E14: sync and async, waiting and computing."""
    call = begin(host, tool, arguments)
    host.cancel(call, CANCEL_REASON_DEADLINE)
    with pytest.raises(CallFailedError) as caught:
        host.answer(call)
    traceback = caught.value.failure.python.traceback
    assert f", in {tool}\n" in traceback
    assert "snakepit_bridge/_" not in traceback


def test_a_tool_that_catches_the_cancellation_still_ends_its_call(host: Host) -> None:
    call = begin(host, "wait_in", {"what": "sleep", "swallow": True})
    host.cancel(call)
    assert code_of(host, call) == "CANCELLED"
    call = begin(host, "wait_forever", {"swallow": True})
    host.cancel(call)
    assert code_of(host, call) == "CANCELLED"


@pytest.mark.parametrize("what", ["callbacks", "tasks"])
def test_cancelling_interrupts_a_tool_with_its_own_event_loop(host: Host, what: str) -> None:
    call = begin(host, "work_in_loop", {"what": what})
    host.cancel(call)
    assert code_of(host, call) == "CANCELLED"
    assert host.messages() == [f"working in {what}", "cleaned up", "cancelled: cancelled"]


def test_cancelling_cancels_the_task_of_an_async_tool(host: Host) -> None:
    call = begin(host, "wait_forever")
    host.cancel(call, CANCEL_REASON_DEADLINE)
    assert code_of(host, call) == "DEADLINE_EXCEEDED"
    assert host.messages() == ["waiting in a task", "cancelled: task"]


@pytest.mark.parametrize("tool", ["count", "count_later"])
def test_cancelling_ends_a_stream_that_waits_for_credit(host: Host, tool: str) -> None:
    call = host.start(tool, {"to": 10, "mark": "it"}, streaming=True, credit=2)
    host.receive_until(lambda: len(host.chunks.get(call, ())) == 2)
    host.cancel(call)
    assert code_of(host, call) == "CANCELLED"
    assert host.chunks[call] == [0, 1]
    assert host.messages() == ["closed it"]


@pytest.mark.parametrize("tool", ["count", "count_later"])
def test_cancelling_ends_a_stream_between_chunks(host: Host, tool: str) -> None:
    call = host.start(tool, {"to": 1 << 40, "mark": "it"}, streaming=True, credit=16)
    granted = 16
    while len(host.chunks.get(call, ())) < 1000:
        host.receive()
        if granted - len(host.chunks.get(call, ())) < 8:
            host.grant(call, 16)
            granted += 16
    host.cancel(call)
    assert code_of(host, call) == "CANCELLED"
    assert host.messages() == ["closed it"]


def test_cancelling_ends_a_stream_that_never_waits(host: Host) -> None:
    call = host.start("count", {"to": 1 << 40, "mark": "it"}, streaming=True, credit=(1 << 32) - 1)
    host.receive_until(lambda: len(host.chunks.get(call, ())) > 1000)
    host.cancel(call)
    assert code_of(host, call) == "CANCELLED"
    assert host.messages() == ["closed it"]


@pytest.mark.parametrize("tool", ["slow_count", "count_later"])
def test_cancelling_ends_a_stream_while_it_produces_a_chunk(host: Host, tool: str) -> None:
    call = host.start(tool, {"to": 1 << 40, "delay": 0.05}, streaming=True, credit=100)
    host.receive_until(lambda: len(host.chunks.get(call, ())) == 2)
    host.cancel(call)
    assert code_of(host, call) == "CANCELLED"


@pytest.mark.parametrize("tool", ["add", "add_later"])
def test_a_call_that_has_not_begun_is_not_executed(host: Host, tool: str) -> None:
    call = begin(host, "wait_in", {"what": "sleep"})
    waiting = host.start(tool, {"a": 1, "b": 2})
    host.cancel(waiting, CANCEL_REASON_DEADLINE)
    host.cancel(call)
    assert code_of(host, call) == "CANCELLED"
    assert code_of(host, waiting) == "DEADLINE_EXCEEDED"


@pytest.mark.parametrize("tool", ["wait_in", "wait_forever"])
def test_a_call_that_arrives_with_its_cancellation_is_not_executed(host: Host, tool: str) -> None:
    call_id, call, _ = host.call_frame(tool, {"what": "sleep"} if tool == "wait_in" else {})
    cancel = Frame()
    cancel.cancel.id = call_id
    host.send(call, cancel)
    assert code_of(host, call_id) == "CANCELLED"
    assert host.messages() == []


def test_interruptions_while_printing_do_not_corrupt_the_connection(start: Starter, tmp_path: Path) -> None:
    host = start()
    for round_ in range(30):
        call = begin(host, "print_and_wait_for", {"path": str(tmp_path / "never")})
        seen = len(host.logs)
        host.receive_until(lambda: len(host.logs) > seen + round_)  # noqa: B023
        host.cancel(call)
        assert code_of(host, call) == "CANCELLED"
    assert {message for message in host.messages() if message} <= {"printing", "x" * 100}
    assert host.execute("add", {"a": 1, "b": 2}) == 3.0


def test_a_cancellation_at_any_moment_is_answered(host: Host) -> None:
    """Each arrives at another moment of a short call, also where no tool runs."""
    for round_ in range(300):
        tool = ("add", "add_later", "echo")[round_ % 3]
        arguments = {"value": "x" * (round_ * 100)} if tool == "echo" else {"a": 1, "b": 2}
        call = host.start(tool, arguments)
        host.cancel(call)
        try:
            host.answer(call)
        except CallFailedError as error:
            assert error.code == "CANCELLED"
