"""Who wants to know what the host says of its state."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol


class StateListener(Protocol):
    """Told by whatever thread receives, at once: it must be quick, and must not ask the host."""

    def invalidated(self, session_id: str, keys: Sequence[str]) -> None:
        """What is cached of a session under these keys is stale; without keys, everything of it."""
        ...

    def session_ended(self, session_id: str) -> None:
        """A session is over."""
        ...
