"""The operations that tools call.

Generated from packages/core/src/operations by `npm run codegen`; not to be edited.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from .operation import StreamOperation, ValueOperation

if TYPE_CHECKING:
    from .payloads import (
        HostToolCall,
        Nothing,
        ProgramsDeleteAnswer,
        ProgramsDeletePayload,
        ProgramsGetAnswer,
        ProgramsGetPayload,
        ProgramsListAnswer,
        ProgramsListPayload,
        ProgramsReservePayload,
        ProgramsStoreAnswer,
        ProgramsStorePayload,
        ProgramsUpdateAnswer,
        ProgramsUpdatePayload,
        ReservedProgram,
        ReservedVariable,
        Session,
        ToolsCallAnswer,
        ToolsListAnswer,
        Variable,
        VariableChange,
        VariableDescription,
        VariablesDeleteAnswer,
        VariablesDeletePayload,
        VariablesDescribePayload,
        VariablesGetAnswer,
        VariablesGetPayload,
        VariablesListAnswer,
        VariablesListPayload,
        VariablesRegisterPayload,
        VariablesReservePayload,
        VariablesSetAnswer,
        VariablesSetPayload,
        VariablesWatchPayload,
    )

SESSION_GET: Final[ValueOperation[Nothing, Session]] = ValueOperation("session.get")
SESSION_TOUCH: Final[ValueOperation[Nothing, Session]] = ValueOperation("session.touch")
VARIABLES_REGISTER: Final[ValueOperation[VariablesRegisterPayload, Variable]] = ValueOperation("variables.register")
VARIABLES_GET: Final[ValueOperation[VariablesGetPayload, VariablesGetAnswer]] = ValueOperation("variables.get")
VARIABLES_DESCRIBE: Final[ValueOperation[VariablesDescribePayload, VariableDescription]] = ValueOperation(
    "variables.describe"
)
VARIABLES_SET: Final[ValueOperation[VariablesSetPayload, VariablesSetAnswer]] = ValueOperation("variables.set")
VARIABLES_DELETE: Final[ValueOperation[VariablesDeletePayload, VariablesDeleteAnswer]] = ValueOperation(
    "variables.delete"
)
VARIABLES_LIST: Final[ValueOperation[VariablesListPayload, VariablesListAnswer]] = ValueOperation("variables.list")
VARIABLES_WATCH: Final[StreamOperation[VariablesWatchPayload, VariableChange]] = StreamOperation("variables.watch")
VARIABLES_RESERVE: Final[StreamOperation[VariablesReservePayload, ReservedVariable]] = StreamOperation(
    "variables.reserve"
)
PROGRAMS_STORE: Final[ValueOperation[ProgramsStorePayload, ProgramsStoreAnswer]] = ValueOperation("programs.store")
PROGRAMS_GET: Final[ValueOperation[ProgramsGetPayload, ProgramsGetAnswer]] = ValueOperation("programs.get")
PROGRAMS_UPDATE: Final[ValueOperation[ProgramsUpdatePayload, ProgramsUpdateAnswer]] = ValueOperation("programs.update")
PROGRAMS_DELETE: Final[ValueOperation[ProgramsDeletePayload, ProgramsDeleteAnswer]] = ValueOperation("programs.delete")
PROGRAMS_RESERVE: Final[StreamOperation[ProgramsReservePayload, ReservedProgram]] = StreamOperation("programs.reserve")
PROGRAMS_LIST: Final[ValueOperation[ProgramsListPayload, ProgramsListAnswer]] = ValueOperation("programs.list")
TOOLS_LIST: Final[ValueOperation[Nothing, ToolsListAnswer]] = ValueOperation("tools.list")
TOOLS_CALL: Final[ValueOperation[HostToolCall, ToolsCallAnswer]] = ValueOperation("tools.call")
TOOLS_STREAM: Final[StreamOperation[HostToolCall, Any]] = StreamOperation("tools.stream")
