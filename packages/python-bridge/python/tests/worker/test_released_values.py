from __future__ import annotations

import os
import time
from pathlib import Path

import pytest
from wire.host_peer import PATIENCE_S

from .conftest import Starter
from .host import Host

MIB = 1 << 20
# More than the largest block that malloc keeps instead of returning it to the system (32 MiB).
SIZE = 40 * MIB
SPARE = 16 * MIB

TOOLS = """
import gc
import numpy as np
from snakepit_bridge import tool

# What is released must be released at once, and not when the collector happens to run.
gc.disable()

@tool
def take(value):
    return len(value)

@tool
async def take_later(value):
    return len(value)

@tool
def reject(value: int):
    ...

@tool
def fail(value):
    raise ValueError("it broke")

@tool
async def fail_later(value):
    raise ValueError("it broke")

@tool
def make(kind: str, size: int):
    return {"text": "x", "bytes": b"x"}[kind] * size

@tool
async def make_later(kind: str, size: int):
    return make(kind, size)

@tool
def stream(kind: str, size: int):
    yield make(kind, 10)
    yield make(kind, size)

@tool
async def stream_later(kind: str, size: int):
    yield make(kind, size)
"""


@pytest.fixture
def transport() -> str:
    return "socket"


@pytest.fixture
def host(transport: str, start: Starter, tmp_path: Path) -> Host:
    path = tmp_path / "large_tools.py"
    path.write_text(TOOLS)
    host = start(str(path), transport=transport, heartbeat_interval_ms=0)
    host.execute("take", {"value": "small"})
    host.execute("take_later", {"value": "small"})
    return host


def resident_bytes(host: Host) -> int:
    """Without the pages of files, which the system drops and maps again as it needs its memory."""
    _, resident, shared, *_ = Path(f"/proc/{host.process.pid}/statm").read_text().split()
    return (int(resident) - int(shared)) * os.sysconf("SC_PAGE_SIZE")


def expect_released(host: Host, before: int) -> None:
    give_up_at = time.monotonic() + PATIENCE_S
    while resident_bytes(host) > before + SPARE:
        assert time.monotonic() < give_up_at, f"{(resident_bytes(host) - before) / MIB:.0f} MiB are held"
        time.sleep(0.01)


@pytest.mark.parametrize("kind", ["text", "bytes"])
@pytest.mark.parametrize("tool", ["take", "take_later"])
def test_an_idle_worker_releases_the_arguments_of_its_last_call(host: Host, tool: str, kind: str) -> None:
    """L2: without another call that would replace them."""
    before = resident_bytes(host)
    assert host.execute(tool, {"value": {"text": "x", "bytes": b"x"}[kind] * SIZE}) == SIZE
    expect_released(host, before)


@pytest.mark.parametrize("tool", ["reject", "fail", "fail_later"])
def test_an_idle_worker_releases_the_arguments_of_a_failed_call(host: Host, tool: str) -> None:
    """L2: exceptions hold frames, and frames hold values."""
    before = resident_bytes(host)
    call = host.start(tool, {"value": "x" * SIZE})
    host.receive_until(lambda: host.is_answered(call))
    expect_released(host, before)


@pytest.mark.parametrize("transport", ["socket", "grpc"])
@pytest.mark.parametrize("kind", ["text", "bytes"])
@pytest.mark.parametrize("tool", ["make", "make_later"])
def test_an_idle_worker_releases_its_last_result(host: Host, tool: str, kind: str) -> None:
    """L2: as text within the message, as bytes next to it."""
    before = resident_bytes(host)
    assert len(host.execute(tool, {"kind": kind, "size": SIZE})) == SIZE
    expect_released(host, before)


@pytest.mark.parametrize("transport", ["socket", "grpc"])
@pytest.mark.parametrize("kind", ["text", "bytes"])
@pytest.mark.parametrize("tool", ["stream", "stream_later"])
def test_an_idle_worker_releases_the_last_chunk_of_a_stream(host: Host, tool: str, kind: str) -> None:
    """L2: the message of chunks is used again, and must not keep a large one."""
    before = resident_bytes(host)
    call = host.start(tool, {"kind": kind, "size": SIZE}, streaming=True, credit=8)
    host.answer(call)
    assert len(host.chunks[call][-1]) == SIZE
    host.execute("take", {"value": "small"})
    expect_released(host, before)
