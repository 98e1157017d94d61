"""What Linux offers to tie processes together (prctl(2)); elsewhere these do nothing and say so."""

from __future__ import annotations

import os
import sys

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
    # Not at the top: other platforms and programs that never come here need not load it.
    import ctypes

    libc = ctypes.CDLL(None, use_errno=True)
    value = ctypes.c_char_p(argument) if isinstance(argument, bytes) else ctypes.c_ulong(argument)
    zero = ctypes.c_ulong(0)
    if libc.prctl(option, value, zero, zero, zero) != 0:
        number = ctypes.get_errno()
        raise OSError(number, f"prctl({option}): {os.strerror(number)}")
