"""The OpenTelemetry SDK of this process, if the user has set one up.

Samplers, span processors and exporters are code of the user, which may raise anything. None of it reaches a tool or a
worker: the first failure is logged, and the span or event is lost.
"""

from __future__ import annotations

import logging
from contextlib import suppress
from types import TracebackType
from typing import Any

from .._libraries import if_loaded
from .._version import __version__

LOGGER = "snakepit.telemetry"
"""The name of the logger of the first failure."""
_SCOPE = "snakepit_bridge"
_API = "opentelemetry.trace"
_SDK = "opentelemetry.sdk.trace"

_tracer: tuple[Any, Any] | None = None
"""The provider, and its tracer for this package."""
_has_failed = False
"""Whether a failure was logged."""


def sdk_tracer() -> Any:
    """Returns the tracer of the SDK; ``None`` without one. Loads nothing: a process with an SDK has loaded it."""
    global _tracer
    api = _if_complete(_API)
    if api is None or _if_complete(_SDK) is None:
        return None
    try:
        provider = api.get_tracer_provider()
        if isinstance(provider, (api.ProxyTracerProvider, api.NoOpTracerProvider)):
            return None
        if _tracer is None or _tracer[0] is not provider:
            _tracer = (provider, provider.get_tracer(_SCOPE, __version__))
    except Exception as error:
        _report("its provider returned no tracer", error)
        return None
    return _tracer[1]


def begin_execution(tracer: Any, name: str, traceparent: str | None, attributes: dict[str, Any]) -> Any:
    """Begins the span of the execution of a call, and makes it the parent of the spans of this thread or task.

    Args:
        tracer: the tracer of the SDK.
        name: the name of the span.
        traceparent: the W3C trace context of the caller.
        attributes: the attributes of the span.

    Returns:
        The span; ``None`` if the SDK has failed.
    """
    from opentelemetry import context, trace  # lazy: an optional library, which is loaded already

    try:
        parent = _parent(traceparent)
        span = tracer.start_span(name, context=parent, kind=trace.SpanKind.SERVER, attributes=attributes)
        # Each call has a context, which ends with it: nothing has to be detached.
        context.attach(trace.set_span_in_context(span, parent))
    except BaseException as error:  # outside of the tool, where nothing may be raised
        _report("it has begun no span", error)
        return None
    return span


def end_execution(span: Any, message: str | None) -> None:
    """Ends the span of an execution.

    Args:
        span: the span.
        message: the message of the failure; ``None`` if the call succeeded.
    """
    from opentelemetry.trace import Status, StatusCode  # lazy: an optional library, which is loaded already

    try:
        if message is not None:
            span.set_status(Status(StatusCode.ERROR, message))
        span.end()
    except BaseException as error:  # outside of the tool, where nothing may be raised
        _report("it has not ended a span", error)


class SdkSpan:
    """A span of the SDK that a tool has opened.

    Only an ``Exception`` is a failure of the SDK: the cancellation of the tool, for example, may occur here too.
    """

    __slots__ = ("_scope", "_span")

    def __init__(self, tracer: Any, name: str, attributes: dict[str, Any]) -> None:
        """Opens the span, and makes it the parent of the spans of this thread or task.

        Args:
            tracer: the tracer of the SDK.
            name: its name.
            attributes: its attributes, cleaned.
        """
        self._scope: Any = None
        self._span: Any = None
        try:
            scope = tracer.start_as_current_span(name, attributes=attributes)
            self._span = scope.__enter__()
            self._scope = scope
        except Exception as error:
            _report("it has begun no span", error)

    @property
    def is_recording(self) -> bool:
        """Whether the SDK records it."""
        try:
            return self._span is not None and bool(self._span.is_recording())
        except Exception as error:
            _report("it has not described a span", error)
            return False

    def set(self, attributes: dict[str, Any]) -> None:
        """Adds attributes, or replaces them."""
        try:
            if self._span is not None:
                self._span.set_attributes(attributes)
        except Exception as error:
            _report("it has set no attributes", error)

    def close(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        """Ends the span.

        Args:
            kind: the class of the exception that has left the span; ``None`` without one.
            error: the exception.
            at: its traceback.
        """
        try:
            if self._scope is not None:
                self._scope.__exit__(kind, error, at)
        except Exception as failure:
            if failure is not error:
                _report("it has not ended a span", failure)


def add_sdk_event(name: str, attributes: dict[str, Any]) -> None:
    """Adds an event to the active span of the SDK; ignored without one."""
    try:
        if_loaded(_API).get_current_span().add_event(name, attributes)
    except Exception as error:
        _report("it has added no event", error)


def sdk_traceparent() -> str | None:
    """Returns the W3C trace context of the active span of the SDK; ``None`` without one."""
    api = _if_complete(_API)
    if api is None:
        return None
    try:
        context = api.get_current_span().get_span_context()
        if not context.is_valid:
            return None
        return f"00-{context.trace_id:032x}-{context.span_id:016x}-{int(context.trace_flags) & 0xFF:02x}"
    except Exception as error:
        _report("it has not described a span", error)
        return None


def _if_complete(name: str) -> Any:
    """Returns a module that is loaded; ``None`` while another thread imports it, because it then lacks attributes."""
    module = if_loaded(name, waits=False)
    return None if getattr(getattr(module, "__spec__", None), "_initializing", False) else module


def _parent(traceparent: str | None) -> Any:
    from opentelemetry.context import Context  # lazy: an optional library, which is loaded already
    from opentelemetry.trace.propagation.tracecontext import TraceContextTextMapPropagator

    if traceparent is None:
        return Context()
    return TraceContextTextMapPropagator().extract({"traceparent": traceparent}, context=Context())


def _report(what: str, error: BaseException) -> None:
    """Logs the first failure. Never raises an ``Exception``."""
    global _has_failed
    if _has_failed:
        return
    _has_failed = True
    with suppress(Exception):  # handlers of the user, which may fail as the SDK does
        message = "the OpenTelemetry SDK of this process failed: %s; further failures are not logged"
        logging.getLogger(LOGGER).warning(message, what, exc_info=error)
