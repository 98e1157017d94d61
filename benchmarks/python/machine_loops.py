"""Times fixed loops, so that figures of several machines can be compared. Prints milliseconds as JSON."""

from __future__ import annotations

import json
import os
from collections.abc import Callable
from statistics import median
from time import perf_counter

ROUNDS = 7
ITERATIONS = 300_000
SYSTEM_CALLS = 20_000


def python_loop() -> int:
    """Integer arithmetic, a dictionary and a list: what the interpreter does for a call."""
    total, names, values = 1, {"a": 1, "b": 2}, [1, 2, 3, 4]
    for index in range(ITERATIONS):
        total = (total * 31 + names["b"] + values[index & 3]) & 0xFFFFFF
    return total


def system_call_loop() -> None:
    """Writes and reads a byte through a pipe."""
    reader, writer = os.pipe()
    try:
        for _ in range(SYSTEM_CALLS // 2):
            os.write(writer, b"x")
            os.read(reader, 1)
    finally:
        os.close(reader)
        os.close(writer)


def median_ms(loop: Callable[[], object]) -> float:
    """Returns the median of several runs in milliseconds."""
    times = []
    for _ in range(ROUNDS):
        begin = perf_counter()
        loop()
        times.append(perf_counter() - begin)
    return median(times) * 1_000


print(json.dumps({"python": median_ms(python_loop), "systemCalls": median_ms(system_call_loop)}))
