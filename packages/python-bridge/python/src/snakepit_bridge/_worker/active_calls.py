"""The calls of a worker that have arrived and are not answered."""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from .call import Call


@dataclass(frozen=True)
class SessionEnd:
    """A session has ended; queued among the calls, so that the hook runs between them."""

    session_id: str


class ActiveCalls:
    """Calls in the order of their arrival, and by id.

    The thread that receives adds calls; the main thread takes them from the queue and removes answered ones. Each
    operation on the queue and on the dictionary is atomic, so they need no lock.
    """

    __slots__ = ("by_id", "pending")

    def __init__(self) -> None:
        self.pending: deque[Call | SessionEnd] = deque()
        """Calls that have not begun, and sessions that have ended."""
        self.by_id: dict[int, Call] = {}
        """Calls that are not answered."""

    def add(self, call: Call) -> None:
        """Adds a call that has arrived."""
        self.by_id[call.id] = call
        self.pending.append(call)

    def grant(self, call_id: int, chunks: int) -> None:
        """Grants credit to a streaming call; ignored when the call was answered already."""
        if (call := self.by_id.get(call_id)) is not None:
            call.grant(chunks)

    def is_active(self, call: Call) -> bool:
        """Whether a call is not answered yet. Any thread may call this."""
        return self.by_id.get(call.id) is call

    def remove(self, call: Call) -> None:
        """Removes a call that was answered."""
        self.by_id.pop(call.id, None)

    def all(self) -> list[Call]:
        """Returns a copy of the active calls, the oldest first. Any thread may call this."""
        return list(self.by_id.values())
