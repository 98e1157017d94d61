"""The tools that the benchmarks call."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from pathlib import Path
from statistics import median
from time import perf_counter

import numpy as np
from snakepit_bridge import SessionContext, tool


@tool
def echo(value: object) -> object:
    """Returns its argument."""
    return value


@tool
def chunks(count: int) -> Iterator[int]:
    """Yields the integers below `count` as fast as it can."""
    yield from range(count)


@tool
def double(values: np.ndarray) -> np.ndarray:
    """Returns an array as large as its argument, which has been read."""
    return values * 2.0


IMPORTED_BY = os.getpid()


@tool
def preloaded() -> bool:
    """Whether another process, the zygote, imported this module and with it numpy."""
    return os.getpid() != IMPORTED_BY


@tool
def memory() -> int:
    """Resident memory of this worker in bytes."""
    return int(Path("/proc/self/statm").read_text().split()[1]) * 4096


@tool
def cached_reads(name: str, count: int, ctx: SessionContext) -> dict[str, float]:
    """Reads of a variable from the cache, and of a plain dictionary, in a second."""
    variables = ctx.variables
    plain = {name: variables[name]}
    return {"variable": _per_second(variables, name, count), "floor": _per_second(plain, name, count)}


@tool
def fresh_read_ms(name: str, count: int, ctx: SessionContext) -> float:
    """Milliseconds that half of the reads of a variable take that the host is asked for."""
    return _median_ms(lambda: ctx.variables.get(name, fresh=True), count)


@tool
def host_tool_ms(name: str, count: int, ctx: SessionContext) -> float:
    """Milliseconds that half of the calls of a function of the host take."""
    return _median_ms(lambda: ctx.call(name, value="hello"), count)


def _per_second(mapping: object, name: str, count: int) -> float:
    begin = perf_counter()
    for _ in range(count):
        mapping[name]  # type: ignore[index]
    return count / (perf_counter() - begin)


def _median_ms(operation: Callable[[], object], count: int) -> float:
    times = []
    for _ in range(count):
        begin = perf_counter()
        operation()
        times.append(perf_counter() - begin)
    return median(times) * 1_000
