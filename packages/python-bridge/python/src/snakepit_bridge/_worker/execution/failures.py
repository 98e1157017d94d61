"""Converts exceptions to the failures that are sent to the host: the only place that decides this."""

from __future__ import annotations

import traceback
from collections.abc import Mapping
from contextlib import suppress
from typing import TYPE_CHECKING, Any

import msgspec

from ... import _target_files
from ..._errors import ExceptionReport, HostError, HostException, attribute_of, chain_of, report_exception
from ..._proto.failure_pb2 import Failure, PythonFailure
from ..._proto.failure_pb2 import HostException as WireHostException
from ..._system import address_space_limit
from ..._tools import TargetError, ToolArgumentError
from ..._values import SerializationError
from .session_hooks import SessionStartError
from .tool_box import CallRejected

if TYPE_CHECKING:
    from ..calls import Call

_PACKAGE = "snakepit_bridge"
# The messages of the import system, of the thread library and of the system.
_NO_MEMORY = ("failed to map segment", "Cannot allocate memory", "can't start new thread", "MemoryError")
_CANCELLED = {
    "cancelled": ("CANCELLED", "was cancelled by the caller"),
    "deadline": ("DEADLINE_EXCEEDED", "did not finish by its deadline"),
    "shutdown": ("SHUTTING_DOWN", "was cancelled because its worker is shutting down"),
}


def failure_of_call(call: Call, error: BaseException) -> Failure:
    """Returns the failure of a call that ended in an exception, of the tool or of the worker itself.

    Never raises, for any exception, because the caller waits for an answer.
    """
    if call.cancel_reason is not None:
        # No one waits for an exception that was raised during the cancellation.
        code, what = _CANCELLED[call.cancel_reason]
        failure = Failure(code=code, message=f"{call.tool}() {what}")
        if call.cancel_reason == "deadline":
            # The caller receives the stack of the tool.
            failure.python.CopyFrom(_python_failure(report_exception(error)))
        return failure
    # Not isinstance(): a class may define its own __class__.
    kind = type(error)
    # A tool may raise an exception of this package with arbitrary attributes. If they cannot be read, it is treated
    # like any other exception.
    with suppress(BaseException):
        if issubclass(kind, CallRejected):
            return _rejection(error)
        if issubclass(kind, ToolArgumentError):
            return _argument_failure(error)
        if issubclass(kind, SerializationError):
            return _serialization_failure(call, error)
    return _exception_failure(call, error)


def _rejection(error: Any) -> Failure:
    return Failure(code=error.code, message=str(error))


def _argument_failure(error: Any) -> Failure:
    details = _details(tool=error.tool, argument=error.argument)
    return Failure(code="INVALID_ARGUMENT", message=str(error), details=details)


def _serialization_failure(call: Call, error: Any) -> Failure:
    return Failure(code=error.code, message=f"{call.tool}(): {error}", details=_details(path=error.path or None))


def _exception_failure(call: Call, error: BaseException) -> Failure:
    what = f"{call.tool}()"
    if type(error) is SessionStartError and error.__cause__ is not None:
        error = error.__cause__
        what = f"on_session_start() before {what}"
    is_out_of_memory = issubclass(type(error), MemoryError)
    if is_out_of_memory:
        # The local variables of the tool would take the memory that the report needs.
        traceback.clear_frames(error.__traceback__)
    report = report_exception(error)
    python = _python_failure(report)
    if is_out_of_memory:
        return Failure(code="OUT_OF_MEMORY", message=f"{what} ran out of memory{_memory_remedy()}", python=python)
    message = f"{what} raised {_headline(python)}"
    details = _details_of(error, report.module)
    failure = Failure(code="PYTHON_EXCEPTION", message=message, python=python, details=details)
    _add_what_the_host_sent(failure, error)
    return failure


def _add_what_the_host_sent(failure: Failure, error: BaseException) -> None:
    """Adds the exceptions behind an error of the host, so that the caller sees the innermost cause.

    They are not chained to the exception in Python: the exception of another worker, and that of a host tool.
    """
    depth, found = 0, None
    for index, each in enumerate(chain_of(error)):
        if issubclass(type(each), HostError):
            depth, found = index, each
    if found is None:
        return
    report, exception = attribute_of(found, "python"), attribute_of(found, "exception")
    # A class of the user may be a HostError with anything in its attributes.
    with suppress(TypeError, ValueError, AttributeError):
        python = failure.python
        for _ in range(depth):
            python = python.cause
        if isinstance(report, ExceptionReport) and not python.HasField("cause"):
            python.cause.CopyFrom(_python_failure(report))
        if isinstance(exception, HostException):
            failure.host_exception.CopyFrom(_host_exception(exception))


def _memory_remedy() -> str:
    limit = address_space_limit()
    if limit is None:
        return "; do less in one call, run fewer workers, or add memory to the machine or container"
    return f": {limit}; increase the limit, or do less in one call"


def failure_of_setup(error: TargetError) -> Failure:
    """Returns the failure of a worker whose set-up failed."""
    message = str(error)
    limit = address_space_limit()
    caused_by_limit = error.report is not None and any(each in error.report.traceback for each in _NO_MEMORY)
    if limit is not None and caused_by_limit:
        message = f"{message}; {limit}; increase the limit"
    failure = Failure(code="WORKER_START_FAILED", message=message, details=_details(permanent=error.permanent))
    if error.report is not None:
        failure.python.CopyFrom(_python_failure(error.report))
    return failure


def _details_of(error: BaseException, module: str) -> dict[str, str]:
    """The code and details of errors of this package, as the host has sent them."""
    is_ours = module == _PACKAGE or module.startswith(f"{_PACKAGE}._")
    if not is_ours or module.startswith(_target_files.__name__):
        return {}
    code = attribute_of(error, "code")
    if not isinstance(code, str):
        return {}
    try:
        return _details(code=code, details=_jsonable(attribute_of(error, "details")))
    except BaseException:  # code of the user, in a subclass or in its attributes
        return {}


def _jsonable(details: object) -> object:
    if details is None:
        return {}
    try:
        msgspec.json.encode(details)
    except (TypeError, ValueError, OverflowError, RecursionError):
        # Falls back to strings.
        return {str(key): str(each) for key, each in details.items()} if isinstance(details, Mapping) else str(details)
    return details


def _headline(python: PythonFailure) -> str:
    return f"{python.type}: {python.message}" if python.message else python.type


def _python_failure(report: ExceptionReport) -> PythonFailure:
    return PythonFailure(
        type=report.type,
        module=report.module,
        message=report.message,
        traceback=report.traceback,
        notes=report.notes,
        cause=None if report.cause is None else _python_failure(report.cause),
    )


def _host_exception(exception: HostException) -> WireHostException:
    return WireHostException(
        name=exception.name,
        message=exception.message,
        stack=exception.stack,
        cause=None if exception.cause is None else _host_exception(exception.cause),
    )


def _details(**facts: object) -> dict[str, str]:
    return {key: msgspec.json.encode(value).decode() for key, value in facts.items() if value is not None}
