"""What the contexts of both kinds of tools have in common."""

from __future__ import annotations

from types import MappingProxyType
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping

    from .caller import Caller
    from .exchange import Exchange


class SessionFacts:
    """What is known of a call and its session without asking the host."""

    __slots__ = ("_caller",)

    def __init__(self, caller: Caller) -> None:
        self._caller = caller

    def __repr__(self) -> str:
        return f"<{type(self).__name__} session_id={self.session_id!r} correlation_id={self.correlation_id!r}>"

    @property
    def session_id(self) -> str | None:
        """The session in which the call was made; ``None`` when there is none."""
        return self._caller.session_id

    @property
    def correlation_id(self) -> str:
        """Stands in all events, logs and errors of the call, on both sides."""
        return self._caller.correlation_id

    @property
    def remaining_seconds(self) -> float | None:
        """Seconds until the caller gives up, never negative; ``None`` when it waits for ever."""
        return self._caller.remaining_seconds

    def _reading_metadata(self) -> Exchange[Mapping[str, Any]]:
        self._caller.require_session("metadata")
        told = yield ("session.get", {})
        return MappingProxyType(told["metadata"])
