"""Spans and events of tools, and how they are recorded."""

from __future__ import annotations

from .attributes import Attribute, cleaned, numbers
from .emitting import emit
from .names import NameFilter
from .recording import (
    CallRecorder,
    RecordedEvent,
    RecordedSpan,
    Unrecorded,
    current_recorder,
    open_span,
    record_outside,
    recording,
)
from .sdk import begin_execution, end_execution, sdk_traceparent, sdk_tracer
from .span import Span, span

__all__ = [
    "Attribute",
    "CallRecorder",
    "NameFilter",
    "RecordedEvent",
    "RecordedSpan",
    "Span",
    "Unrecorded",
    "begin_execution",
    "cleaned",
    "current_recorder",
    "emit",
    "end_execution",
    "numbers",
    "open_span",
    "record_outside",
    "recording",
    "sdk_traceparent",
    "sdk_tracer",
    "span",
]
