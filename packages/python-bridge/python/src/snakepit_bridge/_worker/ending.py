"""Why and how soon a worker ends."""

from __future__ import annotations

import os
import signal
from dataclasses import dataclass, replace
from time import monotonic
from typing import Literal, NoReturn

from .exit_status import DONE, HOST_LOST, PROTOCOL

LOST_GRACE_S = 1.0
"""Seconds that a worker whose host is gone gives its tool and its adapter's teardown."""


@dataclass(frozen=True)
class Ending:
    """The end of a worker has been decided."""

    kind: Literal["drained", "shutdown", "lost", "violated"]
    """``drained`` lets calls finish; the others give them up. ``lost`` and ``violated`` are ends of the connection that
    nobody had asked for.
    """
    reason: str
    kill_at: float | None
    """When the process is ended by force, on the monotonic clock; ``None`` for never."""

    @staticmethod
    def drained() -> Ending:
        """The host sends no more calls."""
        return Ending("drained", "the worker was drained", None)

    @staticmethod
    def shutdown(grace_s: float) -> Ending:
        """The host wants the worker to end."""
        return Ending("shutdown", "the worker was shut down", monotonic() + grace_s)

    @staticmethod
    def lost(reason: str) -> Ending:
        """The connection ended."""
        return Ending("lost", reason, monotonic() + LOST_GRACE_S)

    @staticmethod
    def violated(reason: str) -> Ending:
        """The host sent what it must not."""
        return Ending("violated", reason, monotonic() + LOST_GRACE_S)

    @property
    def lets_calls_finish(self) -> bool:
        """Whether the calls that have arrived are still executed."""
        return self.kind == "drained"

    @property
    def was_asked_for(self) -> bool:
        """Whether it was the host that wanted it."""
        return self.kind in ("drained", "shutdown")

    def before(self, kill_at: float) -> Ending:
        """The same end, and no later than this."""
        return replace(self, kill_at=kill_at if self.kill_at is None else min(self.kill_at, kill_at))

    @property
    def exit_status(self) -> int:
        """With what the process ends."""
        return {"drained": DONE, "shutdown": DONE, "lost": HOST_LOST, "violated": PROTOCOL}[self.kind]


def exit_within(seconds: float) -> None:
    """Has the kernel end this process after this time, whatever holds up the shutdown of the interpreter.

    For the last moments of a process; called by the main thread. Neither a thread nor the interpreter lock is needed.
    """
    signal.signal(signal.SIGALRM, signal.SIG_DFL)
    signal.pthread_sigmask(signal.SIG_UNBLOCK, (signal.SIGALRM,))
    # 0 would be no limit.
    signal.setitimer(signal.ITIMER_REAL, max(seconds, 0.001))


def end_group(exit_status: int) -> NoReturn:
    """Ends this process and, when it leads a process group, whatever its tools started in that group. At once."""
    if os.getpgrp() == os.getpid():
        os.killpg(0, signal.SIGKILL)
    os._exit(exit_status)
