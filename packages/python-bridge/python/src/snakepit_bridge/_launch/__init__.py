"""The zygote: one process per pool that forks or spawns the workers of the pool and outlives none of them."""

from __future__ import annotations

from .programs import main

__all__ = ["main"]
