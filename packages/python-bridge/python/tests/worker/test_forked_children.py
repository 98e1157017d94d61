"""Children that tools fork with ``os.fork``, and what they print when they end."""

from __future__ import annotations

from pathlib import Path

import pytest

from .conftest import Starter
from .host import Host
from .test_lifecycle import shut_down

TOOLS = """
import asyncio
import os
import sys
from collections.abc import Callable
from snakepit_bridge import tool


def forked(how: str) -> str:
    pid = os.fork()
    if pid:
        return f"child ended with {os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])}"
    if how == "sys.exit":
        sys.exit(0)
    if how == "os._exit":
        os._exit(0)
    return "returned by the child"


@tool
def fork(how: str) -> str:
    return forked(how)


@tool
async def fork_later(how: str) -> str:
    await asyncio.sleep(0)
    return forked(how)


@tool
async def fork_in_task(how: str) -> str:
    async def run() -> str:
        return forked(how)

    return await asyncio.create_task(run())


@tool
async def exit_in_task(status: int) -> int:
    async def run() -> int:
        pid = os.fork()
        if pid == 0:
            sys.exit(status)
        return os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])

    return await asyncio.create_task(run())


@tool
async def nothing() -> None:
    pass
"""


@pytest.fixture(params=["process", "thread", "async"])
def host(request: pytest.FixtureRequest, start: Starter, tmp_path: Path) -> Host:
    path = tmp_path / "forking_tools.py"
    path.write_text(TOOLS)
    host = start(str(path), profile=request.param)
    # It creates the event loop.
    host.execute("nothing")
    return host


def expect_no_output(host: Host) -> None:
    # The worker still executes calls of both kinds.
    host.execute("nothing")
    shut_down(host)
    host.receive_until_closed()
    assert host.messages() == []
    assert host.exit_status() == 0
    assert host.output() == ""


@pytest.mark.parametrize("how", ["return", "sys.exit", "os._exit"])
@pytest.mark.parametrize("tool", ["fork", "fork_later", "fork_in_task"])
def test_a_forked_child_of_a_worker_with_an_event_loop_ends_without_output(host: Host, tool: str, how: str) -> None:
    assert host.execute(tool, {"how": how}) == "child ended with 0"
    expect_no_output(host)


def test_a_child_that_a_task_has_forked_exits_with_the_status_of_sys_exit(host: Host) -> None:
    assert host.execute("exit_in_task", {"status": 3}) == 3
    expect_no_output(host)
