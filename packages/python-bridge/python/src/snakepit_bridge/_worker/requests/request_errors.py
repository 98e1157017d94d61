"""The errors of requests to the host."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import msgspec

from ..._errors import ExceptionReport, HostError, HostException

if TYPE_CHECKING:
    from ..._proto.failure_pb2 import Failure, PythonFailure
    from ..._proto.failure_pb2 import HostException as WireHostException


def error_of_failure(failure: Failure) -> HostError:
    """Returns the exception of a failure that the host sent."""
    return HostError(
        failure.code,
        failure.message,
        {name: _detail(value) for name, value in failure.details.items()},
        _report_of(failure.python) if failure.HasField("python") else None,
        _host_exception_of(failure.host_exception) if failure.HasField("host_exception") else None,
    )


def connection_lost(reason: str) -> HostError:
    """Returns the error of a request without a connection."""
    return HostError("SHUTTING_DOWN", f"the host is no longer reachable: {reason}")


def call_ended(tool: str) -> HostError:
    """Returns the error of a request on behalf of a call that was answered already."""
    return HostError(
        "CANCELLED",
        f"the call of {tool}() that sent this request has ended; use a session context only while its call runs",
    )


def reply_timeout(method: str, timeout: float | None) -> HostError:
    """Returns the error of a request that was not answered in time."""
    return HostError("DEADLINE_EXCEEDED", f'the host did not answer "{method}" within {timeout} s')


def _detail(value: str) -> Any:
    try:
        return msgspec.json.decode(value)
    except msgspec.DecodeError:
        # Details are JSON by contract; a detail that is not JSON is kept unchanged.
        return value


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
