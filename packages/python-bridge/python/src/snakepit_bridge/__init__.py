"""Tools in Python for callers in TypeScript."""

from __future__ import annotations

from ._session import (
    AsyncHostToolCall,
    AsyncHostTools,
    AsyncPrograms,
    AsyncSessionContext,
    AsyncVariables,
    HostToolDescriptor,
    HostToolParameter,
    HostTools,
    NoSessionError,
    PreviousValue,
    ProgramConflictError,
    ProgramError,
    ProgramInfo,
    Programs,
    SessionContext,
    UnknownHostToolError,
    UnknownProgramError,
    UnknownVariableError,
    Variable,
    VariableBatchError,
    VariableChange,
    VariableConflictError,
    VariableDescription,
    VariableError,
    Variables,
    current_async_session,
    current_session,
)
from ._tools import Adapter, tool
from ._version import PROTOCOL_VERSION, __version__
from ._worker import CallContext, Cancelled, HostError, HostToolError, current_call

__all__ = [
    "PROTOCOL_VERSION",
    "Adapter",
    "AsyncHostToolCall",
    "AsyncHostTools",
    "AsyncPrograms",
    "AsyncSessionContext",
    "AsyncVariables",
    "CallContext",
    "Cancelled",
    "HostError",
    "HostToolDescriptor",
    "HostToolError",
    "HostToolParameter",
    "HostTools",
    "NoSessionError",
    "PreviousValue",
    "ProgramConflictError",
    "ProgramError",
    "ProgramInfo",
    "Programs",
    "SessionContext",
    "UnknownHostToolError",
    "UnknownProgramError",
    "UnknownVariableError",
    "Variable",
    "VariableBatchError",
    "VariableChange",
    "VariableConflictError",
    "VariableDescription",
    "VariableError",
    "Variables",
    "__version__",
    "current_async_session",
    "current_call",
    "current_session",
    "tool",
]

for _each in list(globals().values()):
    if isinstance(_each, type) and issubclass(_each, BaseException):
        # Tracebacks and error reports say where one imports it from.
        _each.__module__ = __name__
