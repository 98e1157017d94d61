"""Records the spans and events of one call."""

from __future__ import annotations

import threading
from collections import deque
from time import monotonic
from typing import TYPE_CHECKING, Any, Final

from ..._proto.frames_pb2 import Telemetry
from ..._telemetry import RecordedEvent, RecordedSpan, cleaned, end_execution, numbers, open_span, sdk_traceparent
from .telemetry_frames import add_losses, add_records, before

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from ..._proto.failure_pb2 import Failure
    from ..._proto.frames_pb2 import Batch
    from .rate_limit import RateLimit
    from .settings import Settings

_MAX_PENDING: Final = 64
_MAX_UNSENT: Final = 1_024
_LONGEST_S: Final = 0.1


class CallRecording:
    """The recorder of one call; see :class:`.CallRecorder`. Also that of the events outside of calls.

    Records are sent with the next chunk or the answer of the call. During a long call they are sent earlier.
    """

    __slots__ = (
        "_execution",
        "_is_exported",
        "_is_finished",
        "_limit",
        "_lock",
        "_pending",
        "_records_events",
        "_records_spans",
        "_sdk_span",
        "_send",
        "_sent_at",
        "_settings",
        "_traceparent",
        "call_id",
    )

    def __init__(
        self,
        call_id: int,
        *,
        settings: Settings,
        limit: RateLimit,
        send: Callable[[Telemetry], bool],
        execution: RecordedSpan | None = None,
        traceparent: str | None = None,
        sdk_span: Any = None,
        records_spans: bool = False,
        records_events: bool = False,
    ) -> None:
        """Creates the recorder.

        Args:
            call_id: the ID of the call; 0 for events outside of calls.
            settings: what is recorded.
            limit: the limit of the worker.
            send: sends a message; returns ``False`` if the connection is busy or the host does not read.
            execution: the span of the execution; ``None`` if it is not recorded.
            traceparent: the W3C trace context of the caller.
            sdk_span: the span of the execution that the SDK of this process has made.
            records_spans: whether spans are recorded.
            records_events: whether events are recorded.
        """
        self.call_id = call_id
        self._settings = settings
        self._limit = limit
        # The answer must not overtake what another thread is sending. Re-entrant, for signal handlers of the user.
        self._lock = threading.RLock()
        self._send = send
        self._traceparent = traceparent or ""
        self._sdk_span = sdk_span
        self._is_exported = sdk_span is not None
        self._records_spans = records_spans
        self._records_events = records_events
        self._execution = execution
        # Each operation on it is atomic, so that no thread waits for another one.
        self._pending: deque[RecordedSpan | RecordedEvent] = deque()
        if execution is not None:
            self._pending.append(execution)
        self._sent_at = monotonic()
        self._is_finished = False

    @property
    def has_pending(self) -> bool:
        """Whether anything was recorded that was not sent."""
        return bool(self._pending)

    def begin_span(self, name: str, parent: RecordedSpan | None, attributes: Mapping[str, Any]) -> RecordedSpan | None:
        """See :class:`.CallRecorder`."""
        if not self._records_spans or self._is_finished or not self._settings.spans.includes(name):
            return None
        if not self._has_room():
            self._limit.dropped_spans += 1
            return None
        outer = parent or self._execution
        span = RecordedSpan(name, "" if outer is None else outer.span_id, cleaned(attributes))
        self._add(span)
        return span

    def end_span(self, span: RecordedSpan) -> None:
        """See :class:`.CallRecorder`."""
        if self._is_finished:
            return
        with self._lock:
            # Otherwise it waits to be sent, or the thread that has sent it has seen the end.
            if span.sent == "open" and not self._is_finished:
                span.sent = "no"
                self._add(span)

    def add_event(
        self, name: str, measurements: Mapping[str, Any], metadata: Mapping[str, Any], span: RecordedSpan | None
    ) -> None:
        """See :class:`.CallRecorder`."""
        if not self._records_events or self._is_finished or not self._settings.events.includes(name):
            return
        if not self._has_room():
            self._limit.dropped_events += 1
            return
        outer = span or self._execution
        span_id = "" if outer is None else outer.span_id
        self._add(RecordedEvent(name, numbers(measurements), cleaned(metadata), span_id))

    def flush(self) -> None:
        """Sends what is pending. If the connection is busy or the host does not read, it is sent later.

        Any thread may call this.
        """
        with self._lock:
            records = self._drain()
            telemetry = self._message(records)
            if telemetry is None or self._send(telemetry):
                return
            self._pending.extendleft(reversed(records))
            for record in records:
                if isinstance(record, RecordedSpan):
                    record.sent = "no"
            self._limit.dropped_spans += telemetry.dropped_spans
            self._limit.dropped_events += telemetry.dropped_events

    def locate(self, batch: Batch) -> str | None:
        """Adds what is pending to a batch, so that what follows there may refer to the current span.

        Returns:
            The W3C trace context of that span; ``None`` if it is that of the call, or if nothing is recorded.
        """
        if self._sdk_span is not None:
            return sdk_traceparent()
        span = open_span.get() or self._execution
        if not self._records_spans or span is None or not self._traceparent:
            return None
        if (telemetry := self._take()) is not None:
            batch.frames.add().telemetry.CopyFrom(telemetry)
        return f"{self._traceparent[:36]}{span.span_id}{self._traceparent[52:]}"

    def finish(self, failure: Failure | None = None) -> None:
        """Ends the execution; later records are dropped.

        Args:
            failure: how the call has failed; ``None`` if it succeeded.
        """
        execution = self._execution
        if execution is not None and not execution.end_ns:
            if failure is not None:
                python = failure.python
                execution.failure = (python.module, python.type or failure.code, python.message or failure.message)
            execution.end()
            with self._lock:
                if execution.sent == "open":
                    self._pending.append(execution)
        self._is_finished = True
        sdk_span, self._sdk_span = self._sdk_span, None
        if sdk_span is not None:
            end_execution(sdk_span, None if failure is None else failure.message)

    def leave_to_parent(self) -> None:
        """Records nothing from now on, in a process that a tool has forked: the call belongs to the parent.

        Another thread of the parent may have held the lock, which then remains locked here.
        """
        self._lock = threading.RLock()
        self._is_finished = True
        self._sdk_span = None
        self._execution = None
        self._pending.clear()

    def put_before(self, head: bytes) -> bytes:
        """Returns the beginning of a record with what is pending in front of its frames."""
        telemetry = self._take()
        return head if telemetry is None else before(head, telemetry)

    def put_into(self, batch: Batch) -> None:
        """Adds what is pending to a batch."""
        if (telemetry := self._take()) is not None:
            batch.frames.add().telemetry.CopyFrom(telemetry)

    def _has_room(self) -> bool:
        return len(self._pending) < _MAX_UNSENT and self._limit.take()

    def _add(self, record: RecordedSpan | RecordedEvent) -> None:
        self._pending.append(record)
        # Records outside of calls, and those of long calls, arrive soon.
        if len(self._pending) >= _MAX_PENDING or monotonic() - self._sent_at > _LONGEST_S or not self.call_id:
            self.flush()

    def _take(self) -> Telemetry | None:
        with self._lock:
            return self._message(self._drain())

    def _drain(self) -> list[RecordedSpan | RecordedEvent]:
        records: list[RecordedSpan | RecordedEvent] = []
        pending = self._pending
        try:
            while pending:
                records.append(pending.popleft())
        except IndexError:
            pass  # another thread has taken the last one
        self._sent_at = monotonic()
        return records

    def _message(self, records: list[RecordedSpan | RecordedEvent]) -> Telemetry | None:
        limit = self._limit
        if not (records or limit.dropped_spans or limit.dropped_events):
            return None
        telemetry = Telemetry()
        add_records(telemetry, records, self.call_id, self._traceparent)
        if self._is_exported:
            for span in telemetry.spans:
                span.exported = True
        add_losses(telemetry, limit)
        return telemetry
