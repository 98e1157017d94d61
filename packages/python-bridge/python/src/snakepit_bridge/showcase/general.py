"""An adapter with a tool for each kind of call."""

from __future__ import annotations

import asyncio
import os
import platform
from collections import Counter
from collections.abc import AsyncIterator, Iterator
from time import monotonic
from typing import Any, Literal

from .._libraries import install_command
from .._telemetry import emit, span
from .._tools import Adapter, tool


class ShowcaseAdapter(Adapter):
    """Tools that return values, stream, wait and use an optional library."""

    def __init__(self, *, greeting: str = "pong") -> None:
        """Creates the adapter; ``greeting`` is the answer of ``ping``."""
        self._greeting = greeting
        self._calls: Counter[str] = Counter()
        self._started_at = 0.0

    def setup(self) -> None:
        """Notes the time of the start."""
        self._started_at = monotonic()

    @tool
    def ping(self) -> str:
        """Returns a greeting."""
        self._calls["ping"] += 1
        return self._greeting

    @tool
    def echo(self, value: Any) -> Any:
        """Returns its argument, after its way to Python and back."""
        self._calls["echo"] += 1
        return value

    @tool(idempotent=True)
    def add(self, a: float, b: float) -> float:
        """Adds two numbers."""
        self._calls["add"] += 1
        return a + b

    @tool
    def process_text(
        self, text: str, operation: Literal["upper", "lower", "reverse", "words"] = "upper"
    ) -> dict[str, Any]:
        """Changes a string, and counts its characters. Emits the event ``text.processed``.

        Args:
            text: the string.
            operation: what to do; ``words`` splits it.
        """
        self._calls["process_text"] += 1
        results: dict[str, Any] = {
            "upper": text.upper(),
            "lower": text.lower(),
            "reverse": text[::-1],
            "words": text.split(),
        }
        emit("text.processed", {"characters": len(text)}, {"operation": operation})
        return {"operation": operation, "result": results[operation], "characters": len(text)}

    @tool
    def count(self, to: int, start: int = 0) -> Iterator[int]:
        """Streams the integers from ``start``, without ``to``."""
        self._calls["count"] += 1
        yield from range(start, to)

    @tool
    async def ticks(self, count: int, interval_s: float = 0.1) -> AsyncIterator[dict[str, Any]]:
        """Streams the number of each tick and the seconds since the call, one every ``interval_s`` seconds."""
        self._calls["ticks"] += 1
        began = monotonic()
        for number in range(count):
            await asyncio.sleep(interval_s)
            yield {"number": number, "seconds": monotonic() - began}

    @tool
    def describe_numbers(self, numbers: list[float]) -> dict[str, Any]:
        """Returns statistics of numbers and an array of the numbers in order, computed by numpy.

        Raises:
            RuntimeError: numpy is not installed.
        """
        self._calls["describe_numbers"] += 1
        try:
            import numpy as np
        except ImportError as error:
            raise RuntimeError(f"describe_numbers() requires numpy; install it: {install_command('numpy')}") from error
        with span("statistics", count=len(numbers)):
            values = np.asarray(numbers, dtype=np.float64)
            mean, deviation = float(values.mean()), float(values.std())
        with span("sort"):
            in_order = np.sort(values)
        return {"mean": mean, "std": deviation, "sorted": in_order}

    @tool
    def get_stats(self) -> dict[str, Any]:
        """Returns the calls of this worker by tool, its process ID, its Python and its age in seconds."""
        self._calls["get_stats"] += 1
        return {
            "calls": dict(self._calls),
            "pid": os.getpid(),
            "python": platform.python_version(),
            "seconds": monotonic() - self._started_at,
        }
