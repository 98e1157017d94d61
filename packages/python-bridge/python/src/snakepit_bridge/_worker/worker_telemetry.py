"""The telemetry of a worker: off until the host, or an SDK in this process, needs it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from .._proto.frames_pb2 import Batch, TelemetryControl
from .._telemetry import (
    RecordedSpan,
    Unrecorded,
    begin_execution,
    record_outside,
    recording,
    sdk_tracer,
)
from .signals.signal_handlers import postpone_handlers
from .telemetry.call_recording import CallRecording
from .telemetry.garbage_collections import GarbageCollections
from .telemetry.rate_limit import RateLimit
from .telemetry.sampled_calls import SampledCalls
from .telemetry.settings import Settings, is_sampled
from .telemetry.telemetry_frames import add_collections, add_losses

if TYPE_CHECKING:
    from .._proto.frames_pb2 import Telemetry
    from .._wire import FrameTransport
    from .calls import ActiveCalls, Call
    from .signals.interruption import ToolInterruption

_NEVER_S: Final = 3600.0
_FLUSH_S: Final = 0.25
_SDK_S: Final = 1.0
"""Seconds between two searches for an SDK that a tool may have set up."""
_SPAN: Final = "snakepit.python"
_UNRECORDED: Final = Unrecorded()


class WorkerTelemetry:
    """Decides for each call what is recorded. One for each worker."""

    def __init__(
        self,
        transport: FrameTransport,
        calls: ActiveCalls,
        interruption: ToolInterruption,
        *,
        pool: str,
        worker_id: str,
    ) -> None:
        """Creates the telemetry, which is off unless an SDK is set up. Called by the main thread.

        Args:
            transport: the connection to the host.
            calls: the active calls.
            interruption: must not interrupt a send.
            pool: the name of the pool, for the spans of the SDK.
            worker_id: the ID of the worker.
        """
        self._transport = transport
        self._calls = calls
        self._interruption = interruption
        self._pool = pool
        self._worker_id = worker_id
        self._settings = Settings(TelemetryControl())
        self._limit = RateLimit(0)
        # Separate, so that frequent calls do not use up what their tools may record.
        self._executions = RateLimit(0)
        self._losses_due = 0.0
        self._sampled = SampledCalls()
        self._collections = GarbageCollections()
        self._sdk_due = 0.0
        self._outside: CallRecording | None = None
        self.is_on = False
        """Whether :meth:`begin` must be called for each call."""
        self._tracer: Any = None
        self._look_for_sdk()

    def control(self, message: TelemetryControl) -> None:
        """Applies what the host has set. Called by the thread that receives."""
        settings = self._settings = Settings(message)
        self._limit.set_limit(settings.max_per_second)
        self._executions.set_limit(settings.max_per_second)
        self._sampled.set_limit(settings.sampled_calls)
        self._collections.switch(on=settings.garbage_collections)
        self._outside = (
            CallRecording(0, settings=settings, limit=self._limit, send=self._offer, records_events=True)
            if settings.all_events
            else None
        )
        record_outside(self._outside)
        self._look_for_sdk()

    def begin(self, call: Call) -> None:
        """Begins to record a call. Called in its context, before its tool."""
        if call.tool.startswith("$"):
            # A tool of the worker itself.
            return
        settings, tracer = self._settings, self._tracer
        traceparent = call.traceparent
        is_traced = settings.traces and traceparent is not None and is_sampled(traceparent)
        in_sample = (settings.records_calls or self._sampled.left > 0) and settings.samples(
            traceparent, call.correlation_id
        )
        sdk_span = None if tracer is None else self._begin_sdk_span(tracer, call, traceparent)
        if sdk_span is None and not in_sample:
            recording.set(_UNRECORDED)
            return
        records_spans = in_sample and sdk_span is None and (is_traced or settings.all_spans or self._take_sample())
        execution = None
        if records_spans or (in_sample and is_traced):
            # That of a trace is never dropped: its times are those of the queue and the transport, too.
            if is_traced or self._executions.take():
                execution = RecordedSpan(call.tool, "", {}, is_execution=True)
            else:
                self._executions.dropped_spans += 1
        call.telemetry = CallRecording(
            call.id,
            settings=settings,
            limit=self._limit,
            send=self._offer,
            execution=execution,
            traceparent=traceparent,
            sdk_span=sdk_span,
            records_spans=records_spans,
            records_events=in_sample and (is_traced or settings.all_events),
        )
        recording.set(call.telemetry)

    def run_tasks(self, now: float) -> float:
        """Sends what is due. Called by the receiver thread.

        Returns:
            When it must be called again, on the monotonic clock.
        """
        if now >= self._sdk_due:
            self._sdk_due = now + _SDK_S
            self._look_for_sdk()
        settings = self._settings
        due = now + _NEVER_S
        if not settings.is_active:
            return due
        batch = Batch()
        collections = self._collections.take()
        if settings.garbage_collections:
            due = now + _FLUSH_S
            if collections:
                add_collections(batch.frames.add().telemetry, collections)
        executions = self._executions
        dropped = executions.dropped_spans
        if dropped:
            if now >= self._losses_due:
                self._losses_due = now + _FLUSH_S
                add_losses(batch.frames.add().telemetry, executions)
            due = min(due, self._losses_due)
        # The connection may be busy, or the host may not read.
        if batch.frames and not self._transport.offer(batch, 0):
            self._collections.put_back(collections)
            executions.dropped_spans = max(executions.dropped_spans, dropped)
        if settings.sampled_calls:
            due = min(due, self._sampled.refill(now))
            self._update()
        if settings.records_calls or settings.sampled_calls:
            for call in self._calls.all():
                if (telemetry := call.telemetry) is not None and telemetry.has_pending:
                    telemetry.flush()
            if self._calls.by_id:
                due = min(due, now + _FLUSH_S)
        return due

    def leave_to_parent(self) -> None:
        """In a process that a tool has forked: what it records belongs to no call."""
        self.end()
        recording.set(None)
        for call in self._calls.all():
            if call.telemetry is not None:
                call.telemetry.leave_to_parent()

    def end(self) -> None:
        """Stops recording."""
        record_outside(None)
        self._collections.switch(on=False)
        self.is_on = False
        self._settings = Settings(TelemetryControl())
        self._sampled.set_limit(0)

    def _look_for_sdk(self) -> None:
        # A tool may set up an SDK after the start.
        self._tracer = sdk_tracer()
        self._update()

    def _take_sample(self) -> bool:
        is_taken = self._sampled.take()
        # The calls in the rest of the second cost nothing.
        self._update()
        return is_taken

    def _update(self) -> None:
        self.is_on = self._tracer is not None or self._settings.records_calls or self._sampled.left > 0

    def _begin_sdk_span(self, tracer: Any, call: Call, traceparent: str | None) -> Any:
        attributes = {
            "snakepit.pool": self._pool,
            "snakepit.tool": call.tool,
            "snakepit.call.id": call.correlation_id,
            "snakepit.worker.id": self._worker_id,
        }
        if (session_id := call.session_id) is not None:
            attributes["snakepit.session.id"] = session_id
        return begin_execution(tracer, f"{_SPAN} {call.tool}", traceparent, attributes)

    @postpone_handlers
    def _offer(self, telemetry: Telemetry) -> bool:
        held = self._interruption.hold()
        try:
            batch = Batch()
            batch.frames.add().telemetry.CopyFrom(telemetry)
            return self._transport.offer(batch, 0)
        finally:
            self._interruption.resume(held)
