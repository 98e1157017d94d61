"""What the host answers in place of what it was asked for."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

import msgspec

from snakepit_bridge._tools import ExceptionReport

if TYPE_CHECKING:
    from snakepit_bridge._proto.failure_pb2 import Failure, PythonFailure

_NO_DETAILS: Mapping[str, Any] = MappingProxyType({})


class HostError(Exception):
    """The host has refused what a tool asked of it, or has failed at it."""

    def __init__(
        self,
        code: str,
        message: str,
        details: Mapping[str, Any] = _NO_DETAILS,
        python: ExceptionReport | None = None,
    ) -> None:
        """Makes it.

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
        """Further facts, by name."""
        self.python = python
        """The exception behind it, where the host has asked a worker in turn."""

    def __reduce__(self) -> tuple[Any, ...]:
        return type(self), (self.code, self.message, dict(self.details), self.python)


class HostToolError(HostError):
    """A tool of the host has failed, is not there, or was given arguments that do not fit."""


def error_of_failure(failure: Failure) -> HostError:
    """The exception that a failure on the wire stands for."""
    return HostError(
        failure.code,
        failure.message,
        {name: _detail(text) for name, text in failure.details.items()},
        _report_of(failure.python) if failure.HasField("python") else None,
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
