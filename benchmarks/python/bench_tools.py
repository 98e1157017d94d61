"""The tools that the benchmarks call."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import numpy as np
from snakepit_bridge import tool


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
