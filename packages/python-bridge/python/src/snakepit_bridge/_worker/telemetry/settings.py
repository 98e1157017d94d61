"""What a worker records, as the host has set it."""

from __future__ import annotations

import zlib
from typing import TYPE_CHECKING, Final

from ..._telemetry import NameFilter

if TYPE_CHECKING:
    from ..._proto.frames_pb2 import TelemetryControl

_SAMPLED: Final = 1
_RATIO_DIGITS: Final = 14
_RATIO_RANGE: Final = 16**_RATIO_DIGITS
_HASH_RANGE: Final = 2**32


class Settings:
    """The content of a :class:`TelemetryControl`. Never changes."""

    __slots__ = (
        "_ratio",
        "all_events",
        "all_spans",
        "events",
        "garbage_collections",
        "is_active",
        "max_per_second",
        "records_calls",
        "sampled_calls",
        "spans",
        "traces",
    )

    def __init__(self, control: TelemetryControl) -> None:
        enabled = control.enabled
        self._ratio = control.sampling_ratio
        self.traces = enabled and control.traces
        """Whether the spans of calls with a sampled trace context are recorded."""
        self.all_spans = enabled and control.all_spans
        """Whether the spans of all calls are recorded."""
        self.all_events = enabled and control.all_events
        """Whether the events of all calls are recorded, and those outside of calls."""
        self.spans = NameFilter(list(control.span_filters))
        self.events = NameFilter(list(control.event_filters))
        self.max_per_second = control.max_per_second
        self.garbage_collections = enabled and control.garbage_collections
        self.records_calls = self.traces or self.all_spans or self.all_events
        """Whether anything may be recorded in each call."""
        self.sampled_calls = control.sampled_calls_per_second if enabled else 0
        """The number of calls in a second whose spans are recorded anyway."""
        self.is_active = self.records_calls or self.garbage_collections or self.sampled_calls > 0
        """Whether anything is recorded."""

    def samples(self, traceparent: str | None, correlation_id: str) -> bool:
        """Whether a call is in the sample. The calls of a trace are either all in it or all not.

        Args:
            traceparent: the W3C trace context of the caller, checked.
            correlation_id: the ID of the call, which decides without a trace.
        """
        if self._ratio >= 1:
            return True
        if traceparent is None:
            return zlib.crc32(correlation_id.encode()) < self._ratio * _HASH_RANGE
        # The last digits of the trace ID, as the sampler of OpenTelemetry does.
        return int(traceparent[35 - _RATIO_DIGITS : 35], 16) < self._ratio * _RATIO_RANGE


def is_sampled(traceparent: str) -> bool:
    """Whether a W3C trace context has the flag of a recorded trace."""
    return bool(int(traceparent[53:55], 16) & _SAMPLED)
