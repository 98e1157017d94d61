"""The call that a thread or task executes, and what its tool can read about it."""

from __future__ import annotations

from collections.abc import Mapping
from contextvars import ContextVar
from dataclasses import dataclass
from time import monotonic
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from .host_channel import HostChannel


class ExecutingCall(Protocol):
    """A call that is being executed, by a worker or by :class:`~snakepit_bridge.testing.ToolClient`."""

    @property
    def session_id(self) -> str | None:
        """The session of the call; ``None`` without one."""
        ...

    @property
    def correlation_id(self) -> str:
        """Identifies the call in events, logs and errors."""
        ...

    @property
    def deadline(self) -> float | None:
        """When the caller stops waiting, on the clock of :func:`time.monotonic`; ``None`` for never."""
        ...

    @property
    def host(self) -> HostChannel:
        """Sends requests to the host on behalf of this call."""
        ...

    def context(self) -> CallContext:
        """Returns the data of the call that the tool can read."""
        ...


executing: ContextVar[ExecutingCall | None] = ContextVar("snakepit_call", default=None)
"""The call that this thread or task executes."""


@dataclass(frozen=True)
class CallContext:
    """The data of a call in addition to its arguments."""

    correlation_id: str
    """Appears in all events, logs and errors of this call, on both sides."""
    session_id: str | None
    """The session of the call; ``None`` without one."""
    traceparent: str | None
    """W3C trace context of the caller."""
    metadata: Mapping[str, str]
    deadline: float | None
    """When the caller stops waiting, on the clock of :func:`time.monotonic`; ``None`` for never."""

    @property
    def trace_id(self) -> str | None:
        """The ID of the trace, 32 hexadecimal digits; ``None`` without one."""
        return None if self.traceparent is None else self.traceparent[3:35]

    @property
    def remaining_seconds(self) -> float | None:
        """Seconds until the deadline, never negative; ``None`` without a deadline."""
        return None if self.deadline is None else max(0.0, self.deadline - monotonic())


def current_call() -> CallContext:
    """Returns the context of the call of the running tool: its IDs, its metadata and its deadline.

    Raises:
        RuntimeError: no tool runs in this thread or task. A thread that a tool starts does not inherit the call; run
            its function in ``contextvars.copy_context()``, or pass it the values it needs.
    """
    call = executing.get()
    if call is None:
        raise RuntimeError("current_call() must be called from a running tool; no call is executing here")
    return call.context()
