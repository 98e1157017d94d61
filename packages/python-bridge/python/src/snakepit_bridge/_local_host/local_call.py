"""A call without a worker."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from snakepit_bridge._worker.call_context import CallContext

if TYPE_CHECKING:
    from .local_host import LocalHost


@dataclass(frozen=True)
class LocalCall(CallContext):
    """What a tool can know of a call in a unit test."""

    host: LocalHost = field(repr=False)
    """Where it asks for variables, programs and functions."""
