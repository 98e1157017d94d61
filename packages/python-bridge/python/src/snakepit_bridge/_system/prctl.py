"""What Linux offers to tie processes together (prctl(2)); elsewhere these do nothing and say so."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable
from functools import cache

_PR_SET_PDEATHSIG = 1
_PR_SET_NAME = 15
_PR_SET_CHILD_SUBREAPER = 36


def die_with_parent(signal_number: int) -> None:
    """Has the kernel send this signal when the parent dies, also while Python holds the interpreter lock.

    The caller then checks that the parent has not died already; :func:`os.getppid` tells.
    """
    _prctl(_PR_SET_PDEATHSIG, signal_number)


def adopt_orphans() -> None:
    """Makes this process the parent of descendants whose own parent dies, instead of init."""
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
    """The C function. Made once: to make it costs a forked process a megabyte of memory that it need not copy."""
    # Not at the top: other platforms and programs that never come here need not load it.
    import ctypes

    prctl = ctypes.CDLL(None, use_errno=True).prctl
    prctl.restype = ctypes.c_int

    def call(option: int, argument: int | bytes, *rest: int) -> int:
        value = ctypes.c_char_p(argument) if isinstance(argument, bytes) else ctypes.c_ulong(argument)
        return int(prctl(option, value, *map(ctypes.c_ulong, rest)))

    return call
