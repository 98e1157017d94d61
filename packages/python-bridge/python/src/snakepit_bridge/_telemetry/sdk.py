"""The OpenTelemetry SDK of this process, if the user has set one up."""

from __future__ import annotations

from typing import Any

from .._libraries import if_loaded
from .._version import __version__

_SCOPE = "snakepit_bridge"
_API = "opentelemetry.trace"

_tracer: tuple[Any, Any] | None = None
"""The provider, and its tracer for this package."""


def sdk_tracer() -> Any:
    """Returns the tracer of the SDK; ``None`` without one. Loads nothing: a process with an SDK has loaded it."""
    global _tracer
    api = if_loaded(_API, waits=False)
    if api is None or if_loaded("opentelemetry.sdk.trace", waits=False) is None:
        return None
    provider = api.get_tracer_provider()
    if isinstance(provider, (api.ProxyTracerProvider, api.NoOpTracerProvider)):
        return None
    if _tracer is None or _tracer[0] is not provider:
        _tracer = (provider, provider.get_tracer(_SCOPE, __version__))
    return _tracer[1]


def begin_execution(tracer: Any, name: str, traceparent: str | None, attributes: dict[str, Any]) -> Any:
    """Begins the span of the execution of a call, and makes it the parent of the spans of this thread or task.

    Args:
        tracer: the tracer of the SDK.
        name: the name of the span.
        traceparent: the W3C trace context of the caller.
        attributes: the attributes of the span.
    """
    from opentelemetry import context, trace  # lazy: an optional library, which is loaded already

    parent = _parent(traceparent)
    span = tracer.start_span(name, context=parent, kind=trace.SpanKind.SERVER, attributes=attributes)
    # Each call has a context, which ends with it: nothing has to be detached.
    context.attach(trace.set_span_in_context(span, parent))
    return span


def end_execution(span: Any, message: str | None) -> None:
    """Ends the span of an execution.

    Args:
        span: the span.
        message: the message of the failure; ``None`` if the call succeeded.
    """
    from opentelemetry.trace import Status, StatusCode  # lazy: an optional library, which is loaded already

    if message is not None:
        span.set_status(Status(StatusCode.ERROR, message))
    span.end()


def add_sdk_event(name: str, attributes: dict[str, Any]) -> None:
    """Adds an event to the active span of the SDK; ignored without one."""
    if_loaded(_API).get_current_span().add_event(name, attributes)


def sdk_traceparent() -> str | None:
    """Returns the W3C trace context of the active span of the SDK; ``None`` without one."""
    api = if_loaded(_API, waits=False)
    if api is None:
        return None
    context = api.get_current_span().get_span_context()
    if not context.is_valid:
        return None
    return f"00-{context.trace_id:032x}-{context.span_id:016x}-{int(context.trace_flags) & 0xFF:02x}"


def _parent(traceparent: str | None) -> Any:
    from opentelemetry.context import Context  # lazy: an optional library, which is loaded already
    from opentelemetry.trace.propagation.tracecontext import TraceContextTextMapPropagator

    if traceparent is None:
        return Context()
    return TraceContextTextMapPropagator().extract({"traceparent": traceparent}, context=Context())
