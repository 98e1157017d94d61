"""What a tool knows of its session: variables, programs, and the tools of the host."""

from __future__ import annotations

from .async_host_tools import AsyncHostToolCall, AsyncHostTools
from .async_programs import AsyncPrograms
from .async_session_context import AsyncSessionContext
from .async_variables import AsyncVariables
from .current_session import current_async_session, current_session
from .host_tool import HostToolDescriptor, HostToolParameter
from .host_tool_list import UnknownHostToolError
from .host_tools import HostTools
from .no_session_error import NoSessionError
from .program import ProgramConflictError, ProgramError, ProgramInfo, UnknownProgramError
from .programs import Programs
from .session_context import SessionContext
from .variable import PreviousValue, Variable, VariableChange, VariableDescription
from .variable_error import VariableError
from .variable_errors import UnknownVariableError, VariableBatchError, VariableConflictError
from .variable_types import VariableType
from .variables import Variables

__all__ = [
    "AsyncHostToolCall",
    "AsyncHostTools",
    "AsyncPrograms",
    "AsyncSessionContext",
    "AsyncVariables",
    "HostToolDescriptor",
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
    "VariableType",
    "Variables",
    "current_async_session",
    "current_session",
]

for _each in list(globals().values()):
    if isinstance(_each, type) and issubclass(_each, BaseException):
        # Tracebacks and error reports say where one imports it from.
        _each.__module__ = "snakepit_bridge"
