"""Calls that are sent ahead of their start, and the permits for them."""

from __future__ import annotations

import os
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from snakepit_bridge._proto.failure_pb2 import Failure
from snakepit_bridge._proto.frames_pb2 import Drain, Frame, Recall, Reject, SessionEnded, Shutdown
from snakepit_bridge._worker.start_permits import StartPermits

from .host import CallFailedError, Host

_HOOKS = """
from snakepit_bridge import Adapter, tool

class Hooks(Adapter):
    def __init__(self):
        self.events = []

    def on_session_end(self, session_id):
        self.events.append(session_id)

    @tool
    def sessions(self) -> list[str]:
        return self.events
"""
_LOSSES = """
import socket
from pathlib import Path
from snakepit_bridge import tool
from snakepit_bridge._call import executing

@tool
def lose_connection() -> None:
    executing.get().host._transport._socket.shutdown(socket.SHUT_RDWR)

@tool
async def lose_connection_later() -> None:
    lose_connection()

@tool
def touch(path: str) -> None:
    Path(path).touch()

@tool
async def touch_later(path: str) -> None:
    touch(path)
"""
Starter = Callable[..., Host]


class Permits:
    """The host's end of the pipe."""

    def __init__(self, host: Host) -> None:
        self._host = host
        self.path = pipe_of(host)
        self._descriptor = os.open(self.path, os.O_RDWR | os.O_NONBLOCK)
        Path(self.path).unlink()

    def put(self, *call_ids: int) -> None:
        os.write(self._descriptor, b"".join(each.to_bytes(4, "little") for each in call_ids))

    def all(self) -> list[int]:
        """Takes all permits."""
        try:
            data = os.read(self._descriptor, 4096)
        except BlockingIOError:
            return []
        return [int.from_bytes(data[at : at + 4], "little") for at in range(0, len(data), 4)]

    def take(self, call_id: int) -> bool:
        """Takes one permit, as the host does to recall a call; a :meth:`recall` must follow."""
        taken = self.all()
        self.put(*(each for each in taken if each != call_id))
        return call_id in taken

    def recall(self, *call_ids: int) -> None:
        self._host.send(Frame(recall=Recall(ids=call_ids)))

    def close(self) -> None:
        os.close(self._descriptor)


def pipe_of(host: Host) -> str:
    return str(Path(host.peer.address).parent / host.hello.start_permits)


@pytest.fixture
def permits(host: Host) -> Any:
    permits = Permits(host)
    yield permits
    permits.close()


def ahead(host: Host, tool: str = "add", arguments: Any = None, **fields: Any) -> int:
    return host.start(tool, {"a": 1, "b": 2} if arguments is None else arguments, ahead=True, **fields)


def wait_until_running(host: Host) -> int:
    """Starts a call that runs until it is cancelled."""
    running = host.start("wait_in", {"what": "sleep"})
    host.receive_until(lambda: "waiting in sleep" in host.messages())
    return running


def end(host: Host, running: int) -> None:
    host.cancel(running)
    with pytest.raises(CallFailedError, match="CANCELLED"):
        host.answer(running)


