"""What is known of a variable."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from .host_time import host_time
from .variable_types import as_read


@dataclass(frozen=True)
class Variable:
    """A typed value of a session."""

    name: str
    type: str
    """``string``, ``integer``, ``float``, ``boolean``, ``choice``, ``module``, ``embedding`` or ``tensor``."""
    value: Any
    version: int
    """Grows by 1 with each write; that of a new variable is higher than any that one of its name had before."""
    constraints: Mapping[str, Any]
    """What is demanded of its value, such as ``{"min": 0}``."""
    metadata: Mapping[str, Any]
    """What was said of it when it was registered."""


@dataclass(frozen=True)
class PreviousValue:
    """What a variable was before it was last written."""

    value: Any
    version: int
    updated_at: datetime
    updated_by: str


@dataclass(frozen=True)
class VariableDescription(Variable):
    """All that is known of a variable. Times are those of the host, in UTC."""

    created_at: datetime
    updated_at: datetime
    updated_by: str
    """Who wrote it last: ``host``, the id of a worker, or what a client calls itself."""
    previous: PreviousValue | None
    """``None`` when it has been written once."""


@dataclass(frozen=True)
class VariableChange:
    """What a variable has become."""

    name: str
    value: Any
    """``None`` when it was deleted."""
    version: int
    """When it was deleted, the one that it had."""
    deleted: bool


def read_variable(name: str, told: Mapping[str, Any]) -> Variable:
    """Reads what the host tells of a variable."""
    return Variable(
        name=name,
        type=told["type"],
        value=as_read(told["type"], told["value"]),
        version=told["version"],
        constraints=told["constraints"],
        metadata=told.get("metadata") or {},
    )


def read_description(name: str, told: Mapping[str, Any]) -> VariableDescription:
    """Reads all that the host tells of a variable."""
    known = read_variable(name, told)
    before = told["previous"]
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
        created_at=host_time(told["created_at"]),
        updated_at=host_time(told["updated_at"]),
        updated_by=told["updated_by"],
        previous=previous,
    )
