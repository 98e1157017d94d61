"""A tool that has used up all file descriptors."""

from __future__ import annotations

from pathlib import Path

import pytest

from .conftest import Starter
from .host import CallFailedError

TOOLS = """
import os
import resource
import time
from snakepit_bridge import tool

resource.setrlimit(resource.RLIMIT_NOFILE, (64, resource.getrlimit(resource.RLIMIT_NOFILE)[1]))
opened = []

def use_up():
    try:
        while True:
            opened.append(os.open(os.devnull, os.O_RDONLY))
    except OSError:
        return len(opened)

@tool
def use_up_all(until: str = "") -> int:
    count = use_up()
    while until and not os.path.exists(until):
        time.sleep(0.005)
    print("none is left")
    return count

@tool
def use_up_in_steps():
    yield use_up()
    yield len(opened)

@tool
def give_back() -> None:
    while opened:
        os.close(opened.pop())

@tool
def close_everything() -> None:
    \"\"\"Closes what daemonizing code closes, but not the standard streams and the sockets.\"\"\"
    for name in os.listdir("/proc/self/fd"):
        if int(name) > 2 and not os.path.realpath(f"/proc/self/fd/{name}").rpartition("/")[2].startswith("socket:"):
            try:
                os.close(int(name))
            except OSError:
                pass

@tool
def add(a: int, b: int) -> int:
    return a + b

@tool
async def add_later(a: int, b: int) -> int:
    return a + b
"""


@pytest.fixture
def target(tmp_path: Path) -> str:
    path = tmp_path / "descriptor_tools.py"
    path.write_text(TOOLS)
    return str(path)


@pytest.mark.parametrize("transport", ["socket", "grpc"])
def test_heartbeats_continue_without_a_free_descriptor(
    start: Starter, target: str, transport: str, tmp_path: Path
) -> None:
    """H9: while the tool runs, and while the worker is idle after it."""
    host = start(target, transport=transport, heartbeat_interval_ms=10)
    seen = tmp_path / "seen"
    call = host.start("use_up_all", {"until": str(seen)})
    host.receive_until(lambda: any(beat.active == 1 and beat.rss_bytes > 0 for beat in host.heartbeats))
    seen.touch()
    assert host.answer(call) > 10
    host.heartbeats.clear()
    host.receive_until(lambda: sum(beat.active == 0 for beat in host.heartbeats) >= 3)
    assert host.heartbeats[-1].rss_bytes > 1 << 20
    assert "none is left" in host.messages()
    assert host.execute("add", {"a": 1, "b": 2}) == 3


def test_streams_continue_without_a_free_descriptor(start: Starter, target: str) -> None:
    """H9: the other ways of a call."""
    host = start(target, heartbeat_interval_ms=10)
    call = host.start("use_up_in_steps", streaming=True, credit=1)
    host.receive_until(lambda: host.chunks.get(call))
    host.grant(call, 8)
    host.answer(call)
    assert len(set(host.chunks[call])) == 1


def test_an_async_tool_without_a_descriptor_for_its_loop_fails_and_the_worker_continues(
    start: Starter, target: str
) -> None:
    """H9: the event loop is created with the first async call."""
    host = start(target, heartbeat_interval_ms=10)
    host.execute("use_up_all")
    with pytest.raises(CallFailedError, match=r"PYTHON_EXCEPTION: .*Too many open files"):
        host.execute("add_later", {"a": 1, "b": 2})
    host.execute("give_back")
    assert host.execute("add_later", {"a": 1, "b": 2}) == 3


def test_heartbeats_continue_when_a_tool_has_closed_foreign_descriptors(start: Starter, target: str) -> None:
    """H9: code that closes all descriptors, as daemonizing code does."""
    host = start(target, heartbeat_interval_ms=10)
    host.execute("close_everything")
    host.heartbeats.clear()
    host.receive_until(lambda: len(host.heartbeats) >= 3)
    assert host.heartbeats[-1].rss_bytes > 1 << 20
