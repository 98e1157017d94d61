from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from snakepit_bridge import PROTOCOL_VERSION, __version__
from snakepit_bridge._proto.frames_pb2 import Frame

from .conftest import Starter
from .host import CallFailedError, Host


def failure(host: Host, tool: str, arguments: Any = None, **fields: Any) -> CallFailedError:
    with pytest.raises(CallFailedError) as caught:
        host.execute(tool, arguments, **fields)
    return caught.value


@pytest.mark.parametrize("transport", ["socket", "grpc"])
def test_hello_identifies_the_worker_and_lists_its_tools(start: Starter, transport: str) -> None:
    host = start(transport=transport)
    hello = host.hello
    assert (hello.token, hello.worker_id, hello.pid) == (host.token, "worker-1", host.process.pid)
    stat = Path(f"/proc/{hello.pid}/stat").read_text()
    assert hello.start_time == stat.rpartition(")")[2].split()[19]
    assert (hello.protocol, hello.capacity) == (PROTOCOL_VERSION, 1)
    assert (hello.runtime.language, hello.runtime.implementation) == ("python", sys.implementation.name)
    assert hello.runtime.version == sys.version.split()[0]
    assert hello.runtime.bridge_version == __version__
    add = next(each for each in hello.tools if each.name == "add")
    assert add.description == "Adds two numbers."
    assert [(each.name, each.type, each.required) for each in add.parameters] == [
        ("a", "float", True),
        ("b", "float", True),
    ]
    assert next(each for each in hello.tools if each.name == "count").streaming


@pytest.mark.parametrize("transport", ["socket", "grpc"])
@pytest.mark.parametrize("tool", ["add", "add_later"])
def test_a_call_is_answered_with_the_value_of_its_tool(start: Starter, transport: str, tool: str) -> None:
    host = start(transport=transport)
    assert host.execute(tool, {"a": 1, "b": 2}) == 3.0
    assert host.execute(tool, {"a": 2, "b": 2}) == 4.0


@pytest.mark.parametrize("transport", ["socket", "grpc"])
def test_large_values_arrive_unchanged_in_both_directions(start: Starter, transport: str) -> None:
    host = start(transport=transport)
    array = np.arange(1_000_000.0)
    echoed = host.execute("echo", {"value": {"array": array, "bytes": b"x" * 100_000, "small": 1}})
    assert np.array_equal(echoed["array"], array)
    assert echoed["bytes"] == b"x" * 100_000
    assert host.execute("echo", {"value": None}) is None


def test_calls_that_arrive_together_are_executed_one_at_a_time(host: Host) -> None:
    calls = [host.call_frame(tool, {"a": n, "b": 1}) for n in range(20) for tool in ("add", "add_later")]
    host.send(*(frame for _, frame, _ in calls))
    assert [host.answer(call_id) for call_id, _, _ in calls] == [n + 1 for n in range(20) for _ in range(2)]


def test_calls_that_arrive_together_receive_their_own_attachments(host: Host) -> None:
    arrays = [np.full(5000, n, dtype=np.float64) for n in range(5)]
    calls = [host.call_frame("echo", {"value": each}) for each in arrays]
    host.send(*(frame for _, frame, _ in calls), attachments=[each for _, _, found in calls for each in found])
    for (call_id, _, _), array in zip(calls, arrays, strict=True):
        assert np.array_equal(host.answer(call_id), array)


def test_a_call_may_arrive_in_the_batch_of_accept(start: Starter) -> None:
    host = start(accept=False)
    host.receive_hello()
    accept = Frame()
    accept.accept.protocol = 1
    accept.accept.max_payload_bytes = 1 << 20
    call_id, call, _ = host.call_frame("add", {"a": 1, "b": 2})
    host.send(accept, call)
    assert host.answer(call_id) == 3.0


def test_an_unknown_tool_is_rejected_with_the_names_of_the_tools(host: Host) -> None:
    error = failure(host, "subtract")
    assert error.code == "UNKNOWN_TOOL"
    assert error.failure.message.startswith("this worker has no tool 'subtract'; available tools: add, add_later, ")


@pytest.mark.parametrize("tool", ["add", "add_later"])
def test_invalid_arguments_are_rejected_by_name(host: Host, tool: str) -> None:
    error = failure(host, tool, {"a": 1, "b": "x"})
    assert error.code == "INVALID_ARGUMENT"
    assert error.failure.message == f"{tool}(): argument 'b' must be float; got str (\"x\")"
    assert dict(error.failure.details) == {"tool": f'"{tool}"', "argument": '"b"'}


def test_streaming_must_match_between_call_and_tool(host: Host) -> None:
    assert failure(host, "count", {"to": 1}).failure.message == "count() streams; call it with stream()"
    error = failure(host, "add", {"a": 1, "b": 1}, streaming=True, credit=1)
    assert (error.code, error.failure.message) == ("INVALID_ARGUMENT", "add() does not stream; call it with execute()")


def test_arguments_that_cannot_be_decoded_are_rejected(host: Host) -> None:
    call_id, frame, _ = host.call_frame("echo")
    frame.call.args.body = b"\xc1"
    host.send(frame)
    with pytest.raises(CallFailedError, match="SERIALIZATION: echo\\(\\): cannot decode a value"):
        host.answer(call_id)


