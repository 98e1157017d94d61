from __future__ import annotations

import sys
from pathlib import Path

import pytest

from snakepit_bridge._proto.frames_pb2 import Frame

from .conftest import Starter
from .host import CallFailedError, Host
from .strange_exceptions import MAKERS

TARGET = str(Path(__file__).parent / "strange_exceptions.py")
KINDS = [kind for kind in MAKERS if kind != "group" or sys.version_info >= (3, 11)]


def failure(host: Host, call: int) -> CallFailedError:
    with pytest.raises(CallFailedError) as caught:
        host.answer(call)
    return caught.value


@pytest.mark.parametrize("tool", ["plain", "later", "stream", "stream_later"])
def test_any_exception_of_a_tool_is_reported_and_the_worker_continues_h7(start: Starter, tool: str) -> None:

    host = start(TARGET)
    streaming = tool.startswith("stream")
    for kind in KINDS:
        error = failure(host, host.start(tool, {"kind": kind}, streaming=streaming, credit=8))
        assert error.code == "PYTHON_EXCEPTION", kind
        assert error.failure.message.startswith(f"{tool}() raised "), kind
        assert error.failure.python.type, kind
        assert "strange_exceptions.py" in error.failure.python.traceback, kind
    assert host.execute("fine") == "fine"


def test_an_exception_without_a_readable_message_keeps_its_class_and_traceback_h7(start: Starter) -> None:

    host = start(TARGET)
    silent = failure(host, host.start("plain", {"kind": "silent"})).failure
    assert silent.message == "plain() raised SilentError: (its message is not available: SystemExit)"
    liar = failure(host, host.start("plain", {"kind": "liar"})).failure
    assert (liar.python.type, dict(liar.details)) == ("LiarError", {})
    homeless = failure(host, host.start("plain", {"kind": "homeless"})).failure
    assert (homeless.python.type, homeless.python.module) == ("HomelessError", "?")
    notes = failure(host, host.start("plain", {"kind": "notes-odd"})).failure
    assert list(notes.python.notes) == ["(a note that cannot be shown)", "\\ud800", "3"]
    number = failure(host, host.start("plain", {"kind": "notes-number"})).failure
    assert list(number.python.notes) == ["3"]
    huge = failure(host, host.start("plain", {"kind": "huge"})).failure
    assert len(huge.message) < 20_000


def test_any_exception_of_a_session_hook_is_reported_and_the_worker_continues_h7(start: Starter) -> None:

    host = start(f"{TARGET}:Hooked")
    for kind in KINDS:
        # These two are how a call is given up.
        if kind not in ("cancelled", "cancelled-error"):
            error = failure(host, host.start("fine", session_id=f"start:{kind}"))
            assert error.code == "PYTHON_EXCEPTION", kind
            assert error.failure.message.startswith("on_session_start() before fine() raised "), kind
        seen = len(host.logs)
        assert host.execute("fine", session_id=f"end:{kind}") == "fine"
        host.send(Frame(session_ended={"session_id": f"end:{kind}"}))
        assert host.execute("fine") == "fine"
        assert any("strange_exceptions.py" in message for message in host.messages()[seen:]), kind
    host.send(Frame(shutdown={"grace_ms": 60_000}))
    assert host.exit_status() == 0


@pytest.mark.parametrize("kind", ["notes-none", "unreadable", "silent", "property", "syntax", "keyboard-interrupt"])
@pytest.mark.parametrize("where", ["import", "constructor", "setup"])
def test_any_exception_before_a_worker_is_ready_is_reported_h7(
    start: Starter, tmp_path: Path, where: str, kind: str
) -> None:

    target = tmp_path / "raising.py"
    raising = f"strange_exceptions.MAKERS[{kind!r}]()"
    target.write_text(
        f"""
import sys
sys.path.insert(0, {str(Path(__file__).parent)!r})
import strange_exceptions
from snakepit_bridge import Adapter, tool

if {where == "import"}:
    raise {raising}

class Raising(Adapter):
    def __init__(self):
        if {where == "constructor"}:
            raise {raising}

    def setup(self):
        if {where == "setup"}:
            raise {raising}

    @tool
    def fine(self): ...
"""
    )
    host = start(f"{target}:Raising", accept=False)
    failed = host.receive_hello().failure
    assert failed.code == "WORKER_START_FAILED"
    assert "raising.py" in failed.message or "Raising" in failed.message
    assert failed.python.type
