"""Host tools called from Python: a value, a stream, arrays, and a nested call back into Python."""

from __future__ import annotations

import numpy as np
from snakepit_bridge import AsyncSessionContext, HostToolError, SessionContext, tool


@tool
def offered(ctx: SessionContext) -> list[str]:
    """Returns the signatures and descriptions of the host tools."""
    return [f"{each.name}{each.signature}: {each.description}" for each in ctx.tools]


@tool
def total(items: list[str], ctx: SessionContext) -> float:
    """Returns the sum of the prices; an item without a price counts as 0."""
    sum_of_prices = 0.0
    for item in items:
        try:
            sum_of_prices += ctx.tools.price_of(item=item)
        except HostToolError as error:
            print(f"{error.code}: {error.message}")
    return sum_of_prices


@tool
def mean_of_readings(blocks: int, ctx: SessionContext) -> float:
    """Reads a stream of arrays from the host; the host waits until this tool has read the previous ones."""
    return float(np.mean([block.mean() for block in ctx.stream("readings", blocks=blocks)]))


@tool
async def first_readings(blocks: int, ctx: AsyncSessionContext) -> list[float]:
    """The same in an ``async`` tool that leaves early, which closes the generator of the host."""
    firsts: list[float] = []
    async for block in ctx.stream("readings", blocks=1_000_000):
        firsts.append(float(block[0]))
        if len(firsts) == blocks:
            break
    return firsts


@tool
def smooth_remotely(values: np.ndarray, ctx: SessionContext) -> np.ndarray:
    """Calls a host tool that in turn calls a tool of another worker."""
    return ctx.tools.smooth(values=values)


@tool
def moving_average(values: np.ndarray, window: int) -> np.ndarray:
    """Returns the moving average; the host tool ``smooth`` calls it."""
    return np.convolve(values, np.full(window, 1 / window), mode="valid")
