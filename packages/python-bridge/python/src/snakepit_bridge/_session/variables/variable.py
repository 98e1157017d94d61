"""Variables in the API of tools."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any

from ..exchange import host_time
from ..variable_types import as_read

if TYPE_CHECKING:
    from ..._contract import payloads


@dataclass(frozen=True)
class Variable:
    """A typed value of a session."""

    name: str
    type: str
    """``string``, ``integer``, ``float``, ``boolean``, ``choice``, ``module``, ``embedding`` or ``tensor``."""
    value: Any
    version: int
    """Incremented with each write; a new variable starts above all versions that its name has had before."""
    constraints: Mapping[str, Any]
    """The constraints of its value, such as ``{"min": 0}``."""
    metadata: Mapping[str, Any]
    """The metadata of its registration."""


@dataclass(frozen=True)
class PreviousValue:
    """The value of a variable before the last write."""

    value: Any
    version: int
    updated_at: datetime
    updated_by: str


@dataclass(frozen=True)
class VariableDescription(Variable):
    """A variable with its history. Times are those of the host, in UTC."""

    created_at: datetime
    updated_at: datetime
    updated_by: str
    """The last writer: ``host``, the id of a worker, or the name of a client."""
    previous: PreviousValue | None
    """``None`` when it has been written only once."""


@dataclass(frozen=True)
class VariableChange:
    """A change of a variable."""

    name: str
    value: Any
    """``None`` when it was deleted."""
    version: int
    """The last version, when it was deleted."""
    deleted: bool


def read_variable(name: str, fields: payloads.Variable, metadata: Mapping[str, Any]) -> Variable:
    """Returns a variable from the fields that the host sends."""
    return Variable(
        name=name,
        type=fields["type"],
        value=as_read(fields["type"], fields["value"]),
        version=fields["version"],
        constraints=fields["constraints"],
        metadata=metadata,
    )


def read_description(fields: payloads.VariableDescription) -> VariableDescription:
    """Returns a variable with its history from the fields that the host sends."""
    known = read_variable(fields["name"], fields, fields["metadata"])
    before = fields["previous"]
    previous = None
    if before is not None:
        previous = PreviousValue(
            value=as_read(known.type, before["value"]),
            version=before["version"],
            updated_at=host_time(before["updated_at"]),
            updated_by=before["updated_by"],
        )
    return VariableDescription(
        **vars(known),
        created_at=host_time(fields["created_at"]),
        updated_at=host_time(fields["updated_at"]),
        updated_by=fields["updated_by"],
        previous=previous,
    )
