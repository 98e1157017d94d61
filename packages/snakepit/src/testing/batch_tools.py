"""Tools of long batches."""

from __future__ import annotations

import os

from snakepit_bridge import tool


@tool
def double(number: int) -> int:
    """Returns twice the number."""
    return 2 * number


@tool
def count(journal: str) -> None:
    """Appends one byte to a file, whose size is the number of executions in all workers."""
    descriptor = os.open(journal, os.O_WRONLY | os.O_APPEND | os.O_CREAT)
    try:
        os.write(descriptor, b".")
    finally:
        os.close(descriptor)
