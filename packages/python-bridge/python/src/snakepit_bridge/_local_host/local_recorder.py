"""Records spans and events for unit tests."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from .._telemetry import Attribute, RecordedSpan, cleaned, numbers


@dataclass(frozen=True)
class SpanRecord:
    """A span that has ended."""

    name: str
    attributes: Mapping[str, Attribute]
    parent: str | None
    """The name of the span that contains it; ``None`` without one."""
    error: str | None
    """The message of the exception that has left it, after the name of its class; ``None`` without one."""
    seconds: float
    """How long it took."""


@dataclass(frozen=True)
class EventRecord:
    """An event that was emitted."""

    name: str
    measurements: Mapping[str, int | float]
    metadata: Mapping[str, Attribute]
    span: str | None
    """The name of the span in which it was emitted; ``None`` without one."""


class LocalRecorder:
    """Keeps the spans and events of calls in a unit test; see :class:`.CallRecorder`."""

    def __init__(self) -> None:
        self.spans: list[SpanRecord] = []
        self.events: list[EventRecord] = []
        self._parents: dict[str, str] = {}

    def begin_span(self, name: str, parent: RecordedSpan | None, attributes: Mapping[str, Any]) -> RecordedSpan:
        """See :class:`.CallRecorder`."""
        span = RecordedSpan(name, "" if parent is None else parent.span_id, cleaned(attributes))
        if parent is not None:
            self._parents[span.span_id] = parent.name
        return span

    def end_span(self, span: RecordedSpan) -> None:
        """See :class:`.CallRecorder`."""
        failure = span.failure
        error = None if failure is None else f"{failure[1]}: {failure[2]}"
        seconds = (span.end_ns - span.start_ns) / 1e9
        parent = self._parents.pop(span.span_id, None)
        self.spans.append(SpanRecord(span.name, span.attributes, parent, error, seconds))

    def add_event(
        self, name: str, measurements: Mapping[str, Any], metadata: Mapping[str, Any], span: RecordedSpan | None
    ) -> None:
        """See :class:`.CallRecorder`."""
        inside = None if span is None else span.name
        self.events.append(EventRecord(name, numbers(measurements), cleaned(metadata), inside))
