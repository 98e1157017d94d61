"""Linux system calls that tie processes together (prctl(2)); on other systems these functions do nothing."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable
from functools import cache

_PR_SET_PDEATHSIG = 1
_PR_SET_NAME = 15
_PR_SET_CHILD_SUBREAPER = 36


def die_with_parent(signal_number: int) -> None:
    """Makes the kernel send a signal to this process when its parent dies, even while the interpreter lock is held.

    The caller must then check with :func:`os.getppid` that the parent has not died already.
    """
    _prctl(_PR_SET_PDEATHSIG, signal_number)


def adopt_orphans() -> None:
    """Makes this process the parent of its orphaned descendants, in place of init."""
    _prctl(_PR_SET_CHILD_SUBREAPER, 1)


def set_command_name(name: str) -> None:
    """Sets what ``ps -o comm`` shows, at most 15 bytes. A fork without exec inherits it."""
    _prctl(_PR_SET_NAME, name.encode()[:15])


def _prctl(option: int, argument: int | bytes) -> None:
    if sys.platform != "linux":
        return
    call = _c_function()
    if call(option, argument, 0, 0, 0) != 0:
        import ctypes

        number = ctypes.get_errno()
        raise OSError(number, f"prctl({option}): {os.strerror(number)}")


@cache
def _c_function() -> Callable[..., int]:
    """The C function. Created once: creating it makes a forked process copy a megabyte of shared memory."""
    # Lazy, because of the start-up time: other platforms and programs that call none of this do not need ctypes.
    import ctypes

    prctl = ctypes.CDLL(None, use_errno=True).prctl
    prctl.restype = ctypes.c_int

    def call(option: int, argument: int | bytes, *rest: int) -> int:
        value = ctypes.c_char_p(argument) if isinstance(argument, bytes) else ctypes.c_ulong(argument)
        return int(prctl(option, value, *map(ctypes.c_ulong, rest)))

    return call
