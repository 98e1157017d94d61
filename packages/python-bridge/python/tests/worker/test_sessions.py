"""Sessions in a worker process: the API of its tools, and the frames on the wire."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import msgspec
import numpy as np
import pytest

from snakepit_bridge import HostError
from snakepit_bridge._local_host import LocalHost
from snakepit_bridge._proto.frames_pb2 import Frame

from .conftest import Starter
from .host import Asked, CallFailedError, Host

TARGET = f"{Path(__file__).parent / 'session_tools.py'}:Sessions"
BOTH = pytest.mark.parametrize("later", ["", "_later"])


def scale(values: Any, factor: float) -> Any:
    return values * factor


def fail() -> None:
    raise HostError("QUOTA_EXCEEDED", "as the host reports it", {"limit": 7})


def count() -> Iterator[int]:
    # Within the credit that the worker grants at first.
    yield from range(6)


class State:
    """Answers the requests of a worker for its session."""

    def __init__(self, host: Host) -> None:
        self.host = host
        self.watches: list[int] = []
        self.local = LocalHost(
            session_id="s",
            session_metadata={"user": "ada"},
            variables={"t": 0.5, "weights": np.arange(3.0)},
            programs={},
            host_tools={"scale": scale, "fail": fail, "count": count},
            finish=lambda outcome: outcome,
        )
        host.on_request = self.answer

    @property
    def methods(self) -> list[str]:
        """What was asked for, forgotten with this."""
        methods = [asked.method for asked in self.host.asked]
        self.host.asked.clear()
        return methods

    def answer(self, asked: Asked) -> None:
        if asked.method == "variables.watch":
            self.watches.append(asked.id)
            self.notify_watchers()
            return
        if asked.payload.get("tool") == "never":
            return
        try:
            if asked.streaming:
                self.host.reply_chunks(asked.id, *self.local.stream(asked.method, asked.payload, None, root="x"))
                self.host.end_reply(asked.id)
            else:
                self.host.reply(asked.id, self.local.request(asked.method, asked.payload, None, root="x"))
        except HostError as error:
            details = {key: msgspec.json.encode(value).decode() for key, value in error.details.items()}
            self.host.reject(asked.id, error.code, str(error), details=details)

    def change(self, name: str, value: Any, *, notifies: bool = True) -> None:
        """Another writer changes a variable."""
        write = {"name": name, "value": value, "version": None}
        self.local.request("variables.set", {"writes": [write], "atomic": False}, None, root="x")
        if notifies:
            self.host.send(Frame(invalidate={"session_id": "s", "keys": [name]}))

    def notify_watchers(self) -> None:
        fields = self.local.request("variables.get", {"names": ["t"]}, None, root="x")["variables"]["t"]
        for watch in self.watches:
            self.host.reply_chunks(watch, {**fields, "name": "t", "deleted": False})


@pytest.fixture
def state(start: Starter) -> State:
    return State(start(TARGET))


def code_of(host: Host, call_id: int) -> str:
    with pytest.raises(CallFailedError) as caught:
        host.answer(call_id)
    return caught.value.code


@BOTH
def test_tools_read_and_write_variables(state: State, later: str) -> None:
    host = state.host
    assert host.execute(f"read{later}", {"names": ["t", "t", "t"]}, session_id="s") == [0.5, 0.5, 0.5]
    # Once for the hook, and remembered from then on.
    assert state.methods == ["variables.get"]
    weights, t = host.execute(f"read{later}", {"names": ["weights", "t"]}, session_id="s")
    assert (weights.tolist(), t) == ([0, 1, 2], 0.5)
    assert [asked.call_id for asked in host.asked] == [2]
    state.host.asked.clear()
    state.change("t", 0.75)
    assert host.execute(f"read{later}", {"names": ["t"]}, session_id="s") == [0.75]
    assert host.execute(f"write{later}", {"name": "t", "value": 2}, session_id="s") == 3
    assert host.execute(f"read{later}", {"names": ["t"]}, session_id="s") == [2.0]
    assert state.methods == ["variables.get", "variables.set"]
    with pytest.raises(CallFailedError) as caught:
        host.execute(f"write{later}", {"name": "t", "value": "warm"}, session_id="s")
    assert caught.value.code == "PYTHON_EXCEPTION"
    python = caught.value.failure.python
    assert (python.module, python.type) == ("snakepit_bridge", "VariableError")
    assert 'variable "t"' in python.message
    assert state.methods == []


@pytest.mark.parametrize("name", ["read_in_thread", "read_concurrently"])
def test_threads_of_a_tool_may_use_variables(state: State, name: str) -> None:
    assert state.host.execute(name, {"name": "t"}, session_id="s") == 0.5


@BOTH
def test_a_call_without_a_session_has_no_variables(state: State, later: str) -> None:
    with pytest.raises(CallFailedError) as caught:
        state.host.execute(f"read{later}", {"names": ["t"]})
    python = caught.value.failure.python
    assert (python.module, python.type) == ("snakepit_bridge", "NoSessionError")
    assert state.host.execute(f"scale{later}", {"values": 2, "factor": 3.0}) == 6
    assert state.host.execute("sessions") == []


@pytest.mark.parametrize("kept", ["read_with_kept", "stream_with_kept"])
def test_a_session_context_that_outlives_its_call_is_rejected(state: State, kept: str) -> None:
    state.host.execute("keep", session_id="s")
    state.host.asked.clear()
    arguments = {"name": "weights"} if kept == "read_with_kept" else {}
    outcome = state.host.execute(kept, arguments, session_id="s")
    assert outcome[1:3] == [
        "CANCELLED",
        "the call of keep() that sent this request has ended; use a session context only while its call runs",
    ]
    assert state.methods == []


def test_a_context_reports_its_call(state: State) -> None:
    about = state.host.execute("about", session_id="s", correlation_id="c", remaining_ms=60_000)
    assert about == ["s", "c", True, {"user": "ada"}]


@BOTH
def test_tools_call_host_tools(state: State, later: str) -> None:
    array = np.arange(200_000.0)
    scaled = state.host.execute(f"scale{later}", {"values": array, "factor": 2.0}, session_id="s")
    assert np.array_equal(scaled, array * 2)
    with pytest.raises(CallFailedError) as caught:
        state.host.execute(f"fail{later}", session_id="s")
    python = caught.value.failure.python
    assert (caught.value.code, python.module, python.type, python.message) == (
        "PYTHON_EXCEPTION",
        "snakepit_bridge",
        "HostToolError",
        "as the host reports it",
    )
    assert state.host.execute("describe_failure") == [
        "HostToolError",
        "QUOTA_EXCEEDED",
        "as the host reports it",
        {"limit": 7},
    ]


@BOTH
def test_tools_consume_streaming_host_tools(state: State, later: str) -> None:
    host = state.host
    assert host.execute(f"add_up{later}", session_id="s") == 15
    assert host.execute(f"add_up{later}", {"until": 3}, session_id="s") == 6


@BOTH
def test_changes_of_other_clients_invalidate_the_cache(state: State, later: str) -> None:
    host = state.host
    call = host.start(f"follow{later}", session_id="s", streaming=True, credit=100)
    host.receive_until(lambda: len(host.chunks.get(call, [])) == 1)
    # With and without a notice that the value is stale.
    for value, notifies in ((1.0, True), (2.0, False)):
        state.change("t", value, notifies=notifies)
        state.notify_watchers()
        host.receive_until(lambda: host.chunks[call][-1] == [value, value])  # noqa: B023
    host.cancel(call)
    assert code_of(host, call) == "CANCELLED"
    assert host.execute(f"read{later}", {"names": ["t"]}, session_id="s") == [2.0]


@BOTH
def test_a_cancelled_call_ends_its_requests_to_the_session(state: State, later: str) -> None:
    host = state.host
    call = host.start(f"wait_forever{later}", session_id="s")
    host.receive_until(lambda: any(asked.method == "tools.call" for asked in host.asked))
    host.cancel(call)
    assert code_of(host, call) == "CANCELLED"
    assert host.execute(f"read{later}", {"names": ["t"]}, session_id="s") == [0.5]


@BOTH
def test_sessions_start_and_end(state: State, later: str) -> None:
    host = state.host
    read = {"names": ["t"]}
    host.execute(f"read{later}", read, session_id="s")
    host.execute(f"read{later}", read, session_id="s")
    assert host.execute("sessions", session_id="s") == ["+s 0.5"]
    host.execute("about", session_id="other")
    state.methods.clear()
    host.send(Frame(session_ended={"session_id": "s"}))
    assert host.execute("sessions") == ["+s 0.5", "+other 0.5", "-s"]
    # Nothing of it is cached.
    state.change("t", 0.75, notifies=False)
    assert host.execute(f"read{later}", read, session_id="s") == [0.75]
    assert host.execute("sessions")[-1] == "+s 0.75"
