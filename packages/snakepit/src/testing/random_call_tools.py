"""Tools that end in every way: with a value, an exception, a stream, a cancellation, a crash, or not at all."""

from __future__ import annotations

import asyncio
import os
import signal
import time
from collections.abc import AsyncIterator, Iterator
from contextlib import suppress

from snakepit_bridge import SessionContext, tool


@tool
def echo(value: int) -> int:
    """Returns its argument."""
    return value


@tool
def limited(seconds: float) -> None:
    """A tool whose concurrency the host limits."""
    time.sleep(seconds)


@tool
def work(seconds: float) -> None:
    """Takes some time."""
    time.sleep(seconds)


@tool
async def work_async(seconds: float) -> None:
    """Takes some time in the event loop."""
    await asyncio.sleep(seconds)


@tool
def fail(value: int) -> None:
    """Raises an exception."""
    raise ValueError(value)


@tool
def unsendable() -> object:
    """Returns a value that cannot be sent."""
    return object()


@tool
def count(to: int, fails: bool) -> Iterator[int]:
    """Yields 0, 1, …, and may raise an exception then."""
    yield from range(to)
    if fails:
        raise ValueError(to)


@tool
async def count_async(to: int) -> AsyncIterator[int]:
    """Yields 0, 1, … in the event loop."""
    for number in range(to):
        await asyncio.sleep(0)
        yield number


@tool
def hang() -> None:
    """Waits until it is cancelled."""
    time.sleep(600)


@tool
async def hang_async() -> None:
    """Waits in the event loop until it is cancelled."""
    await asyncio.sleep(600)


@tool
def ignore(seconds: float) -> None:
    """Ignores its cancellation for some time."""
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        with suppress(BaseException):
            while time.monotonic() < end:
                time.sleep(0.005)


@tool
def leave() -> None:
    """Ends the worker at once."""
    os._exit(3)


@tool
def die(name: str) -> None:
    """Ends the worker with a signal, and hangs if it does not."""
    signal.signal(getattr(signal, name), signal.SIG_DFL) if name != "SIGKILL" else None
    os.kill(os.getpid(), getattr(signal, name))
    time.sleep(600)


@tool
def nest(value: int, ctx: SessionContext) -> int:
    """Calls the host, which calls a tool again."""
    return int(ctx.call("again", value=value))
