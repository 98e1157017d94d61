"""The state of a worker: connected or not, and whether it ends."""

from __future__ import annotations

from .ending import Ending


class Lifecycle:
    """The connection and the end of a worker. Written by the thread that receives; any thread may read it."""

    __slots__ = ("ending", "is_connected")

    def __init__(self) -> None:
        self.is_connected = True
        """Whether anything can still arrive."""
        self.ending: Ending | None = None
        """Set once the worker is to end."""

    def end(self, ending: Ending) -> None:
        """Decides that the worker ends. A second decision can only make it end sooner, or cancel calls too."""
        if self.ending is None or self.ending.lets_calls_finish:
            self.ending = ending
        elif ending.kill_at is not None:
            self.ending = self.ending.before(ending.kill_at)

    def disconnect(self) -> None:
        """The connection is lost; the decision to end follows."""
        self.is_connected = False

    def abandon(self) -> None:
        """Ends the main loop of a forked child, in case the tool returns there."""
        self.is_connected = False
        self.ending = Ending.lost("this process is a fork of a worker")