def test_an_exception_of_a_tool_is_reported_with_its_traceback(host: Host) -> None:
    error = failure(host, "fail", {"message": "it broke"})
    assert (error.code, error.failure.message) == ("PYTHON_EXCEPTION", "fail() raised ValueError: it broke")
    python = error.failure.python
    assert (python.type, python.module, python.message) == ("ValueError", "builtins", "it broke")
    assert "in fail\n" in python.traceback
    assert "snakepit_bridge" not in python.traceback
    assert not python.HasField("cause")


def test_the_cause_of_an_exception_is_reported(host: Host) -> None:
    python = failure(host, "fail_with_cause").failure.python
    assert (python.type, python.cause.type, python.cause.message) == ("RuntimeError", "KeyError", "'key'")
    assert "direct cause of the following exception" in python.traceback


def test_an_exception_of_an_async_tool_is_reported(host: Host) -> None:
    error = failure(host, "fail_later")
    assert (error.code, error.failure.message) == ("PYTHON_EXCEPTION", "fail_later() raised ValueError: later")
    assert "asyncio" not in error.failure.python.traceback


@pytest.mark.parametrize(
    ("tool", "arguments", "code", "message"),
    [
        (
            "fail",
            {"kind": "MemoryError"},
            "OUT_OF_MEMORY",
            "fail() ran out of memory; do less in one call, run fewer workers, or add memory to the machine or "
            "container",
        ),
        ("fail", {"kind": "SystemExit"}, "PYTHON_EXCEPTION", "fail() raised SystemExit: it broke"),
        ("interrupt_itself", {}, "PYTHON_EXCEPTION", "interrupt_itself() raised KeyboardInterrupt"),
        ("recurse", {}, "PYTHON_EXCEPTION", "recurse() raised RecursionError: maximum recursion depth exceeded"),
    ],
)
def test_the_worker_continues_after_exceptions_of_every_kind(
    host: Host, tool: str, arguments: Any, code: str, message: str
) -> None:
    error = failure(host, tool, arguments)
    assert error.code == code
    assert error.failure.message.startswith(message)
    assert host.execute("add", {"a": 1, "b": 2}) == 3.0


def test_a_value_that_cannot_be_sent_fails_the_call(host: Host) -> None:
    error = failure(host, "unsendable")
    assert error.code == "SERIALIZATION"
    assert "result.model[1]" in error.failure.message
    assert error.failure.details["path"] == '"result.model[1]"'


def test_a_value_that_is_too_large_fails_the_call(start: Starter) -> None:
    host = start(max_payload_bytes=100_000)
    assert len(host.execute("large", {"size": 90_000})) == 90_000
    error = failure(host, "large", {"size": 100_001})
    assert error.code == "PAYLOAD_TOO_LARGE"
    assert host.execute("add", {"a": 1, "b": 2}) == 3.0


def test_a_tool_can_read_the_context_of_its_call(host: Host) -> None:
    fields = {"correlation_id": "c", "remaining_ms": 30_000, "metadata": {"k": "v"}}
    assert host.execute("context", **fields) == ["c", None, None, {"k": "v"}, True]
    traceparent = f"00-{'ab' * 16}-{'cd' * 8}-01"
    fields = {"correlation_id": "d", "session_id": "s", "traceparent": traceparent}
    assert host.execute("context", **fields) == ["d", "s", traceparent, {}, False]


def test_an_unknown_frame_is_ignored(host: Host) -> None:
    host.send(Frame(), Frame(invalidate={"session_id": "s"}))
    host.cancel(99)
    host.grant(99, 1)
    assert host.execute("add", {"a": 1, "b": 2}) == 3.0


def test_tasks_continue_between_calls(host: Host) -> None:
    host.execute("begin_to_tick")
    before = host.execute("ticks_so_far")
    # As many round trips as it takes; each leaves the loop some time to wait for the next.
    for _ in range(10_000):
        if host.execute("ticks_so_far") > before + 3:
            return
    raise AssertionError("the task does not go on")


def test_a_tool_may_run_its_own_event_loop(host: Host) -> None:
    assert host.execute("run_a_loop") == 7
    assert host.execute("add_later", {"a": 1, "b": 2}) == 3.0
    assert host.execute("run_a_loop") == 7
    assert host.execute("add_later", {"a": 1, "b": 2}) == 3.0


def test_a_tool_may_use_its_own_signals(host: Host) -> None:
    assert host.execute("alarm_inside") == "rang"


def test_a_tool_may_fork(host: Host) -> None:
    assert host.execute("fork_and_print") == 0
    assert host.execute("fork_and_return") == "parent"
    assert host.execute("add", {"a": 1, "b": 2}) == 3.0
    host.send(Frame(shutdown={"grace_ms": 60_000}))
    assert host.exit_status() == 0
    assert "from the child" in host.output()


def test_an_adapter_executes_calls_between_setup_and_teardown(start: Starter, tmp_path: Any) -> None:
    path = tmp_path / "adapter.py"
    path.write_text(
        """
import asyncio
from snakepit_bridge import Adapter, tool

class Counter(Adapter):
    async def setup(self):
        await asyncio.sleep(0)
        self.count = 10

    async def teardown(self):
        await asyncio.sleep(0)
        print("torn down at", self.count)

    @tool
    def increment(self, by: int = 1) -> int:
        self.count += by
        return self.count

    @tool
    async def increment_later(self) -> int:
        return self.increment()
"""
    )
    host = start(f"{path}:Counter")
    assert host.execute("increment", {"by": 2}) == 12
    assert host.execute("increment_later") == 13
    host.send(Frame(drain={}))
    host.receive_until_closed()
    assert host.messages() == ["torn down at 13"]
    assert host.exit_status() == os.EX_OK
