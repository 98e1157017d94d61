"""Python tools that TypeScript code can call."""

from __future__ import annotations

from ._standard_library_first import StandardLibraryFirst

with StandardLibraryFirst():
    from typing import TYPE_CHECKING, Any

    from ._call import CallContext, current_call
    from ._errors import Cancelled, HostError, HostException, HostToolError
    from ._telemetry import Span, emit, span
    from ._tools import Adapter, setup, teardown, tool
    from ._version import PROTOCOL_VERSION, __version__

if TYPE_CHECKING:
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
        VariableType,
        current_async_session,
        current_session,
    )
    from ._thread_safety import (
        ReentrantLock,
        RequestTracker,
        ThreadLocal,
        ThreadSafeAdapter,
        ThreadSafetyError,
        ThreadSafetyReport,
        locked,
        thread_safe,
        thread_safety_report,
    )

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
    "HostException",
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
    "ReentrantLock",
    "RequestTracker",
    "SessionContext",
    "Span",
    "ThreadLocal",
    "ThreadSafeAdapter",
    "ThreadSafetyError",
    "ThreadSafetyReport",
    "UnknownHostToolError",
    "UnknownProgramError",
    "UnknownVariableError",
    "Variable",
    "VariableBatchError",
    "VariableChange",
    "VariableConflictError",
    "VariableDescription",
    "VariableError",
    "VariableType",
    "Variables",
    "__version__",
    "current_async_session",
    "current_call",
    "current_session",
    "emit",
    "locked",
    "setup",
    "span",
    "teardown",
    "thread_safe",
    "thread_safety_report",
    "tool",
]

_THREAD_SAFETY = frozenset(
    {
        "ReentrantLock",
        "RequestTracker",
        "ThreadLocal",
        "ThreadSafeAdapter",
        "ThreadSafetyError",
        "ThreadSafetyReport",
        "locked",
        "thread_safe",
        "thread_safety_report",
    }
)


def __getattr__(name: str) -> Any:
    """Loads a part of the API on first access, so that workers whose tools do not use it start faster."""
    if name not in __all__:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    with StandardLibraryFirst():
        if name in _THREAD_SAFETY:
            from . import _thread_safety as package
        else:
            from . import _session as package  # type: ignore[no-redef]

    found = globals()[name] = getattr(package, name)
    return found


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})


for _each in list(globals().values()):
    if isinstance(_each, type) and issubclass(_each, BaseException):
        # Tracebacks and error reports then show the name from which users import it.
        _each.__module__ = __name__