class TestStarting:
    def test_calls_with_permits_are_executed_in_order(self, host: Host, permits: Permits) -> None:
        permits.put(1, 2, 3)
        for text in "abc":
            ahead(host, "echo", {"value": text})
        assert [host.answer(call_id) for call_id in (1, 2, 3)] == ["a", "b", "c"]
        assert permits.all() == []

    def test_permits_that_arrive_long_before_their_frames_are_kept(self, host: Host, permits: Permits) -> None:
        permits.put(1, 2)
        assert host.answer(ahead(host)) == 3
        assert host.answer(ahead(host)) == 3

    def test_a_call_starts_only_when_the_worker_has_finished_the_one_before(self, host: Host, permits: Permits) -> None:
        running = wait_until_running(host)
        permits.put(2)
        waiting = ahead(host)
        assert permits.take(2)
        permits.put(2)
        end(host, running)
        assert host.answer(waiting) == 3

    def test_a_call_without_a_permit_waits_until_a_recall_frame_makes_the_worker_look_again(
        self, host: Host, permits: Permits
    ) -> None:
        waiting = ahead(host)
        permits.put(waiting)
        permits.recall()
        assert host.answer(waiting) == 3

    def test_async_and_other_tools_start_in_order(self, host: Host, permits: Permits) -> None:
        assert host.execute("add_later", {"a": 0, "b": 0}) == 0
        permits.put(2, 3, 4)
        calls = [ahead(host, "add_later"), ahead(host), ahead(host, "add_later")]
        assert [host.answer(each) for each in calls] == [3, 3, 3]

    def test_a_worker_that_waits_in_its_event_loop_looks_again_after_a_recall(
        self, host: Host, permits: Permits
    ) -> None:
        assert host.execute("add_later", {"a": 0, "b": 0}) == 0
        waiting = ahead(host, "add_later")
        permits.put(waiting)
        permits.recall()
        assert host.answer(waiting) == 3

    @pytest.mark.parametrize("tool", ["count", "count_later"])
    def test_a_generator_can_be_sent_ahead(self, host: Host, permits: Permits, tool: str) -> None:
        permits.put(1, 2)
        stream = ahead(host, tool, {"to": 3}, streaming=True, credit=5)
        after = ahead(host)
        host.answer(stream)
        assert host.chunks[stream] == [0, 1, 2]
        assert host.answer(after) == 3

    def test_ordinary_calls_and_calls_ahead_keep_their_order(self, host: Host, permits: Permits) -> None:
        running = wait_until_running(host)
        permits.put(2)
        calls = [ahead(host, "echo", {"value": "ahead"}), host.start("echo", {"value": "ordinary"})]
        end(host, running)
        host.receive_until(lambda: any(host.is_answered(each) for each in calls))
        assert host.is_answered(calls[0])
        assert [host.answer(each) for each in calls] == ["ahead", "ordinary"]

    def test_the_end_of_a_session_between_calls_is_handled_in_order(self, start: Starter, tmp_path: Path) -> None:
        path = tmp_path / "hooks.py"
        path.write_text(_HOOKS)
        host = start(f"{path}:Hooks")
        permits = Permits(host)
        permits.put(1, 2)
        calls = [ahead(host, "sessions", {}, session_id="s"), ahead(host, "sessions", {}, session_id="s")]
        host.send(Frame(session_ended=SessionEnded(session_id="s")))
        calls.append(host.start("sessions"))
        assert [len(host.answer(each)) for each in calls] == [0, 0, 1]
        permits.close()


