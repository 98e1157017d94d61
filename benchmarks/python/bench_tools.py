"""The tools that the benchmarks call."""

from __future__ import annotations

import asyncio
import os
import socket
from collections.abc import Callable, Iterator
from pathlib import Path
from statistics import median
from time import monotonic, perf_counter, sleep, thread_time
from typing import Any

import numpy as np
from snakepit_bridge import SessionContext, tool


@tool
def echo(value: object) -> object:
    """Returns its argument."""
    return value


@tool
async def echo_async(value: object) -> object:
    """Returns its argument, as a task of the event loop."""
    return value


@tool
def busy(ms: float) -> None:
    """Uses the processor for this time."""
    end = thread_time() + ms / 1_000
    while thread_time() < end:
        pass


@tool
def wait(ms: float) -> None:
    """Waits without use of the processor, as for another system."""
    sleep(ms / 1_000)


@tool
async def wait_async(ms: float) -> None:
    """Does the same on the event loop."""
    await asyncio.sleep(ms / 1_000)


@tool
def wait_and_busy(ms: float) -> None:
    """Waits for most of the time and computes for a tenth of it."""
    sleep(0.9 * ms / 1_000)
    busy(0.1 * ms)


@tool
async def wait_and_busy_async(ms: float) -> None:
    """Does the same on the event loop."""
    await asyncio.sleep(0.9 * ms / 1_000)
    busy(0.1 * ms)


@tool
def chunks(count: int) -> Iterator[int]:
    """Yields the integers below `count` as fast as it can."""
    yield from range(count)


@tool
def double(values: np.ndarray) -> np.ndarray:
    """Reads its argument and returns an array of the same size."""
    return values * 2.0


@tool
def timed_short() -> list[float]:
    """Uses the processor for 0.05 ms; returns the process ID of the worker, and start and end."""
    begin = monotonic()
    while monotonic() - begin < 0.000_05:
        pass
    return _timed(begin)


@tool
def timed_long() -> list[float]:
    """Waits for 50 ms without use of the processor; returns the same as `timed_short`."""
    begin = monotonic()
    sleep(0.050)
    return _timed(begin)


def _timed(begin: float) -> list[float]:
    """Start and end are in milliseconds on CLOCK_MONOTONIC, the clock of `process.hrtime` in Node.js."""
    return [os.getpid(), begin * 1_000, monotonic() * 1_000]


IMPORTED_BY = os.getpid()


@tool
def preloaded() -> bool:
    """Returns whether the zygote, and not this process, imported this module and numpy."""
    return os.getpid() != IMPORTED_BY


@tool
def memory() -> int:
    """Returns the resident memory of this worker in bytes."""
    return int(Path("/proc/self/statm").read_text().split()[1]) * 4096


_stopped_at = 0.0


@tool
def compute_forever() -> Iterator[int]:
    """Yields once and computes until it is cancelled."""
    global _stopped_at
    yield 0
    try:
        while True:
            pass
    finally:
        _stopped_at = monotonic() * 1_000


@tool
def stopped_at() -> float:
    """Returns when `compute_forever` stopped, in milliseconds on CLOCK_MONOTONIC."""
    return _stopped_at


@tool
def cached_reads(name: str, count: int, ctx: SessionContext) -> dict[str, float]:
    """Returns reads per second of a cached variable and of a plain dictionary."""
    variables = ctx.variables
    plain = {name: variables[name]}
    return {"variable": _per_second(variables, name, count), "floor": _per_second(plain, name, count)}


@tool
def fresh_reads_ms(
    name: str, floor: dict[str, Any], batch: int, batches: int, ctx: SessionContext
) -> list[dict[str, float]]:
    """Times uncached reads of a variable, alternating with round trips over a plain socket."""
    return _paired_ms(floor, lambda: ctx.variables.get(name, fresh=True), batch, batches)


@tool
def host_tool_calls_ms(
    name: str, floor: dict[str, Any], batch: int, batches: int, ctx: SessionContext
) -> list[dict[str, float]]:
    """Times calls of a host tool, alternating with round trips over a plain socket."""
    return _paired_ms(floor, lambda: ctx.call(name, value="hello"), batch, batches)


def _per_second(mapping: object, name: str, count: int) -> float:
    begin = perf_counter()
    for _ in range(count):
        mapping[name]  # type: ignore[index]
    return count / (perf_counter() - begin)


def _paired_ms(
    floor: dict[str, Any], operation: Callable[[], object], batch: int, batches: int
) -> list[dict[str, float]]:
    """Returns the median milliseconds of the batches of both, after a warm-up of the same length."""
    length = int(floor["record_bytes"])
    record = length.to_bytes(4, "big") + b"x" * length
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as link:
        link.connect(floor["path"])

        def round_trip() -> None:
            link.sendall(record)
            missing = len(record)
            while missing:
                missing -= len(link.recv(65536))

        pairs = [
            {"floor": _median_ms(round_trip, batch), "value": _median_ms(operation, batch)} for _ in range(2 * batches)
        ]
    return pairs[batches:]


def _median_ms(operation: Callable[[], object], count: int) -> float:
    times = []
    for _ in range(count):
        begin = perf_counter()
        operation()
        times.append(perf_counter() - begin)
    return median(times) * 1_000
