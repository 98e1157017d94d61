"""What a tool can know of the call that it runs for."""

from __future__ import annotations

from collections.abc import Mapping
from contextvars import ContextVar
from dataclasses import dataclass
from time import monotonic
from types import MappingProxyType
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from .call import Call

executing: ContextVar[Call | CallContext | None] = ContextVar("snakepit_call", default=None)
"""The call that this thread or task executes; a context of its own where there is no host."""


@dataclass(frozen=True)
class CallContext:
    """What the caller said beside the arguments."""

    correlation_id: str
    """Stands in all events, logs and errors of this call, on both sides."""
    session_id: str | None
    """The session in which the call was made."""
    traceparent: str | None
    """W3C trace context of the caller."""
    metadata: Mapping[str, str]
    deadline: float | None
    """When the caller gives up, on the clock of :func:`time.monotonic`; ``None`` when it waits for ever."""

    @property
    def remaining_seconds(self) -> float | None:
        """Seconds until the caller gives up, never negative; ``None`` when it waits for ever."""
        return None if self.deadline is None else max(0.0, self.deadline - monotonic())


def current_call() -> CallContext:
    """What the caller of the running tool said beside the arguments.

    Raises:
        RuntimeError: no tool is running in this thread or task. A thread that a tool starts does not inherit its
            call; run its function in ``contextvars.copy_context()``, or hand over what it needs.
    """
    call = executing.get()
    if call is None:
        raise RuntimeError("current_call() is for tools while they run; no call is being executed here")
    return call if isinstance(call, CallContext) else context_of(call)


def context_of(call: Call) -> CallContext:
    """Makes what a tool can see of a call."""
    message = call.message
    return CallContext(
        correlation_id=message.correlation_id,
        session_id=message.session_id if message.HasField("session_id") else None,
        traceparent=message.traceparent if message.HasField("traceparent") else None,
        metadata=MappingProxyType(dict(message.metadata)),
        deadline=call.deadline,
    )
