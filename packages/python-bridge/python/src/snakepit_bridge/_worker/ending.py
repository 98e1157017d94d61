"""Why and when a worker ends, and its exit status."""

from __future__ import annotations

import os
import signal
import sys
from time import monotonic
from typing import Final, Literal, NoReturn

import msgspec

from .._errors import print_exception

# The exit statuses of a worker, from sysexits.h where it defines one.
DONE: Final = 0
"""The worker was drained, or the host shut it down."""
SETUP_FAILED: Final = 1
"""The set-up of the adapter failed; the host was notified if it could be reached."""
HOST_LOST: Final = 69
"""The connection was lost."""
PROTOCOL: Final = 76
"""The host violated the protocol."""
REJECTED: Final = 77
"""The host rejected the worker."""

LOST_GRACE_S: Final = 1.0
"""Seconds that a worker has to finish its tool and its teardown after the death of the host."""


class Ending(msgspec.Struct, frozen=True):
    """The decision that a worker ends."""

    kind: Literal["drained", "shutdown", "lost", "violated"]
    """``drained`` lets calls finish; the others cancel them. ``lost`` and ``violated`` are unexpected ends of the
    connection.
    """
    reason: str
    kill_at: float | None
    """When the process is killed, on the monotonic clock; ``None`` for never."""

    @staticmethod
    def drained() -> Ending:
        """The host sends no more calls."""
        return Ending("drained", "the worker was drained", None)

    @staticmethod
    def shutdown(grace_s: float) -> Ending:
        """The host shuts the worker down."""
        return Ending("shutdown", "the worker was shut down", monotonic() + grace_s)

    @staticmethod
    def lost(reason: str) -> Ending:
        """The connection ended."""
        return Ending("lost", reason, monotonic() + LOST_GRACE_S)

    @staticmethod
    def violated(reason: str) -> Ending:
        """The host violated the protocol."""
        return Ending("violated", reason, monotonic() + LOST_GRACE_S)

    @property
    def lets_calls_finish(self) -> bool:
        """Whether the calls that have arrived are still executed."""
        return self.kind == "drained"

    @property
    def is_expected(self) -> bool:
        """Whether the host requested it."""
        return self.kind in ("drained", "shutdown")

    def before(self, kill_at: float) -> Ending:
        """Returns the same ending, with the kill no later than this."""
        return msgspec.structs.replace(self, kill_at=kill_at if self.kill_at is None else min(self.kill_at, kill_at))

    @property
    def exit_status(self) -> int:
        """The exit status of the process."""
        return {"drained": DONE, "shutdown": DONE, "lost": HOST_LOST, "violated": PROTOCOL}[self.kind]


def exit_within(seconds: float) -> None:
    """Makes the kernel end this process after this time, even when the shutdown of the interpreter hangs.

    Called by the main thread just before the process ends. It needs neither a thread nor the interpreter lock.
    """
    signal.signal(signal.SIGALRM, signal.SIG_DFL)
    signal.pthread_sigmask(signal.SIG_UNBLOCK, (signal.SIGALRM,))
    # 0 would disable the timer.
    signal.setitimer(signal.ITIMER_REAL, max(seconds, 0.001))


def end_forked_child(error: BaseException) -> NoReturn:
    """Ends a child that a tool has forked, with the exit status of an exception that nothing has caught.

    As in any program, the status of ``SystemExit`` is its code; other exceptions are printed and end the child with 1.
    The interpreter is not shut down: its exit handlers belong to the parent.
    """
    if not isinstance(error, SystemExit):
        print_exception(error)
        os._exit(1)
    code = error.code
    if isinstance(code, str):
        print(code, file=sys.stderr, flush=True)
        os._exit(1)
    os._exit(0 if code is None else code & 0xFF)


def kill_own_group(exit_status: int) -> NoReturn:
    """Ends this process at once, with all processes of its group when it leads one."""
    if os.getpgrp() == os.getpid():
        os.killpg(0, signal.SIGKILL)
    os._exit(exit_status)
