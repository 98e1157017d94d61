from __future__ import annotations

import os
import signal
import time
from pathlib import Path
from typing import Any

import pytest

from snakepit_bridge._proto.failure_pb2 import Failure
from snakepit_bridge._proto.frames_pb2 import Frame, Reject

from .conftest import Starter
from .host import PATIENCE_S, CallFailedError, Host

HOST_LOST = 69
PROTOCOL = 76
REJECTED = 77


def shut_down(host: Host, grace_ms: int = 60_000) -> None:
    host.send(Frame(shutdown={"grace_ms": grace_ms}))


def begin(host: Host, tool: str, arguments: Any = None) -> int:
    call_id = host.start(tool, arguments)
    host.receive_until(lambda: host.logs)
    return call_id


def is_alive(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except OSError:
        return False


@pytest.mark.parametrize("transport", ["socket", "grpc"])
def test_shutdown_ends_an_idle_worker(start: Starter, transport: str) -> None:
    host = start(transport=transport)
    host.execute("add", {"a": 1, "b": 2})
    shut_down(host)
    assert host.exit_status() == 0
    assert host.output() == ""


@pytest.mark.parametrize("tool", ["wait_in", "wait_forever"])
def test_shutdown_of_a_busy_worker_cancels_its_call(host: Host, tool: str) -> None:
    call = begin(host, tool, {"what": "sleep"} if tool == "wait_in" else {})
    waiting = host.start("add", {"a": 1, "b": 2})
    shut_down(host)
    for each in (call, waiting):
        with pytest.raises(CallFailedError, match="SHUTTING_DOWN"):
            host.answer(each)
    assert host.exit_status() == 0


@pytest.mark.parametrize("tool", ["add", "add_later"])
def test_shutdown_ends_a_worker_after_async_calls(host: Host, tool: str) -> None:
    host.execute("add_later", {"a": 1, "b": 2})
    host.execute(tool, {"a": 1, "b": 2})
    shut_down(host)
    assert host.exit_status() == 0


def test_a_tool_that_exceeds_the_grace_period_is_killed(start: Starter) -> None:
    host = start(new_session=True)
    begin(host, "ignore_cancellation")
    shut_down(host, grace_ms=100)
    assert host.exit_status() == -signal.SIGKILL


def test_drain_lets_calls_finish(host: Host) -> None:
    first = host.start("add_later", {"a": 1, "b": 2, "delay": 0.05})
    second = host.start("add", {"a": 1, "b": 3})
    host.send(Frame(drain={}))
    assert host.answer(first) == 3.0
    assert host.answer(second) == 4.0
    assert host.exit_status() == 0


def test_drain_ends_an_idle_worker(host: Host) -> None:
    host.send(Frame(drain={}))
    assert host.exit_status() == 0


@pytest.mark.parametrize("tool", ["wait_in", "wait_forever"])
def test_a_draining_worker_still_receives_cancellations(host: Host, tool: str) -> None:
    call = begin(host, tool, {"what": "sleep"} if tool == "wait_in" else {})
    host.send(Frame(drain={}))
    host.cancel(call)
    with pytest.raises(CallFailedError, match="CANCELLED"):
        host.answer(call)
    assert host.exit_status() == 0


@pytest.mark.parametrize("transport", ["socket", "grpc"])
@pytest.mark.parametrize("tool", [None, "add", "add_later"])
def test_an_idle_worker_ends_when_the_host_is_gone(start: Starter, transport: str, tool: str | None) -> None:
    host = start(transport=transport)
    if tool is not None:
        host.execute(tool, {"a": 1, "b": 2})
    host.peer.hang_up()
    assert host.exit_status() == HOST_LOST
    assert "snakepit worker worker-1 of pool 'default': the host closed the connection" in host.output()


@pytest.mark.parametrize("transport", ["socket", "grpc"])
@pytest.mark.parametrize("tool", ["wait_in", "wait_forever"])
def test_a_running_tool_is_cancelled_when_the_host_is_gone(start: Starter, transport: str, tool: str) -> None:
    host = start(transport=transport)
    begin(host, tool, {"what": "sleep"} if tool == "wait_in" else {})
    host.peer.hang_up()
    assert host.exit_status() == HOST_LOST
    assert "cancelled: " in host.output()


def test_a_tool_that_ignores_cancellation_is_killed_when_the_host_is_gone(start: Starter) -> None:
    host = start(new_session=True, lost_grace_s=1.0)
    child = host.execute("start_child")
    begin(host, "ignore_cancellation")
    host.peer.hang_up()
    assert host.exit_status() == -signal.SIGKILL
    wait_until_dead(child)


def test_a_stream_that_waits_for_credit_ends_when_the_host_is_gone(host: Host) -> None:
    call = host.start("count", {"to": 10}, streaming=True, credit=2)
    host.receive_until(lambda: len(host.chunks.get(call, ())) == 2)
    host.peer.hang_up()
    assert host.exit_status() == HOST_LOST


def test_processes_that_a_tool_started_end_with_the_worker(start: Starter) -> None:
    host = start(new_session=True)
    child = host.execute("start_child")
    assert is_alive(child)
    shut_down(host)
    assert host.exit_status() == 0
    wait_until_dead(child)


def wait_until_dead(pid: int) -> None:
    give_up_at = time.monotonic() + PATIENCE_S
    while is_alive(pid):
        assert time.monotonic() < give_up_at
        time.sleep(0.01)


def test_a_crash_closes_the_connection(host: Host) -> None:
    host.start("crash")
    host.receive_until_closed()
    assert host.exit_status() == 3


def test_garbage_from_the_host_ends_the_worker(host: Host) -> None:
    host.peer.send_raw(b"\x00\x00\x00\x04\xff\xff\xff\xff")  # type: ignore[attr-defined]
    assert host.exit_status() == PROTOCOL
    assert "the host sent an invalid batch of frames" in host.output()


def test_garbage_from_the_host_ends_a_running_tool(host: Host) -> None:
    begin(host, "wait_in", {"what": "sleep"})
    host.peer.send_raw(b"\xff" * 8)  # type: ignore[attr-defined]
    assert host.exit_status() == PROTOCOL
    assert "the host sent a record of 4,294,967,295 bytes; the limit is" in host.output()


def test_a_second_call_with_the_same_id_ends_the_worker(host: Host) -> None:
    # Only one of them could be cancelled.
    call_id = host.start("wait_in", {"what": "sleep"})
    _, frame, _ = host.call_frame("echo", {"value": 1})
    frame.call.id = call_id
    host.send(frame)
    assert host.exit_status() == PROTOCOL
    assert f"the host sent a call with the id {call_id}, which is in use" in host.output()


def test_missing_attachments_end_the_worker(host: Host) -> None:
    _, frame, _ = host.call_frame("echo", {"value": None})
    frame.call.args.buffer_lengths[:] = [1, 1]
    host.send(frame, attachments=[b"x"])
    assert host.exit_status() == PROTOCOL
    assert "the host sent 1 attachments where its frames name 2" in host.output()


def test_a_worker_that_the_host_rejects_exits_with_77(start: Starter) -> None:
    host = start(accept=False)
    host.receive_hello()
    host.send(Frame(reject=Reject(failure=Failure(code="UNAUTHENTICATED", message="the token is used up"))))
    assert host.exit_status() == REJECTED
    assert "the host rejected it: UNAUTHENTICATED: the token is used up" in host.output()


def test_an_unexpected_answer_to_hello_ends_the_worker(start: Starter) -> None:
    host = start(accept=False)
    host.receive_hello()
    host.send(Frame(drain={}))
    assert host.exit_status() == PROTOCOL
    assert "the host answered Hello with drain" in host.output()


def test_another_version_of_the_protocol_ends_the_worker(start: Starter) -> None:
    host = start(accept=False)
    host.receive_hello()
    host.send(Frame(accept={"protocol": 2, "max_payload_bytes": 1000}))
    assert host.exit_status() == PROTOCOL
    assert "the host uses version 2 of the protocol" in host.output()


def test_a_connection_closed_at_hello_ends_the_worker(start: Starter) -> None:
    host = start(accept=False)
    host.receive_hello()
    host.peer.hang_up()
    assert host.exit_status() == HOST_LOST


@pytest.mark.parametrize("transport", ["socket", "grpc"])
def test_a_target_that_cannot_be_loaded_is_reported(start: Starter, transport: str, tmp_path: Path) -> None:
    path = tmp_path / "broken.py"
    path.write_text("import nothing_of_this_name\n")
    host = start(str(path), accept=False, transport=transport)
    hello = host.receive_hello()
    assert hello.token == host.token
    assert hello.failure.code == "WORKER_START_FAILED"
    assert "requires the module 'nothing_of_this_name'" in hello.failure.message
    assert dict(hello.failure.details) == {"permanent": "true"}
    assert hello.failure.python.type == "ModuleNotFoundError"
    host.peer.hang_up()
    assert host.exit_status() == 1
    # The host has received it; the user need not read it twice.
    assert host.output() == ""


@pytest.mark.parametrize(
    ("method", "message"),
    [
        ("def __init__", "the constructor of the adapter Model raised OSError: no model"),
        ("def setup", "setup() of '{target}' raised OSError: no model"),
        ("async def setup", "setup() of '{target}' raised OSError: no model"),
    ],
)
def test_a_failed_setup_of_an_adapter_is_reported(start: Starter, tmp_path: Path, method: str, message: str) -> None:
    path = tmp_path / "broken_adapter.py"
    path.write_text(
        f"""
from snakepit_bridge import Adapter, tool

class Model(Adapter):
    {method}(self):
        raise OSError("no model")

    @tool
    def run(self): ...
"""
    )
    host = start(f"{path}:Model", accept=False)
    hello = host.receive_hello()
    assert hello.failure.message == message.format(target=f"{path}:Model")
    assert dict(hello.failure.details) == {"permanent": "false"}
    assert "snakepit_bridge" not in hello.failure.python.traceback
    host.peer.hang_up()
    assert host.exit_status() == 1


def test_an_exception_of_teardown_is_reported_and_has_no_other_effect(start: Starter, tmp_path: Path) -> None:
    path = tmp_path / "leaving.py"
    path.write_text(
        """
from snakepit_bridge import Adapter, tool

class Model(Adapter):
    def teardown(self):
        raise OSError("cannot leave")

    @tool
    def run(self): ...
"""
    )
    host = start(f"{path}:Model")
    shut_down(host)
    host.receive_until_closed()
    assert "OSError: cannot leave" in host.messages()
    assert host.exit_status() == 0


def test_a_teardown_that_hangs_is_killed(start: Starter, tmp_path: Path) -> None:
    path = tmp_path / "hanging.py"
    path.write_text(
        """
import time
from snakepit_bridge import Adapter, tool

class Model(Adapter):
    def teardown(self):
        time.sleep(1000)

    @tool
    def run(self): ...
"""
    )
    host = start(f"{path}:Model")
    shut_down(host, grace_ms=100)
    assert host.exit_status() == 0


def test_a_worker_ends_when_no_host_listens(start: Starter) -> None:
    host = start(accept=False)
    host.peer.close()
    assert host.exit_status() == HOST_LOST


def test_heartbeats_are_sent_while_the_worker_is_idle_and_while_it_is_busy(start: Starter) -> None:
    host = start(heartbeat_interval_ms=10)
    host.receive_until(lambda: len(host.heartbeats) >= 2)
    assert host.heartbeats[-1].active == 0
    resident = host.heartbeats[-1].rss_bytes
    pages = int(Path(f"/proc/{host.process.pid}/statm").read_text().split()[1])
    assert abs(resident - pages * os.sysconf("SC_PAGE_SIZE")) < 1 << 24
    call = begin(host, "wait_in", {"what": "loop"})
    host.receive_until(lambda: any(beat.active == 1 and beat.last_progress_ms >= 50 for beat in host.heartbeats))
    host.cancel(call)
    with pytest.raises(CallFailedError, match="CANCELLED"):
        host.answer(call)


def test_an_idle_worker_sleeps(start: Starter) -> None:
    host = start(heartbeat_interval_ms=100)
    for tool in ("add", "add_later"):
        host.execute(tool, {"a": 1, "b": 2})
        # Time to calm down, and then five heartbeats.
        host.heartbeats.clear()
        host.receive_until(lambda: len(host.heartbeats) == 2)
        expect_sleep(host, heartbeat_interval_s=0.1)


def expect_sleep(host: Host, *, heartbeat_interval_s: float) -> None:
    """Checks that a worker only wakes up for its heartbeats. Load may pause the test for several of them.

    Measured again after too many, at most twice: a page that must be read from the disk is a context switch, too.
    """
    measured = []
    for _ in range(3):
        seen = len(host.heartbeats)
        begun = time.monotonic()
        before = context_switches(host.process.pid)
        host.receive_until(lambda: len(host.heartbeats) >= seen + 5)  # noqa: B023
        made = context_switches(host.process.pid) - before
        most = 3 * (1 + (time.monotonic() - begun) / heartbeat_interval_s)
        if made <= most:
            return
        measured.append((made, most))
    pytest.fail(f"{measured} context switches and their limits")


def context_switches(pid: int) -> int:
    total = 0
    for task in Path(f"/proc/{pid}/task").iterdir():
        for line in (task / "status").read_text().splitlines():
            if line.startswith("voluntary_ctxt_switches"):
                total += int(line.split()[1])
    return total


def test_a_worker_on_the_socket_loads_neither_grpc_nor_asyncio(start: Starter, tmp_path: Path) -> None:
    path = tmp_path / "lean.py"
    path.write_text(
        """
import sys
from snakepit_bridge import tool

@tool
def loaded() -> list[str]:
    return [name for name in ("grpc", "asyncio", "numpy", "ctypes") if name in sys.modules]
"""
    )
    assert start(str(path), preloads=False).execute("loaded") == []
