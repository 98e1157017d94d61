"""The tools that the benchmarks call."""

from __future__ import annotations

from collections.abc import Iterator

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


@tool
def preloaded() -> bool:
    """Whether numpy was there before this call."""
    import sys

    return "numpy" in sys.modules


@tool
def memory() -> int:
    """Resident memory of this worker in bytes."""
    with open("/proc/self/statm") as statm:
        return int(statm.read().split()[1]) * 4096
