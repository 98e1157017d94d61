"""Tools that record each of their executions as a line of a file, in the order of their starts."""

from __future__ import annotations

import asyncio
import contextlib
import ctypes
import os
import signal
import socket
import sys
import time
from collections.abc import Iterator
from typing import TYPE_CHECKING

from snakepit_bridge import SessionContext, tool
from snakepit_bridge._call import executing
from snakepit_bridge._worker.start_permits import StartPermits

if TYPE_CHECKING:
    from snakepit_bridge._worker.calls import Call

_permits: dict[int, int] = {}
"""The time before each permit was taken, by the ID of the call, in nanoseconds on the monotonic clock."""
_end_at_permit: list[str] = []
"""Whether the worker ends before or after it takes the next permit; empty if it does not."""
_take = StartPermits.take


def _take_at(self: StartPermits, call_id: int) -> bool | None:
    """Records the time before the permit was taken: between that and the start of a tool, any time can pass."""
    if _end_at_permit == ["before"]:
        os._exit(3)
    before = time.monotonic_ns()
    had_one = self._taken != 0
    taken = _take(self, call_id)
    if _end_at_permit == ["after"]:
        os._exit(3)
    if not had_one and taken is not None:
        _permits[call_id if taken else self._taken] = before
    return taken


StartPermits.take = _take_at  # type: ignore[method-assign]


def _line(name: str) -> bytes:
    """Returns a line: the name, the time before the permit was taken (0 for a call without one), and the worker."""
    call: Call = executing.get()  # type: ignore[assignment]
    return f"{name} {_permits.pop(call.id, 0)} {os.getpid()}\n".encode()


def _record(journal: str, name: str) -> None:
    """Appends a line."""
    line = _line(name)
    descriptor = os.open(journal, os.O_WRONLY | os.O_APPEND | os.O_CREAT)
    try:
        # The kernel appends the line as a whole.
        os.write(descriptor, line)
    finally:
        os.close(descriptor)


@tool
def pid() -> int:
    """Returns the process ID of the worker."""
    return os.getpid()


@tool
def record(journal: str, name: str, seconds: float = 0, gate: str = "") -> int:
    """Takes some time, or until the file `gate` exists, and returns the process ID of the worker."""
    _record(journal, name)
    if seconds:
        time.sleep(seconds)
    while gate and not os.path.exists(gate):  # noqa: PTH110
        time.sleep(0.001)
    return os.getpid()


@tool
def record_slowly(journal: str, name: str, seconds: float) -> int:
    """Takes some time, and returns the process ID of the worker."""
    return record(journal, name, seconds)


@tool
async def record_async(journal: str, name: str, seconds: float = 0) -> int:
    """Sleeps in the event loop, and returns the process ID of the worker."""
    _record(journal, name)
    await asyncio.sleep(seconds)
    return os.getpid()


@tool
def record_in_session(journal: str, name: str, ctx: SessionContext) -> str:
    """Returns the session of the call."""
    _record(journal, name)
    return ctx.session_id


@tool
def record_and_count(journal: str, name: str, to: int) -> Iterator[int]:
    """Yields 0, 1, …."""
    _record(journal, name)
    yield from range(to)


@tool
def record_and_hold_gil(journal: str, name: str, gate: str) -> int:
    """Holds the interpreter lock in C code until the file `gate` exists: a PyDLL keeps it, unlike a CDLL."""
    switch_interval = sys.getswitchinterval()
    sys.setswitchinterval(1_000_000)
    holding = ctypes.PyDLL(None)
    _record(journal, name)
    while holding.access(gate.encode(), os.F_OK) != 0:
        holding.usleep(1_000)
    sys.setswitchinterval(switch_interval)
    return os.getpid()


@tool
def record_and_end_at_permit(journal: str, name: str, when: str, gate: str) -> None:
    """Waits until the file `gate` exists; the worker ends after its answer, before or after it takes a permit."""
    record(journal, name, gate=gate)
    _end_at_permit.append(when)


@tool
def record_and_disconnect(journal: str, name: str, gate: str) -> None:
    """Disconnects from the host, and exits when the file `gate` exists; until then, no other thread can run."""
    sys.setswitchinterval(1_000_000)
    holding = ctypes.PyDLL(None)
    connected: list[int] = []
    for descriptor in map(int, os.listdir("/proc/self/fd")):  # noqa: PTH208
        with contextlib.suppress(OSError), socket.socket(fileno=os.dup(descriptor)) as opened:
            if opened.getpeername():
                connected.append(descriptor)
    line = _line(name)
    opened_journal = os.open(journal, os.O_WRONLY | os.O_APPEND)
    # Nothing from here on releases the interpreter lock: a thread that sees the end of the connection ends the worker.
    for descriptor in connected:
        holding.shutdown(descriptor, socket.SHUT_RDWR)
    holding.write(opened_journal, line, len(line))
    while holding.access(gate.encode(), os.F_OK) != 0:
        holding.usleep(1_000)
    os._exit(3)


@tool
def record_and_ignore_cancellation(journal: str, name: str, gate: str) -> str:
    """Continues after its cancellation until the file `gate` exists."""
    _record(journal, name)
    while not os.path.exists(gate):  # noqa: PTH110
        with contextlib.suppress(BaseException):
            while not os.path.exists(gate):  # noqa: PTH110
                time.sleep(0.001)
    return "not cancelled"


@tool
def record_and_end(journal: str, name: str, how: str) -> None:
    """Ends the worker: with `exit`, or with the name of a signal."""
    _record(journal, name)
    if how == "exit":
        os._exit(3)
    os.kill(os.getpid(), getattr(signal, how))
    time.sleep(3_600)
