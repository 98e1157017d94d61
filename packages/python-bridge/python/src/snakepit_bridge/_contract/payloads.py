"""Payloads and answers of the operations that tools call. Times are milliseconds since 1970.

Generated from packages/core/src/operations by `npm run codegen`; not to be edited.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any, Literal, TypedDict, final

if TYPE_CHECKING:
    from typing_extensions import NotRequired


class Nothing(TypedDict):
    pass


class Session(TypedDict):
    id: str
    version: int
    metadata: Mapping[str, Any]
    created_at: float
    used_at: float
    expires_at: float | None
    ttl_ms: float | None
    last_worker: str | None


class VariablesRegisterPayload(TypedDict):
    name: str
    type: str
    value: Any
    constraints: NotRequired[Mapping[str, Any] | None]
    metadata: NotRequired[Mapping[str, Any] | None]
    reservation: NotRequired[int | None]


class Constraints(TypedDict):
    min: NotRequired[float]
    max: NotRequired[float]
    minLength: NotRequired[int]
    maxLength: NotRequired[int]
    pattern: NotRequired[str]
    choices: NotRequired[Sequence[str]]
    dimensions: NotRequired[int]
    shape: NotRequired[Sequence[int | None]]
    dtype: NotRequired[str]


class Variable(TypedDict):
    type: str
    value: Any
    version: int
    constraints: Constraints


class VariablesGetPayload(TypedDict):
    names: Sequence[str]


class VariablesGetAnswer(TypedDict):
    variables: Mapping[str, Variable]


class VariablesDescribePayload(TypedDict):
    name: str


class PreviousValue(TypedDict):
    value: Any
    version: int
    updated_at: float
    updated_by: str


class VariableDescription(TypedDict):
    type: str
    value: Any
    version: int
    constraints: Constraints
    name: str
    metadata: Mapping[str, Any]
    created_at: float
    updated_at: float
    updated_by: str
    previous: PreviousValue | None


class VariableWrite(TypedDict):
    name: str
    value: Any
    version: NotRequired[int | None]


class VariablesSetPayload(TypedDict):
    writes: Sequence[VariableWrite]
    atomic: NotRequired[bool | None]
    reservation: NotRequired[int | None]


@final
class Written(TypedDict):
    version: int


@final
class NotWritten(TypedDict):
    code: str
    message: str
    details: NotRequired[Mapping[str, Any]]


class VariablesSetAnswer(TypedDict):
    outcomes: Sequence[Written | NotWritten]


class VariablesDeletePayload(TypedDict):
    names: Sequence[str]
    reservation: NotRequired[int | None]


class VariablesDeleteAnswer(TypedDict):
    deleted: Sequence[str]


class VariablesListPayload(TypedDict):
    pattern: NotRequired[str | None]


class ListedVariable(TypedDict):
    type: str
    value: Any
    version: int
    constraints: Constraints
    name: str
    metadata: Mapping[str, Any]


class VariablesListAnswer(TypedDict):
    variables: Sequence[ListedVariable]


class VariablesWatchPayload(TypedDict):
    names: NotRequired[Sequence[str] | None]
    pattern: NotRequired[str | None]


class VariableChange(TypedDict):
    name: str
    type: str | None
    value: Any
    version: int
    deleted: bool


class VariablesReservePayload(TypedDict):
    name: str
    conflicts: int
    reservation: NotRequired[int | None]


class ReservedVariable(TypedDict):
    type: str
    value: Any
    version: int
    constraints: Constraints
    reservation: int


class ProgramsStorePayload(TypedDict):
    scope: NotRequired[Literal["session", "global"] | None]
    id: str
    document: Any
    reservation: NotRequired[int | None]


class ProgramsStoreAnswer(TypedDict):
    version: int


class ProgramsGetPayload(TypedDict):
    scope: NotRequired[Literal["session", "global"] | None]
    id: str
    may_be_absent: NotRequired[bool | None]


class ProgramsGetAnswer(TypedDict):
    document: Any
    version: int


class ProgramsUpdatePayload(TypedDict):
    scope: NotRequired[Literal["session", "global"] | None]
    id: str
    document: Any
    version: NotRequired[int | None]
    reservation: NotRequired[int | None]


class ProgramsUpdateAnswer(TypedDict):
    version: int


class ProgramsDeletePayload(TypedDict):
    scope: NotRequired[Literal["session", "global"] | None]
    ids: Sequence[str]
    reservation: NotRequired[int | None]


class ProgramsDeleteAnswer(TypedDict):
    deleted: Sequence[str]


class ProgramsReservePayload(TypedDict):
    scope: NotRequired[Literal["session", "global"] | None]
    id: str
    conflicts: int
    reservation: NotRequired[int | None]


class ReservedProgram(TypedDict):
    document: Any
    version: int
    reservation: int


class ProgramsListPayload(TypedDict):
    scope: NotRequired[Literal["session", "global"] | None]
    pattern: NotRequired[str | None]


class ListedProgram(TypedDict):
    id: str
    version: int
    updated_at: float


class ProgramsListAnswer(TypedDict):
    programs: Sequence[ListedProgram]


class HostToolParameter(TypedDict):
    name: str
    type: str
    required: bool
    default: str | None
    description: str | None


class HostTool(TypedDict):
    name: str
    description: str
    streaming: bool
    parameters: Sequence[HostToolParameter]
    schema: Mapping[str, Any] | None
    metadata: Mapping[str, Any]


class ToolsListAnswer(TypedDict):
    tools: Sequence[HostTool]


class HostToolCall(TypedDict):
    tool: str
    args: NotRequired[Any]


class ToolsCallAnswer(TypedDict):
    value: Any


ValueHandlers = TypedDict(
    "ValueHandlers",
    {
        "session.get": Callable[[Nothing], Session],
        "session.touch": Callable[[Nothing], Session],
        "variables.register": Callable[[VariablesRegisterPayload], Variable],
        "variables.get": Callable[[VariablesGetPayload], VariablesGetAnswer],
        "variables.describe": Callable[[VariablesDescribePayload], VariableDescription],
        "variables.set": Callable[[VariablesSetPayload], VariablesSetAnswer],
        "variables.delete": Callable[[VariablesDeletePayload], VariablesDeleteAnswer],
        "variables.list": Callable[[VariablesListPayload], VariablesListAnswer],
        "programs.store": Callable[[ProgramsStorePayload], ProgramsStoreAnswer],
        "programs.get": Callable[[ProgramsGetPayload], ProgramsGetAnswer],
        "programs.update": Callable[[ProgramsUpdatePayload], ProgramsUpdateAnswer],
        "programs.delete": Callable[[ProgramsDeletePayload], ProgramsDeleteAnswer],
        "programs.list": Callable[[ProgramsListPayload], ProgramsListAnswer],
        "tools.list": Callable[[Nothing], ToolsListAnswer],
        "tools.call": Callable[[HostToolCall], ToolsCallAnswer],
    },
)
"""One function for each operation that answers with a value."""
