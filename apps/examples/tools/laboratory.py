"""Tools of the host, called from Python: one value, a stream, arrays, and a call that comes back to Python."""

from __future__ import annotations

import numpy as np
from snakepit_bridge import AsyncSessionContext, HostToolError, SessionContext, tool


@tool
def offered(ctx: SessionContext) -> list[str]:
    """What the host offers, as ``help()`` would show it."""
    return [f"{each.name}{each.signature}: {each.description}" for each in ctx.tools]


@tool
def total(items: list[str], ctx: SessionContext) -> float:
    """Adds up prices that the host knows; what it does not know costs nothing."""
    sum_of_prices = 0.0
    for item in items:
        try:
            sum_of_prices += ctx.tools.price_of(item=item)
        except HostToolError as error:
            print(f"{error.code}: {error.message}")
    return sum_of_prices


@tool
def mean_of_readings(blocks: int, ctx: SessionContext) -> float:
    """Consumes a stream of arrays from the host; the host produces no faster than this reads."""
    return float(np.mean([block.mean() for block in ctx.stream("readings", blocks=blocks)]))


@tool
async def first_readings(blocks: int, ctx: AsyncSessionContext) -> list[float]:
    """The same in an ``async`` tool, which leaves early: the generator of the host is closed."""
    firsts: list[float] = []
    async for block in ctx.stream("readings", blocks=1_000_000):
        firsts.append(float(block[0]))
        if len(firsts) == blocks:
            break
    return firsts


@tool
def smooth_remotely(values: np.ndarray, ctx: SessionContext) -> np.ndarray:
    """Has the host smooth an array, which it lets another worker do."""
    return ctx.tools.smooth(values=values)


@tool
def moving_average(values: np.ndarray, window: int) -> np.ndarray:
    """What the host calls in turn."""
    return np.convolve(values, np.full(window, 1 / window), mode="valid")
