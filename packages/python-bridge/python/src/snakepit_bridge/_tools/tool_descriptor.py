"""The description of a tool for the host."""

from __future__ import annotations

import msgspec


class ToolParameter(msgspec.Struct, frozen=True):
    """One parameter of a tool."""

    name: str
    type: str
    """The annotation as written; empty without one."""
    required: bool
    default: str | None
    """The default as ``repr()`` shows it."""
    description: str | None
    unchecked: str | None = None
    """Why values are not checked, or why no value that can be sent is accepted; ``None`` when values are checked."""


class ToolDescriptor(msgspec.Struct, frozen=True):
    """One tool."""

    name: str
    description: str
    parameters: tuple[ToolParameter, ...]
    streaming: bool
    """Whether it yields chunks."""
    timeout_s: float | None = None
    """Seconds that a call may take; ``None`` for the limit of the pool."""
    idempotent: bool = False
    """Whether a call may be executed twice."""
    max_concurrent: int | None = None
    """The number of calls that run at the same time in the pool; ``None`` without a limit."""
