"""The tools of ``shutdown_tools``, with spans that are exported only at shutdown."""

from __future__ import annotations

from collections.abc import Sequence

from opentelemetry import trace
from opentelemetry.sdk.trace import ReadableSpan, TracerProvider
from opentelemetry.sdk.trace.export import BatchSpanProcessor, SpanExporter, SpanExportResult
from shutdown_tools import DIRECTORY, begin, end, shared, use
from snakepit_bridge import tool

__all__ = ["begin", "end", "shared", "trace_call", "use"]


class FileExporter(SpanExporter):
    """Writes the names of spans to a file."""

    def export(self, spans: Sequence[ReadableSpan]) -> SpanExportResult:
        with (DIRECTORY / "spans").open("a") as file:
            file.writelines(f"{span.name}\n" for span in spans)
        return SpanExportResult.SUCCESS

    def shutdown(self) -> None:
        """Does nothing."""


# At the top of the module, as in the guide of OpenTelemetry.
provider = TracerProvider()
provider.add_span_processor(BatchSpanProcessor(FileExporter(), schedule_delay_millis=3_600_000))
trace.set_tracer_provider(provider)


@tool
def trace_call(number: int) -> None:
    with trace.get_tracer(__name__).start_as_current_span(f"call {number}"):
        pass
