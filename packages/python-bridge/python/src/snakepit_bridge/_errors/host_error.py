"""The error of a request that the host rejected or failed to answer."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from .exception_report import ExceptionReport

_NO_DETAILS: Mapping[str, Any] = MappingProxyType({})


class HostError(Exception):
    """The host rejected a request of a tool, or failed to execute it."""

    def __init__(
        self,
        code: str,
        message: str,
        details: Mapping[str, Any] = _NO_DETAILS,
        python: ExceptionReport | None = None,
    ) -> None:
        """Creates the error.

        Args:
            code: see :attr:`code`.
            message: see :attr:`message`.
            details: see :attr:`details`.
            python: see :attr:`python`.
        """
        super().__init__(message)
        self.code = code
        """One of the error codes that host and workers share."""
        self.message = message
        """What happened, to which thing, and the remedy."""
        self.details = details
        """Additional facts, by name."""
        self.python = python
        """The exception that caused it, when the host called another worker for this request."""

    def __reduce__(self) -> tuple[Any, ...]:
        return type(self), (self.code, self.message, dict(self.details), self.python)


class HostToolError(HostError):
    """A host tool failed, does not exist, or was called with invalid arguments."""