class TestRecalling:
    def test_a_recalled_call_never_starts_and_is_never_answered(self, host: Host, permits: Permits) -> None:
        running = wait_until_running(host)
        permits.put(2, 3)
        recalled = ahead(host, "wait_in", {"what": "loop"})
        kept = ahead(host)
        assert permits.take(recalled)
        permits.recall(recalled)
        end(host, running)
        assert host.answer(kept) == 3
        assert host.execute("echo", {"value": 1}) == 1
        assert not host.is_answered(recalled)
        assert "waiting in loop" not in host.messages()

    @pytest.mark.parametrize("started", [True, False])
    def test_only_calls_that_were_sent_ahead_are_recalled(self, host: Host, permits: Permits, *, started: bool) -> None:
        """Found by fuzzing: a recalled stream that waited for credit could not be cancelled; the worker was stuck."""
        stream = host.start("count", {"to": 3}, streaming=True, credit=1)
        if started:
            host.receive_until(lambda: host.chunks.get(stream))
        permits.recall(stream)
        host.cancel(stream)
        with pytest.raises(CallFailedError, match="CANCELLED"):
            host.answer(stream)
        assert host.execute("add", {"a": 1, "b": 2}) == 3

    def test_the_recall_frame_may_come_after_the_worker_has_skipped_the_call(
        self, host: Host, permits: Permits
    ) -> None:
        running = wait_until_running(host)
        permits.put(2, 3)
        recalled, kept = ahead(host, "wait_in", {"what": "loop"}), ahead(host)
        assert permits.take(recalled)
        end(host, running)
        assert host.answer(kept) == 3
        permits.recall(recalled)
        assert host.execute("echo", {"value": 1}) == 1
        assert not host.is_answered(recalled)

    def test_the_permit_of_a_call_whose_frame_has_not_arrived_is_kept_while_recalled_calls_are_dropped(
        self, host: Host, permits: Permits
    ) -> None:
        ahead(host, "wait_in", {"what": "loop"})
        permits.put(2)
        permits.recall()
        assert host.answer(ahead(host)) == 3
        permits.recall(1)
        assert host.answer(host.start("echo", {"value": 1})) == 1
        assert not host.is_answered(1)

    def test_all_calls_of_a_busy_worker_can_be_recalled(self, host: Host, permits: Permits) -> None:
        running = host.start("wait_in", {"what": "loop"})
        host.receive_until(lambda: "waiting in loop" in host.messages())
        permits.put(*range(2, 34))
        calls = [ahead(host, "echo", {"value": i}) for i in range(32)]
        assert permits.all() == calls
        permits.recall(*calls)
        end(host, running)
        assert host.execute("echo", {"value": "next"}) == "next"
        assert not any(host.is_answered(each) for each in calls)

    def test_a_host_that_takes_permits_all_the_time_and_the_worker_never_both_get_one(
        self, host: Host, permits: Permits
    ) -> None:
        recalled, calls = set(), []
        for batch in range(40):
            ids = range(batch * 10 + 1, batch * 10 + 11)
            permits.put(*ids)
            calls += [ahead(host, "echo", {"value": i}) for i in ids]
            for call_id in list(ids)[::-3]:
                if permits.take(call_id):
                    recalled.add(call_id)
                    permits.recall(call_id)
                else:
                    permits.recall()
        for call_id in calls:
            if call_id not in recalled:
                assert host.answer(call_id) == call_id
        assert host.execute("echo", {"value": "end"}) == "end"
        assert not any(host.is_answered(each) for each in recalled)
        assert permits.all() == []


class TestEnding:
    def test_a_drained_worker_executes_the_calls_that_it_has_permits_for(self, host: Host, permits: Permits) -> None:
        running = wait_until_running(host)
        permits.put(2)
        waiting = ahead(host)
        host.send(Frame(drain=Drain()))
        end(host, running)
        assert host.answer(waiting) == 3
        host.receive_until_closed()
        assert host.exit_status() == 0

    @pytest.mark.parametrize("how", ["shutdown", "hang_up"])
    def test_a_worker_that_must_end_leaves_the_permits_of_calls_that_it_does_not_start(
        self, host: Host, permits: Permits, how: str
    ) -> None:
        running = wait_until_running(host)
        permits.put(2, 3)
        calls = [ahead(host, "wait_in", {"what": "loop"}), ahead(host)]
        if how == "shutdown":
            host.send(Frame(shutdown=Shutdown(grace_ms=60_000)))
            with pytest.raises(CallFailedError):
                host.answer(running)
        else:
            host.peer.hang_up()
        host.receive_until_closed()
        host.exit_status()
        assert permits.all() == calls
        assert not any(host.is_answered(each) for each in calls)

    def test_after_the_death_of_a_worker_the_permits_show_what_it_has_not_started(
        self, host: Host, permits: Permits
    ) -> None:
        permits.put(1, 2, 3)
        first = ahead(host, "wait_in", {"what": "sleep"})
        others = [ahead(host), ahead(host)]
        host.receive_until(lambda: "waiting in sleep" in host.messages())
        host.process.send_signal(9)
        assert host.exit_status() == -9
        assert permits.all() == others
        assert not host.is_answered(first)

    @pytest.mark.parametrize("suffix", ["", "_later"])
    def test_a_worker_that_cannot_send_an_answer_starts_no_call_ahead(
        self, start: Starter, tmp_path: Path, suffix: str
    ) -> None:
        (tmp_path / "losses.py").write_text(_LOSSES)
        host = start(str(tmp_path / "losses.py"))
        permits = Permits(host)
        started = [tmp_path / name for name in "abc"]
        permits.put(1, 2, 3, 4)
        calls = [("lose_connection", {}), *(("touch", {"path": str(path)}) for path in started)]
        host.send(*(host.call_frame(tool + suffix, arguments, ahead=True)[1] for tool, arguments in calls))
        assert host.exit_status() == 69
        assert [path for path in started if path.exists()] == []
        assert permits.all() == [2, 3, 4]
        permits.close()


