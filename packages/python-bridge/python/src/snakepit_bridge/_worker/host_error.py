"""What the host answers in place of what it was asked for."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

import msgspec

from snakepit_bridge._tools import ExceptionReport

if TYPE_CHECKING:
    from snakepit_bridge._proto.failure_pb2 import Failure, PythonFailure
    from snakepit_bridge._proto.failure_pb2 import HostException as WireHostException

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
    """The host has refused what a tool asked of it, or has failed at it."""

    def __init__(
        self,
        code: str,
        message: str,
        details: Mapping[str, Any] = _NO_DETAILS,
        python: ExceptionReport | None = None,
        exception: HostException | None = None,
    ) -> None:
        """Makes it.

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
        """Further facts, by name."""
        self.python = python
        """The exception behind it, where the host has asked a worker in turn."""
        self.exception = exception
        """The exception of a host tool, where that is what went wrong, directly or in a call behind this one."""

    def __reduce__(self) -> tuple[Any, ...]:
        return type(self), (self.code, self.message, dict(self.details), self.python, self.exception)


class HostToolError(HostError):
    """A host tool failed or is missing, or its arguments are invalid.

    The code is ``HOST_TOOL_EXCEPTION`` when the function of the tool threw an exception of its own.
    """

    def __init__(
        self,
        code: str,
        message: str,
        details: Mapping[str, Any] = _NO_DETAILS,
        python: ExceptionReport | None = None,
        exception: HostException | None = None,
    ) -> None:
        """Makes it; see :class:`HostError` for the arguments."""
        super().__init__(code, message, details, python, exception)
        self.name: str | None = None if exception is None else exception.name
        """Name of the error that the host tool threw, for example ``RangeError``; ``None`` when it threw none."""
        self.stack: str | None = None if exception is None else exception.stack
        """The stack of the error that the host tool threw; ``None`` when it threw none."""


def error_of_failure(failure: Failure) -> HostError:
    """Returns the exception of a failure on the wire."""
    return HostError(
        failure.code,
        failure.message,
        {name: _detail(text) for name, text in failure.details.items()},
        _report_of(failure.python) if failure.HasField("python") else None,
        _host_exception_of(failure.host_exception) if failure.HasField("host_exception") else None,
    )


def connection_lost(reason: str) -> HostError:
    """The error of a request without a host."""
    return HostError("SHUTTING_DOWN", f"the host cannot be asked any more: {reason}")


def call_over(tool: str) -> HostError:
    """The error of a request on behalf of a call that was answered already."""
    return HostError(
        "CANCELLED",
        f"the call of {tool}() on whose behalf this was asked is over; ask while it runs, and in each call anew",
    )


def late_answer(method: str, timeout: float | None) -> HostError:
    """The error of a request that was not answered in time."""
    return HostError("DEADLINE_EXCEEDED", f'the host did not answer "{method}" within {timeout} s')


def _detail(text: str) -> Any:
    try:
        return msgspec.json.decode(text)
    except msgspec.DecodeError:
        # Details are JSON by contract; one that is not is better shown than lost.
        return text


def _report_of(python: PythonFailure) -> ExceptionReport:
    return ExceptionReport(
        type=python.type,
        module=python.module,
        message=python.message,
        traceback=python.traceback,
        notes=tuple(python.notes),
        cause=_report_of(python.cause) if python.HasField("cause") else None,
    )


def _host_exception_of(exception: WireHostException) -> HostException:
    return HostException(
        name=exception.name,
        message=exception.message,
        stack=exception.stack if exception.HasField("stack") else None,
        cause=_host_exception_of(exception.cause) if exception.HasField("cause") else None,
    )
