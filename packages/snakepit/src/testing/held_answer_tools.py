"""Quick tools whose answers the worker holds while it executes the next call, and that then end or block it."""

from __future__ import annotations

import ctypes
import os
import signal
import sys
from collections.abc import Iterator

from snakepit_bridge import tool
from snakepit_bridge._worker.execution.outbox import Outbox

_outboxes: list[Outbox] = []
_begin = Outbox.__init__
_c = ctypes.PyDLL(None)
"""Its functions hold the interpreter lock, unlike those of a CDLL."""


def _begin_and_keep(self: Outbox, *arguments: object) -> None:
    _outboxes.append(self)
    _begin(self, *arguments)  # type: ignore[arg-type]


Outbox.__init__ = _begin_and_keep  # type: ignore[method-assign]


def _record(journal: str, name: str) -> None:
    descriptor = os.open(journal, os.O_WRONLY | os.O_APPEND)
    try:
        # The kernel appends the line as a whole.
        os.write(descriptor, f"{name} 0 {os.getpid()}\n".encode())
    finally:
        os.close(descriptor)


def _wait_in_c(gate: str) -> None:
    """Holds the interpreter lock until the file exists."""
    while _c.access(gate.encode(), os.F_OK) != 0:
        _c.usleep(1_000)


def _fork_in_c(gate: str) -> int:
    """Starts a child that keeps all descriptors until the file exists: Python does not know of this fork."""
    child: int = _c.fork()
    if child == 0:
        _wait_in_c(gate)
        os._exit(0)
    return child


def _act(journal: str, how: str, gate: str) -> None:
    _record(journal, f"held={_outboxes[0].held}")
    if how == "exit":
        os._exit(3)
    elif how == "fork and exit":
        _record(journal, f"child={_fork_in_c(gate)}")
        os._exit(3)
    elif how == "invalid memory":
        ctypes.string_at(0)
    elif how == "hold the interpreter lock":
        switch_interval = sys.getswitchinterval()
        sys.setswitchinterval(1_000_000)
        _wait_in_c(gate)
        sys.setswitchinterval(switch_interval)
    else:
        os.kill(os.getpid(), getattr(signal, how))


@tool
def quick(journal: str, name: int, how: str = "", gate: str = "") -> int:
    """Returns the name; before that, ends or blocks the worker as `how` specifies."""
    _record(journal, str(name))
    if how:
        _act(journal, how, gate)
    return name


@tool
def quick_chunks(journal: str, count: int, how: str, gate: str = "") -> Iterator[int]:
    """Yields 0, 1, … and then ends or blocks the worker."""
    yield from range(count)
    _act(journal, how, gate)
