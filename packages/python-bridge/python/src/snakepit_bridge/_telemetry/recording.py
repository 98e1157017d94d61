"""What is recorded about the spans and events of a call."""

from __future__ import annotations

import os
from collections.abc import Mapping
from contextvars import ContextVar
from time import perf_counter_ns, time_ns
from typing import Any, Final, Literal, Protocol

from .attributes import Attribute

_CLOSE_NS: Final = 20_000
"""The greatest distance of readings that are taken for one moment."""

_READINGS: Final = 4
"""How often distant clocks are read at most."""


class RecordedSpan:
    """A span that this process records."""

    __slots__ = (
        "_began",
        "attributes",
        "end_ns",
        "failure",
        "is_execution",
        "name",
        "parent_id",
        "sent",
        "span_id",
        "start_ns",
    )

    def __init__(
        self, name: str, parent_id: str, attributes: dict[str, Attribute], *, is_execution: bool = False
    ) -> None:
        """Begins the span now.

        Args:
            name: its name.
            parent_id: the ID of its parent; empty for a child of the span of the call.
            attributes: its attributes, cleaned.
            is_execution: whether it is the execution of the call.
        """
        self.name = name
        # Not from the module random, which tools may seed with the same number in all workers.
        self.span_id = os.urandom(8).hex()
        self.parent_id = parent_id
        self.attributes = attributes
        self.is_execution = is_execution
        system, self._began = _read_clocks()
        self.start_ns = system
        """When it began, in nanoseconds since 1970."""
        self.end_ns = 0
        """When it ended; 0 while it is open."""
        self.failure: tuple[str, str, str] | None = None
        """The module and the name of the class of the exception that ended it, and its message."""
        self.sent: Literal["no", "open", "ended"] = "no"
        """Whether it was sent, and as what; belongs to the recorder."""

    def end(self) -> None:
        """Ends the span now. Its duration does not depend on changes of the clock."""
        self.end_ns = self.start_ns + perf_counter_ns() - self._began


def _read_clocks() -> tuple[int, int]:
    """Returns the time of the system and of the monotonic clock at one moment.

    A process that is stopped between two readings would shift its spans, so distant readings are repeated.
    """
    pairs = []
    for _ in range(_READINGS):
        before = perf_counter_ns()
        system = time_ns()
        distance = perf_counter_ns() - before
        pairs.append((distance, system, before))
        if distance <= _CLOSE_NS:
            break
    _, system, monotonic = min(pairs)
    return system, monotonic


class RecordedEvent:
    """An event that a tool has emitted."""

    __slots__ = ("measurements", "metadata", "name", "span_id", "time_ns")

    def __init__(
        self, name: str, measurements: dict[str, int | float], metadata: dict[str, Attribute], span_id: str
    ) -> None:
        self.name = name
        self.measurements = measurements
        self.metadata = metadata
        self.span_id = span_id
        """The span in which it was emitted; empty without one."""
        self.time_ns = time_ns()
        """When it was emitted, in nanoseconds since 1970."""


class CallRecorder(Protocol):
    """Records the spans and events of one call. Any thread may use it."""

    def begin_span(self, name: str, parent: RecordedSpan | None, attributes: Mapping[str, Any]) -> RecordedSpan | None:
        """Begins a span; ``None`` when it is not recorded.

        Args:
            name: its name, checked.
            parent: the innermost open span; ``None`` without one.
            attributes: its attributes, as the user has given them.
        """
        ...

    def end_span(self, span: RecordedSpan) -> None:
        """Records the end of a span, on which ``end()`` was called."""
        ...

    def add_event(
        self,
        name: str,
        measurements: Mapping[str, Any],
        metadata: Mapping[str, Any],
        span: RecordedSpan | None,
    ) -> None:
        """Records an event, unless it is filtered out.

        Args:
            name: its name, checked.
            measurements: its measurements, checked.
            metadata: its metadata, as the user has given them.
            span: the innermost open span; ``None`` without one.
        """
        ...


recording: ContextVar[CallRecorder | None] = ContextVar("snakepit_recorder", default=None)
"""The recorder of the call that this thread or task executes; ``None`` when nothing is recorded."""

open_span: ContextVar[RecordedSpan | None] = ContextVar("snakepit_span", default=None)
"""The innermost open span of this thread or task."""


class Unrecorded:
    """The recorder of a call that is not in the sample."""

    def begin_span(self, name: str, parent: RecordedSpan | None, attributes: Mapping[str, Any]) -> None:
        """Records nothing."""

    def end_span(self, span: RecordedSpan) -> None:
        """Records nothing."""

    def add_event(
        self, name: str, measurements: Mapping[str, Any], metadata: Mapping[str, Any], span: RecordedSpan | None
    ) -> None:
        """Records nothing."""


_outside: CallRecorder | None = None


def record_outside(recorder: CallRecorder | None) -> None:
    """Sets the recorder of events that are emitted outside of calls, in this process."""
    global _outside
    _outside = recorder


def current_recorder() -> CallRecorder | None:
    """Returns the recorder for events of the running code; ``None`` when nothing is recorded."""
    return recording.get() or _outside
