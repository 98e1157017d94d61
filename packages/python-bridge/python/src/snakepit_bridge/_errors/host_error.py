"""The error of a request that the host rejected or failed to answer."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from .exception_report import ExceptionReport

_NO_DETAILS: Mapping[str, Any] = MappingProxyType({})


@dataclass(frozen=True)
class HostException:
    """An exception that a host tool threw."""

    name: str
    """Name of the error, for example ``RangeError``."""
    message: str
    stack: str | None = None
    """The stack as the runtime of the host formats it; ``None`` when the host did not send it."""
    cause: HostException | None = None
    """The exception in its ``cause``."""


class HostError(Exception):
    """The host rejected a request of a tool, or failed to execute it."""

    def __init__(
        self,
        code: str,
        message: str,
        details: Mapping[str, Any] = _NO_DETAILS,
        python: ExceptionReport | None = None,
        exception: HostException | None = None,
    ) -> None:
        """Creates the error.

        Args:
            code: see :attr:`code`.
            message: see :attr:`message`.
            details: see :attr:`details`.
            python: see :attr:`python`.
            exception: see :attr:`exception`.
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
        self.exception = exception
        """The exception of a host tool, when that is the cause, directly or in a call behind this one."""

    def __reduce__(self) -> tuple[Any, ...]:
        return type(self), (self.code, self.message, dict(self.details), self.python, self.exception)


class HostToolError(HostError):
    """A host tool failed, does not exist, or was called with invalid arguments.

    The code is ``HOST_TOOL_EXCEPTION`` when the function of the tool threw an exception.
    """

    def __init__(
        self,
        code: str,
        message: str,
        details: Mapping[str, Any] = _NO_DETAILS,
        python: ExceptionReport | None = None,
        exception: HostException | None = None,
    ) -> None:
        """Creates the error; see :class:`HostError` for the arguments."""
        super().__init__(code, message, details, python, exception)
        self.name: str | None = None if exception is None else exception.name
        """Name of the error that the host tool threw, for example ``RangeError``; ``None`` when it threw none."""
        self.stack: str | None = None if exception is None else exception.stack
        """The stack of the error that the host tool threw; ``None`` when it threw none."""
