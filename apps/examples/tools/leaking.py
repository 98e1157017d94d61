"""Tools of a worker whose memory grows."""

from __future__ import annotations

import time

from snakepit_bridge import tool

kept: list[bytes] = []


@tool
def remember(mebibytes: int) -> int:
    """Keeps memory, like a cache without a limit."""
    kept.append(b"x" * (mebibytes << 20))
    return len(kept)


@tool
def wait(seconds: float) -> None:
    """Takes time without using the processor."""
    time.sleep(seconds)