class TestExecutionTime:
    def test_a_result_and_a_failure_report_the_execution_time_without_the_wait(
        self, host: Host, permits: Permits
    ) -> None:
        reported: dict[int, int] = {}
        receive = host.peer.receive

        def record() -> Any:
            batch, attachments = receive()
            for frame in batch.frames:
                kind = frame.WhichOneof("kind")
                if kind in ("result", "call_failure"):
                    answer = getattr(frame, kind)
                    reported[answer.id] = answer.execution_us
            return batch, attachments

        host.peer.receive = record
        permits.put(2, 3)
        began = time.monotonic()
        slow = host.start("add_later", {"a": 1, "b": 2, "delay": 0.3})
        quick, failing = ahead(host), ahead(host, "fail", {})
        assert [host.answer(slow), host.answer(quick)] == [3, 3]
        with pytest.raises(CallFailedError, match="it broke"):
            host.answer(failing)
        total_us = (time.monotonic() - began) * 1_000_000
        assert 300_000 <= reported[slow] <= total_us
        assert 1 <= reported[quick] <= total_us - 300_000
        assert 1 <= reported[failing] <= total_us - 300_000


class TestPipe:
    def test_it_belongs_to_its_user_and_is_in_the_directory_of_the_socket(self, host: Host) -> None:
        status = Path(pipe_of(host)).stat()
        assert status.st_mode & 0o777 == 0o600
        assert host.hello.start_permits.endswith(".permits")

    def test_a_rejected_worker_removes_it(self, start: Starter) -> None:
        host = start(accept=False)
        host.receive_hello()
        path = Path(pipe_of(host))
        assert path.is_fifo()
        host.send(Frame(reject=Reject(failure=Failure(code="UNAUTHENTICATED", message="no"))))
        assert host.exit_status() != 0
        assert not path.exists()

    def test_a_grpc_worker_has_none(self, start: Starter) -> None:
        host = start(transport="grpc", accept=False)
        assert host.receive_hello().start_permits == ""
        host.send(Frame(reject=Reject(failure=Failure(code="UNAUTHENTICATED", message="no"))))
        host.exit_status()

    def test_without_a_directory_for_it_there_are_no_permits(self, tmp_path: Path) -> None:
        assert StartPermits.create(str(tmp_path / "missing" / "host.sock")) is None

    def test_take_distinguishes_the_call_another_call_and_no_permit(self, tmp_path: Path) -> None:
        permits = StartPermits.create(str(tmp_path / "host.sock"))
        assert permits is not None
        writer = os.open(tmp_path / permits.name, os.O_RDWR | os.O_NONBLOCK)
        try:
            assert permits.take(1) is None
            os.write(writer, (3).to_bytes(4, "little") + (0xFFFF_FFFF).to_bytes(4, "little"))
            assert permits.take(1) is False
            assert permits.take(2) is False
            assert permits.take(3) is True
            assert permits.take(0xFFFF_FFFF) is True
            assert permits.take(4) is None
        finally:
            os.close(writer)
            permits.discard()
        assert list(tmp_path.iterdir()) == []


@pytest.mark.skipif(not hasattr(os, "O_NOATIME"), reason="only Linux has the flag")
def test_the_pipe_is_opened_where_only_the_owner_may_omit_access_times(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    system_open = os.open

    def open_as_another_user(path: str, flags: int) -> int:
        if flags & os.O_NOATIME:
            raise PermissionError(1, "Operation not permitted", path)
        return system_open(path, flags)

    monkeypatch.setattr(os, "open", open_as_another_user)
    permits = StartPermits.create(str(tmp_path / "host.sock"))
    assert permits is not None
    with (tmp_path / permits.name).open("wb", buffering=0) as pipe:
        pipe.write((7).to_bytes(4, "little"))
        assert permits.take(7) is True
    permits.discard()
