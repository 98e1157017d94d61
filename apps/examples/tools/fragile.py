"""Tools that crash their worker: always, or the first time."""

from __future__ import annotations

import ctypes
import os
import signal
from pathlib import Path

from snakepit_bridge import tool


@tool(idempotent=True, timeout_s=60)
def measure(state: str) -> str:
    """Crashes when it is executed for the first time, as a tool with a rare bug in native code."""
    marker = Path(state)
    if not marker.exists():
        marker.touch()
        os.kill(os.getpid(), signal.SIGKILL)
    return "measured"


@tool
def corrupt(address: int) -> bytes:
    """Reads memory that does not exist."""
    return ctypes.string_at(address)


@tool
def estimate() -> float:
    """Needs nothing that can fail."""
    return 0.5
