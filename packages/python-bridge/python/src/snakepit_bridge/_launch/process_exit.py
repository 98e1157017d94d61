"""Ends of child processes."""

from __future__ import annotations

import os
import signal
import sys
from collections.abc import Callable

import msgspec

STACKS_SIGNAL = signal.SIGQUIT
"""Makes a worker write the stacks of its threads to stderr and continue."""
STACKS_AND_END_SIGNAL = signal.SIGABRT
"""Makes a worker write the stacks of its threads to stderr and end."""
READ_STACKS_SIGNAL: int = getattr(signal, "SIGINFO", None) or signal.SIGRTMAX - 5
"""Like :data:`STACKS_SIGNAL`, for workers that are not about to be killed: tools and libraries rarely use it."""


class ProcessExit(msgspec.Struct, frozen=True):
    """How a child ended: with a status or by a signal."""

    pid: int
    exit_code: int | None
    signal: str | None
    """Name of the signal, for example ``SIGSEGV``."""
    rss_peak_bytes: int


def next_exit(before_reaping: Callable[[int], None]) -> ProcessExit | None:
    """Reaps a child that has ended; ``None`` when no child has.

    Args:
        before_reaping: called with the pid while it still belongs to the dead child, so that its process group can be
            killed and not that of an unrelated process.
    """
    try:
        if hasattr(os, "waitid"):
            found = os.waitid(os.P_ALL, 0, os.WEXITED | os.WNOHANG | os.WNOWAIT)
            if found is None:
                return None
            before_reaping(found.si_pid)
            pid, status, usage = os.wait4(found.si_pid, 0)
        else:  # macOS before Python 3.13
            pid, status, usage = os.wait4(-1, os.WNOHANG)
            if pid == 0:
                return None
            before_reaping(pid)
    except ChildProcessError:
        return None
    code = os.waitstatus_to_exitcode(status)
    # Bytes on macOS, KiB elsewhere (getrusage(2)).
    peak = usage.ru_maxrss * (1 if sys.platform == "darwin" else 1024)
    if code < 0:
        return ProcessExit(pid, None, _signal_name(-code), peak)
    return ProcessExit(pid, code, None, peak)


def kill_group(group: int, number: signal.Signals) -> None:
    """Sends a signal to a process group; ignored when it has no running member."""
    try:
        os.killpg(group, number)
    except (ProcessLookupError, PermissionError):
        # PermissionError: macOS raises it for a group of zombies.
        return


def _signal_name(number: int) -> str:
    try:
        return signal.Signals(number).name
    except ValueError:
        return f"SIG{number}"
