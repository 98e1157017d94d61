from __future__ import annotations

from pathlib import Path

import pytest

from snakepit_bridge._proto.frames_pb2 import Frame
from snakepit_bridge.testing import ToolClient

from .conftest import Starter

TOOLS = str(Path(__file__).with_name("context_tools.py"))
UNTOUCHED = ["import", "setup", "default", "20"]
SET = ["mine", "mine", "mine", "5"]
SETTERS = ["set_all", "set_all_later", "set_all_in_steps", "set_all_in_later_steps"]


@pytest.mark.parametrize("setter", SETTERS)
@pytest.mark.parametrize("look", ["look", "look_later"])
def test_context_variables_of_a_call_are_not_visible_to_the_next_call(start: Starter, setter: str, look: str) -> None:
    """L1: context variables and the decimal context, which is one."""
    host = start(TOOLS)
    streams = "steps" in setter
    assert host.execute(look) == UNTOUCHED
    call = host.start(setter, {"value": "mine"}, **({"streaming": True, "credit": 8} if streams else {}))
    host.answer(call)
    if streams:
        assert host.chunks[call] == [SET, SET]
    assert host.execute("look") == UNTOUCHED
    assert host.execute("look_later") == UNTOUCHED


def test_calls_that_arrive_together_have_separate_contexts(start: Starter) -> None:
    """L1: the next task is created while the one before ends."""
    host = start(TOOLS)
    frames = [
        host.call_frame("set_all_later", {"value": "mine"}),
        host.call_frame("look_later"),
        host.call_frame("set_all", {"value": "mine"}),
        host.call_frame("look"),
    ]
    host.send(*(frame for _, frame, _ in frames))
    assert [host.answer(call) for call, _, _ in frames] == [None, UNTOUCHED, None, UNTOUCHED]


@pytest.mark.parametrize("is_async", [False, True])
def test_session_hooks_share_only_the_context_of_their_call(start: Starter, tmp_path: Path, is_async: bool) -> None:
    """L1: on_session_start belongs to its call, on_session_end has a separate context."""
    word = "async " if is_async else ""
    (tmp_path / "sessions.py").write_text(
        f"""
import contextvars
from snakepit_bridge import Adapter, tool

VAR = contextvars.ContextVar("var", default="default")

class Sessions(Adapter):
    {word}def on_session_start(self, session_id):
        VAR.set("start " + session_id)

    {word}def on_session_end(self, session_id):
        self.at_end = VAR.get()
        VAR.set("end " + session_id)

    @tool
    def look(self) -> list[str]:
        return [VAR.get(), getattr(self, "at_end", "")]
"""
    )
    host = start(f"{tmp_path / 'sessions.py'}:Sessions")
    assert host.execute("look", session_id="s1") == ["start s1", ""]
    assert host.execute("look", session_id="s1") == ["default", ""]
    host.send(Frame(session_ended={"session_id": "s1"}))
    assert host.execute("look") == ["default", "default"]


@pytest.mark.parametrize("setter", SETTERS)
def test_the_tool_client_runs_each_call_in_a_separate_context(setter: str) -> None:
    """L1: what a unit test sees is what a caller sees."""
    with ToolClient(TOOLS) as tools:
        if "steps" in setter:
            assert list(tools.stream(setter, value="mine")) == [SET, SET]
        else:
            tools.execute(setter, value="mine")
        assert tools.execute("look") == UNTOUCHED
        assert tools.execute("look_later") == UNTOUCHED
