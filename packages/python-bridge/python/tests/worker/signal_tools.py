"""Tools that install signal handlers which raise."""

from __future__ import annotations

import asyncio
import signal
import sys
import time
from random import Random
from signal import signal as signal_by_name
from typing import NoReturn

from snakepit_bridge import tool
from snakepit_bridge._call.call_context import executing


class RangError(Exception):
    """What the handlers raise."""


def ring(_number: int, _frame: object) -> NoReturn:
    raise RangError("from a handler")


# Before the worker exists.
signal.signal(signal.SIGUSR1, ring)


@tool
def install(how: str) -> bool:
    """Installs a handler, and returns whether it is installed."""
    if how == "alarm":
        signal.signal(signal.SIGALRM, ring)
        return signal.getsignal(signal.SIGALRM) is ring
    if how == "interrupt":
        signal.signal(signal.SIGINT, signal.default_int_handler)
        return signal.getsignal(signal.SIGINT) is signal.default_int_handler
    if how == "by-name":
        signal_by_name(signal.SIGUSR2, ring)
    return signal.getsignal(signal.SIGUSR1) is ring


@tool
def ring_every(seconds: float) -> None:
    signal.setitimer(signal.ITIMER_REAL, seconds, seconds)


@tool
def print_with_time_limits(times: int) -> int:
    """Prints until a time limit has ended that so often; returns how often."""
    signal.signal(signal.SIGALRM, ring)
    ended = 0
    while ended < times:
        try:
            signal.setitimer(signal.ITIMER_REAL, 0.001)
            while True:
                sys.stdout.write("x" * 1000 + "\n")
        except RangError:
            ended += 1
    return ended


@tool
def ask_with_time_limits(times: int, size: int, pause: float, streams: bool, seed: int) -> None:
    """Sends requests with random time limits until so many were interrupted."""
    signal.signal(signal.SIGALRM, ring)
    call, limits = executing.get(), Random(seed)  # noqa: S311
    assert call is not None
    interrupted = 0
    while interrupted < times:
        value = bytes([interrupted % 256]) * size
        # During the pause, the receiver thread takes the turn.
        time.sleep(pause)
        try:
            signal.setitimer(signal.ITIMER_REAL, limits.uniform(0.000_01, 0.001))
            if streams:
                replies = list(call.host.stream("echo", value, call, root="payload"))
            else:
                replies = [call.host.request("echo", value, call, root="payload")] * 2
            signal.setitimer(signal.ITIMER_REAL, 0)
        except RangError:
            interrupted += 1
        else:
            assert replies == [value, value]


@tool
def raise_inside() -> str:
    try:
        signal.raise_signal(signal.SIGUSR1)
    except RangError:
        return "raised inside"
    return "not raised"


@tool
def echo(value: bytes) -> bytes:
    return value


@tool
async def echo_later(value: bytes) -> bytes:
    await asyncio.sleep(0)
    return value


async def leave_process() -> None:
    raise SystemExit("from a task that was left running")


@tool
async def leave_task_running() -> None:
    asyncio.get_running_loop().call_later(0.01, lambda: running.append(asyncio.ensure_future(leave_process())))


running: list[asyncio.Future[None]] = []
