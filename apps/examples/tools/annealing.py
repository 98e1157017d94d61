"""Variables: typed values that both languages read, write and watch."""

from __future__ import annotations

import numpy as np
from snakepit_bridge import AsyncSessionContext, SessionContext, VariableError, tool


@tool
def cool(steps: int, ctx: SessionContext) -> float:
    """Lowers the temperature step by step; the host, and whoever else watches, sees it."""
    for _ in range(steps):
        ctx.variables["temperature"] *= 0.5
    return ctx.variables["temperature"]


@tool
def overheat(ctx: SessionContext) -> str:
    """Tries what the variable does not allow."""
    try:
        ctx.variables.temperature = 1_000.0
    except VariableError as error:
        return f"{error.details['reason']}: {error}"
    return "nobody minded"


@tool
async def wait_for_phase(phase: str, ctx: AsyncSessionContext) -> list[str]:
    """Watches a variable until the host gives it a value."""
    seen = []
    async for change in ctx.variables.watch("phase"):
        seen.append(change.value)
        if change.value == phase:
            break
    return seen


@tool
def weigh(ctx: SessionContext) -> float:
    """Reads an array, and writes another one."""
    weights = ctx.variables["weights"]
    ctx.variables["weights"] = weights / np.linalg.norm(weights)
    return float(weights.sum())
