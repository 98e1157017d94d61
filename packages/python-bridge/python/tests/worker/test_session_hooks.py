from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from snakepit_bridge._proto.frames_pb2 import Frame

from .conftest import Starter
from .host import CallFailedError, Host
from .test_lifecycle import shut_down
from .test_requests import code_of

HOOKS = """
import asyncio
import time
from snakepit_bridge import Adapter, current_call, tool

class Sessions(Adapter):
    def __init__(self):
        self.log = []
        self.fails = False
        self.waits = False

    {define} on_session_start(self, session_id):
        if self.waits:
            print("starting")
            {wait}
        if self.fails:
            raise OSError("no model")
        self.log.append(f"start {{session_id}} {{current_call().session_id}}")

    {define} on_session_end(self, session_id):
        if self.fails:
            raise OSError("cannot end")
        self.log.append(f"end {{session_id}}")
        print(f"end {{session_id}}")

    @tool
    def work(self) -> list[str]:
        return self.log

    @tool
    async def work_later(self) -> list[str]:
        return self.log

    @tool
    def count(self):
        yield from self.log

    @tool
    def fail(self, on: bool) -> None:
        self.fails = on

    @tool
    def wait(self, on: bool) -> None:
        self.waits = on

    def teardown(self):
        print("teardown")
"""


@pytest.fixture(params=["def", "async def"])
def host(request: pytest.FixtureRequest, start: Starter, tmp_path: Path) -> Host:
    path = tmp_path / "session_adapter.py"
    is_async = request.param == "async def"
    wait = "await asyncio.sleep(1000)" if is_async else "time.sleep(1000)"
    path.write_text(HOOKS.format(define=request.param, wait=wait))
    return start(f"{path}:Sessions")


TOOLS = pytest.mark.parametrize("tool", ["work", "work_later"])


def end_session(host: Host, session_id: str) -> None:
    host.send(Frame(session_ended={"session_id": session_id}))


@TOOLS
def test_a_session_starts_with_its_first_call_and_ends_once(host: Host, tool: str) -> None:
    assert host.execute(tool) == []
    assert host.execute(tool, session_id="a") == ["start a a"]
    assert host.execute(tool, session_id="a") == ["start a a"]
    assert host.execute(tool, session_id="b") == ["start a a", "start b b"]
    end_session(host, "a")
    end_session(host, "a")
    end_session(host, "unknown")
    assert host.execute(tool) == ["start a a", "start b b", "end a"]
    assert host.execute(tool, session_id="a")[-2:] == ["end a", "start a a"]


def test_a_streaming_call_starts_its_session(host: Host) -> None:
    call = host.start("count", streaming=True, credit=5, session_id="a")
    host.answer(call)
    assert host.chunks[call] == ["start a a"]


@TOOLS
def test_an_idle_worker_ends_sessions(host: Host, tool: str) -> None:
    host.execute(tool, session_id="a")
    end_session(host, "a")
    host.receive_until(lambda: "end a" in host.messages())


@TOOLS
def test_sessions_end_between_calls_in_the_order_of_the_frames(host: Host, tool: str) -> None:
    first, call, buffers = host.call_frame(tool, session_id="a")
    second, again, _ = host.call_frame(tool, session_id="a")
    host.send(call, Frame(session_ended={"session_id": "a"}), again, attachments=buffers)
    assert host.answer(first) == ["start a a"]
    assert host.answer(second) == ["start a a", "end a", "start a a"]


@TOOLS
def test_a_start_that_raises_fails_the_call(host: Host, tool: str) -> None:
    host.execute("fail", {"on": True})
    call = host.start(tool, session_id="a")
    message = rf"PYTHON_EXCEPTION: on_session_start\(\) before {tool}\(\) raised OSError: no model"
    with pytest.raises(CallFailedError, match=message) as caught:
        host.answer(call)
    assert caught.value.failure.python.type == "OSError"
    assert "snakepit_bridge" not in caught.value.failure.python.traceback
    end_session(host, "a")
    host.execute("fail", {"on": False})
    # It had not begun, so it has not ended; and the next call tries again.
    assert host.execute(tool, session_id="a") == ["start a a"]


def test_invalid_arguments_do_not_start_a_session(host: Host) -> None:
    call = host.start("work", {"superfluous": 1}, session_id="a")
    assert code_of(host, call) == "INVALID_ARGUMENT"
    assert host.execute("work") == []


@TOOLS
def test_the_start_of_a_session_can_be_cancelled(host: Host, tool: str) -> None:
    host.execute("wait", {"on": True})
    call = host.start(tool, session_id="a")
    host.receive_until(lambda: "starting" in host.messages())
    host.cancel(call)
    assert code_of(host, call) == "CANCELLED"
    host.execute("wait", {"on": False})
    assert host.execute(tool, session_id="a") == ["start a a"]


def test_an_exception_of_on_session_end_is_reported_and_has_no_other_effect(host: Host) -> None:
    host.execute("work", session_id="a")
    host.execute("fail", {"on": True})
    end_session(host, "a")
    host.receive_until(lambda: "OSError: cannot end" in host.messages())
    assert host.execute("work") == ["start a a"]


@TOOLS
def test_the_remaining_sessions_end_with_the_worker(host: Host, tool: str) -> None:
    host.execute(tool, session_id="a")
    host.execute(tool, session_id="b")
    shut_down(host)
    host.receive_until_closed()
    assert host.messages() == ["end a", "end b", "teardown"]
    assert host.exit_status() == 0


def test_sessions_end_while_the_worker_drains(host: Host) -> None:
    host.execute("work", session_id="a")
    end_session(host, "a")
    host.send(Frame(drain={}))
    host.receive_until_closed()
    assert host.messages() == ["end a", "teardown"]


def test_the_start_of_a_session_may_send_requests(start: Starter, tmp_path: Path) -> None:
    path = tmp_path / "asking_adapter.py"
    path.write_text(
        """
from snakepit_bridge import Adapter, tool
from snakepit_bridge._call import executing

class Asking(Adapter):
    def on_session_start(self, session_id):
        call = executing.get()
        self.facts = call.host.request("session.get", None, call)

    @tool
    def work(self):
        return self.facts

    @tool
    async def work_later(self):
        return self.facts
"""
    )
    for tool in ("work", "work_later"):
        host = start(f"{path}:Asking")

        def answer(asked: Any, host: Host = host) -> None:
            # A call that arrives with the answer is not forgotten.
            host.reply(asked.id, {"id": "a"})
            if asked.call_id == 1:
                host.start("work", session_id="b")

        host.on_request = answer
        assert host.execute(tool, session_id="a") == {"id": "a"}
        assert host.answer(2) == {"id": "a"}
