"""What a tool sees when its call is given up."""

from __future__ import annotations

from typing import Literal

CancelReason = Literal["cancelled", "deadline", "shutdown"]


class Cancelled(BaseException):
    """Raised inside a tool that is not ``async`` when its call is given up; ``async`` tools get their task cancelled.

    It is a ``BaseException``, so that ``except Exception`` lets it pass. Catch it only to clean up, and raise it
    again: nobody waits for the tool's answer any more, and a tool that carries on is killed with its worker.
    """

    def __init__(self, reason: CancelReason) -> None:
        super().__init__(
            {
                "cancelled": "the caller gave the call up",
                "deadline": "the call's deadline has passed",
                "shutdown": "the worker is to end",
            }[reason]
        )
        self.reason: CancelReason = reason
        """``"cancelled"`` by the caller, ``"deadline"`` passed, or ``"shutdown"`` of the worker."""


class CancelledInLoop(Cancelled, KeyboardInterrupt):
    """As :class:`Cancelled`, while the tool has an event loop of its own running.

    Of what is raised in a loop's callbacks and tasks, :mod:`asyncio` lets only two kinds of exceptions out, of which
    this is one; it logs others, or keeps them for whoever asks the task
    (https://docs.python.org/3/library/asyncio-runner.html#handling-keyboard-interruption).
    """
