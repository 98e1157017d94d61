"""The session of a call: variables, programs, and host tools."""

from __future__ import annotations

from .async_session_context import AsyncSessionContext
from .caller import Caller, NoSessionError
from .current_session import current_async_session, current_session
from .host_tool_descriptor import HostToolDescriptor, HostToolParameter
from .host_tools.async_host_tools import AsyncHostToolCall, AsyncHostTools
from .host_tools.host_tool_list import UnknownHostToolError
from .host_tools.host_tools import HostTools
from .name_pattern import matcher
from .programs.async_programs import AsyncPrograms
from .programs.program import ProgramConflictError, ProgramError, ProgramInfo, UnknownProgramError
from .programs.programs import Programs
from .session_context import SessionContext
from .variable_types import VariableType, as_read, check_variable, define_variable
from .variable_types.variable_error import VariableError
from .variables.async_variables import AsyncVariables
from .variables.variable import PreviousValue, Variable, VariableChange, VariableDescription
from .variables.variable_errors import UnknownVariableError, VariableBatchError, VariableConflictError
from .variables.variables import Variables

__all__ = [
    "AsyncHostToolCall",
    "AsyncHostTools",
    "AsyncPrograms",
    "AsyncSessionContext",
    "AsyncVariables",
    "Caller",
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
    "as_read",
    "check_variable",
    "current_async_session",
    "current_session",
    "define_variable",
    "matcher",
]

for _each in list(globals().values()):
    if isinstance(_each, type) and issubclass(_each, BaseException):
        # Tracebacks and error reports show the name under which users import it.
        _each.__module__ = "snakepit_bridge"
