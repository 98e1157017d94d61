"""The exception that cancels a running tool."""

from __future__ import annotations

from typing import Literal

CancelReason = Literal["cancelled", "deadline", "shutdown"]


class Cancelled(BaseException):
    """Raised inside a tool that is not ``async`` when its call is cancelled; an ``async`` tool has its task cancelled.

    It is a ``BaseException``, so that ``except Exception`` does not catch it. Catch it only to clean up, and re-raise
    it: no caller waits for the result, and a tool that continues is killed together with its worker.
    """

    def __init__(self, reason: CancelReason) -> None:
        super().__init__(
            {
                "cancelled": "the caller cancelled the call",
                "deadline": "the deadline of the call has passed",
                "shutdown": "the worker is shutting down",
            }[reason]
        )
        self.reason: CancelReason = reason
        """``"cancelled"`` by the caller, ``"deadline"`` passed, or ``"shutdown"`` of the worker."""


class CancelledInLoop(Cancelled, KeyboardInterrupt):
    """Raised instead of :class:`Cancelled` while the tool runs its own event loop.

    :mod:`asyncio` propagates only two kinds of exceptions out of callbacks and tasks, and this is one of them; it logs
    the others or stores them in the task
    (https://docs.python.org/3/library/asyncio-runner.html#handling-keyboard-interruption).
    """
