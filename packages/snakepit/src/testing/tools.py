"""Tools that behave well, badly and worse."""

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
    """The worker's process id."""
    return os.getpid()


@tool
def sleep(seconds: float) -> str:
    """Sleeps in C, with the interpreter free."""
    print("begun")
    time.sleep(seconds)
    return "slept"


@tool
def spin(seconds: float) -> str:
    """Runs Python code without a pause."""
    print("begun")
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        pass
    return "spun"


@tool
async def sleep_async(seconds: float) -> str:
    """Sleeps in the event loop."""
    print("begun")
    await asyncio.sleep(seconds)
    return "slept"


@tool
def hold_gil(seconds: int) -> str:
    """Sleeps in C code that does not release the interpreter: a PyDLL keeps the lock, a CDLL would not."""
    print("begun")
    ctypes.PyDLL(None).sleep(seconds)
    return "held"


@tool
def deaf(seconds: float) -> str:
    """Ignores its cancellation, at whatever point it is raised."""
    end = time.monotonic() + seconds
    begun = False
    while time.monotonic() < end:
        with suppress(BaseException):
            if not begun:
                begun = True
                print("begun")
            while time.monotonic() < end:
                time.sleep(0.01)
    return "never listened"


@tool
def count(to: int, seconds: float = 0) -> Iterator[int]:
    """Yields 0, 1, … with a pause before each."""
    print("begun")
    for number in range(to):
        if seconds:
            time.sleep(seconds)
        yield number


@tool
async def count_async(to: int, seconds: float = 0) -> AsyncIterator[int]:
    """Yields 0, 1, … with a pause before each."""
    print("begun")
    for number in range(to):
        await asyncio.sleep(seconds)
        yield number


@tool
def fail(message: str) -> None:
    """Raises."""
    raise ValueError(message)


@tool
def die(signal_name: str, last_words: str = "") -> None:
    """Ends the worker by a signal."""
    if last_words:
        os.write(2, last_words.encode() + b"\n")
    os.kill(os.getpid(), getattr(signal, signal_name))
    time.sleep(60)


@tool
def leave(status: int) -> None:
    """Ends the worker without a word."""
    os._exit(status)


@tool
def start_children(seconds: int, wait: float) -> None:
    """Starts a child of its own and one that detaches itself, then waits."""
    sleeper = [sys.executable, "-c", f"import time; time.sleep({seconds})"]
    subprocess.Popen(sleeper)
    subprocess.Popen(sleeper, start_new_session=True)
    time.sleep(wait)


@tool
def memory() -> int:
    """Resident memory of this worker in bytes."""
    with open("/proc/self/statm") as statm:  # noqa: PTH123
        return int(statm.read().split()[1]) * 4096


@tool
def unsendable() -> dict[str, object]:
    """Returns something that cannot be sent."""
    return {"items": [1, object()]}


@tool
def large(size: int) -> bytes:
    """As many bytes."""
    return bytes(size)


@tool
def large_chunks(sizes: list[int]) -> Iterator[bytes]:
    """Yields as many bytes, one after another."""
    for size in sizes:
        yield bytes(size)
