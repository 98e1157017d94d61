"""Tools of a worker whose user has set up an OpenTelemetry SDK in Python."""

from __future__ import annotations

import os

from opentelemetry import trace
from opentelemetry.sdk.trace import ReadableSpan, TracerProvider
from opentelemetry.sdk.trace.export import SimpleSpanProcessor, SpanExporter, SpanExportResult
from snakepit_bridge import SessionContext, emit, setup, span, tool

exported: list[dict[str, object]] = []


class Exporter(SpanExporter):
    """Keeps what is exported."""

    def export(self, spans: tuple[ReadableSpan, ...]) -> SpanExportResult:  # type: ignore[override]
        for each in spans:
            assert each.context is not None
            exported.append(
                {
                    "name": each.name,
                    "traceId": f"{each.context.trace_id:032x}",
                    "spanId": f"{each.context.span_id:016x}",
                    "parentSpanId": None if each.parent is None else f"{each.parent.span_id:016x}",
                    "kind": each.kind.name,
                    "status": each.status.status_code.name,
                    "attributes": dict(each.attributes or {}),
                    "events": [event.name for event in each.events],
                }
            )
        return SpanExportResult.SUCCESS


@setup
def set_up_tracing() -> None:
    """Sets up the SDK, as an application does."""
    if os.environ.get("TRACED") == "yes":
        start_sdk()


@tool
def start_sdk() -> None:
    """Sets up the SDK."""
    provider = TracerProvider()
    provider.add_span_processor(SimpleSpanProcessor(Exporter()))
    trace.set_tracer_provider(provider)


@tool
def work(ctx: SessionContext, ask: bool, fail: bool = False) -> str | None:
    """Has a span of this package and one of the user."""
    with span("load", model="small") as current:
        current.set(rows=3)
        emit("loaded", {"seconds": 0.5})
        with trace.get_tracer("user").start_as_current_span("user"):
            answer: str | None = ctx.tools.answer(question="why") if ask else None
        if fail:
            raise ValueError("bad")
    return answer


@tool
def take_exported() -> list[dict[str, object]]:
    """Returns the spans that were exported, and forgets them."""
    taken = list(exported)
    exported.clear()
    return taken
