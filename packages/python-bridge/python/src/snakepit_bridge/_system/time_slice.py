"""How long the system lets a thread run before another one that has become ready."""

from __future__ import annotations

import os
import platform
import sys
from collections.abc import Callable
from functools import cache
from struct import Struct

# sched_setattr(2), for which most C libraries have no function.
_SYSTEM_CALL = {"x86_64": 314, "aarch64": 274, "riscv64": 274}.get(platform.machine())
# struct sched_attr: size, policy, flags, nice, priority, runtime, deadline, period.
_ATTRIBUTES = Struct("=IIQiIQQQ")
_LONGEST_NS = 100_000_000
_DEFAULT_NS = 0


def yield_to_others() -> None:
    """Lets every other thread run as soon as it becomes ready, before this one continues.

    The share of the processor stays the same; only the time slice becomes longer than that of the others, which they
    may interrupt (Linux 6.12; no effect on other systems). Threads and processes that this thread starts inherit it.
    """
    _set_slice(_LONGEST_NS)


def use_default_slice() -> None:
    """Ends the effect of :func:`yield_to_others` for this thread."""
    _set_slice(_DEFAULT_NS)


def _set_slice(nanoseconds: int) -> None:
    if sys.platform != "linux" or _SYSTEM_CALL is None or os.sched_getscheduler(0) != os.SCHED_OTHER:
        return
    niceness = os.getpriority(os.PRIO_PROCESS, 0)
    attributes = _ATTRIBUTES.pack(_ATTRIBUTES.size, os.SCHED_OTHER, 0, niceness, 0, nanoseconds, 0, 0)
    # Fails where a filter of system calls rejects it; the slice then stays as it is.
    _c_function()(_SYSTEM_CALL, 0, attributes, 0)


@cache
def _c_function() -> Callable[[int, int, bytes, int], int]:
    """The C function. Created once: creating it makes a forked process copy a megabyte of shared memory."""
    # Lazy, because of the start-up time, like that of prctl(2).
    import ctypes

    system_call = ctypes.CDLL(None, use_errno=True).syscall
    system_call.restype = ctypes.c_long
    system_call.argtypes = (ctypes.c_long, ctypes.c_long, ctypes.c_char_p, ctypes.c_ulong)
    return system_call
