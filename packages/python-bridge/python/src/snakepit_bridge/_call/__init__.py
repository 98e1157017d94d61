"""The call that a tool runs for, and the ports through which the tool reaches its host."""

from __future__ import annotations

from .call_context import CallContext, ExecutingCall, current_call, executing
from .host_channel import AsyncHostStream, HostChannel, HostStream, StateListener
from .injected_context import InjectedContext
from .trace_context import valid_traceparent

__all__ = [
    "AsyncHostStream",
    "CallContext",
    "ExecutingCall",
    "HostChannel",
    "HostStream",
    "InjectedContext",
    "StateListener",
    "current_call",
    "executing",
    "valid_traceparent",
]
