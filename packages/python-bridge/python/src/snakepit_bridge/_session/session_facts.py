"""What the session contexts of both kinds of tools have in common."""

from __future__ import annotations

from types import MappingProxyType
from typing import TYPE_CHECKING, Any

from .._call import InjectedContext
from .._contract.operations import SESSION_GET
from .caller import current_caller

if TYPE_CHECKING:
    from collections.abc import Mapping

    from .._contract.payloads import Session
    from .caller import Caller
    from .exchange import Exchange


class SessionFacts(InjectedContext):
    """What is known about a call and its session without a request to the host."""

    __slots__ = ("_caller",)

    def __init__(self, caller: Caller) -> None:
        self._caller = caller

    @classmethod
    def of_current_call(cls) -> Any:
        """See :class:`InjectedContext`."""
        return cls(current_caller("a session context"))

    def __repr__(self) -> str:
        return f"<{type(self).__name__} session_id={self.session_id!r} correlation_id={self.correlation_id!r}>"

    @property
    def session_id(self) -> str | None:
        """The session of the call; ``None`` without one."""
        return self._caller.session_id

    @property
    def correlation_id(self) -> str:
        """Appears in all events, logs and errors of the call, on both sides."""
        return self._caller.correlation_id

    @property
    def remaining_seconds(self) -> float | None:
        """Seconds until the deadline of the call, never negative; ``None`` without a deadline."""
        return self._caller.remaining_seconds

    def _reading_metadata(self) -> Exchange[Mapping[str, Any]]:
        self._caller.require_session("metadata")
        session: Session = yield SESSION_GET.request({})
        return MappingProxyType(session["metadata"])
