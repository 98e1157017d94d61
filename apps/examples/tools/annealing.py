"""Variables: typed values that both languages read, write and watch."""

from __future__ import annotations

import numpy as np
from snakepit_bridge import AsyncSessionContext, SessionContext, VariableError, tool


@tool
def cool(steps: int, ctx: SessionContext) -> float:
    """Lowers the temperature step by step; every watcher sees the changes."""
    for _ in range(steps):
        ctx.variables["temperature"] *= 0.5
    return ctx.variables["temperature"]


@tool
def overheat(ctx: SessionContext) -> str:
    """Writes a value that the variable does not allow."""
    try:
        ctx.variables.temperature = 1_000.0
    except VariableError as error:
        return f"{error.details['reason']}: {error}"
    return "no error"


@tool
async def wait_for_phase(phase: str, ctx: AsyncSessionContext) -> list[str]:
    """Watches a variable until it has the value ``phase``; returns all values seen."""
    seen = []
    async for change in ctx.variables.watch("phase"):
        seen.append(change.value)
        if change.value == phase:
            break
    return seen


@tool
def weigh(ctx: SessionContext) -> float:
    """Normalizes an array variable and returns the previous sum."""
    weights = ctx.variables["weights"]
    ctx.variables["weights"] = weights / np.linalg.norm(weights)
    return float(weights.sum())
