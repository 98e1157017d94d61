"""Tools that succeed, fail, block or end their worker."""

from __future__ import annotations

import asyncio
import ctypes
import os
import signal
import subprocess
import sys
import time
from collections.abc import AsyncIterator, Iterator
from contextlib import suppress

from snakepit_bridge import tool


@tool
def echo(value):  # without an annotation: any value, and no warning at start
    """Returns its argument."""
    return value


@tool
def pid() -> int:
    """Returns the process ID of the worker."""
    return os.getpid()


@tool
def sleep(seconds: float) -> str:
    """Sleeps in C code that releases the GIL."""
    print("started")
    time.sleep(seconds)
    return "slept"


@tool
def spin(seconds: float) -> str:
    """Runs Python code continuously."""
    print("started")
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        pass
    return "spun"


@tool
async def sleep_async(seconds: float) -> str:
    """Sleeps in the event loop."""
    print("started")
    await asyncio.sleep(seconds)
    return "slept"


@tool
def hold_gil(seconds: int) -> str:
    """Sleeps in C code that holds the GIL: a PyDLL keeps it, unlike a CDLL.

    It holds the GIL from before it reports its start: otherwise its cancellation could be raised between the report and
    the sleep. ``print`` releases the GIL, and a thread that waits for it may take it after the switch interval.
    """
    sys.setswitchinterval(1_000_000)
    holding = ctypes.PyDLL(None)
    holding.write(1, b"started\n", 8)
    holding.sleep(seconds)
    return "held"


@tool
def ignore_cancellation(seconds: float) -> str:
    """Ignores its cancellation, at whatever point it is raised."""
    end = time.monotonic() + seconds
    started = False
    while time.monotonic() < end:
        with suppress(BaseException):
            if not started:
                started = True
                print("started")
            while time.monotonic() < end:
                time.sleep(0.01)
    return "not cancelled"


@tool
def stop_slowly(seconds: float) -> None:
    """Takes this time to stop when it is cancelled."""
    try:
        time.sleep(600)
    finally:
        time.sleep(seconds)


@tool
def count(to: int, seconds: float = 0) -> Iterator[int]:
    """Yields 0, 1, … with a pause before each."""
    print("started")
    for number in range(to):
        if seconds:
            time.sleep(seconds)
        yield number


@tool
async def count_async(to: int, seconds: float = 0) -> AsyncIterator[int]:
    """Yields 0, 1, … with a pause before each."""
    print("started")
    for number in range(to):
        await asyncio.sleep(seconds)
        yield number


@tool
def fail(message: str) -> None:
    """Raises an exception."""
    raise ValueError(message)


@tool
def die(signal_name: str, stderr: str = "") -> None:
    """Terminates the worker with a signal."""
    if stderr:
        os.write(2, stderr.encode() + b"\n")
    os.kill(os.getpid(), getattr(signal, signal_name))
    time.sleep(60)


@tool
def leave(status: int) -> None:
    """Exits the worker without output."""
    os._exit(status)


@tool
def start_children(seconds: int, wait: float) -> None:
    """Starts a child process and one in a new session, then waits."""
    sleeper = [sys.executable, "-c", f"import time; time.sleep({seconds})"]
    subprocess.Popen(sleeper)
    subprocess.Popen(sleeper, start_new_session=True)
    time.sleep(wait)


@tool
def memory() -> int:
    """Returns the resident memory of this worker in bytes."""
    with open("/proc/self/statm") as statm:  # noqa: PTH123
        return int(statm.read().split()[1]) * 4096


@tool
def unsendable() -> dict[str, object]:
    """Returns a value that cannot be sent."""
    return {"items": [1, object()]}


@tool
def large(size: int) -> bytes:
    """Returns a number of bytes."""
    return bytes(size)


@tool
def large_chunks(sizes: list[int]) -> Iterator[bytes]:
    """Yields chunks of these sizes."""
    for size in sizes:
        yield bytes(size)
