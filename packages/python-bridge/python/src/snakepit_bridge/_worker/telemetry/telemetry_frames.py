"""Converts recorded spans and events to frames."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from ..._proto.frames_pb2 import Batch, Telemetry
from ..._proto.payload_pb2 import PAYLOAD_FORMAT_MESSAGEPACK
from ..._telemetry import RecordedSpan
from ..._values import encode
from ..._wire import LENGTH_BYTES, record_length

if TYPE_CHECKING:
    from collections.abc import Iterable

    from ..._proto.frames_pb2 import EventRecord, SpanRecord
    from ..._proto.payload_pb2 import Payload
    from ..._telemetry import RecordedEvent
    from .garbage_collections import Collection
    from .rate_limit import RateLimit

MAX_RECORD_BYTES: Final = 16_384
"""The maximum number of bytes of the attributes of a span or event; larger ones are replaced by a notice."""
_OMITTED: Final = {"snakepit.attributes.omitted": f"they had more than {MAX_RECORD_BYTES} bytes"}
_MAX_UINT32: Final = 0xFFFF_FFFF


def add_records(
    telemetry: Telemetry, records: Iterable[RecordedSpan | RecordedEvent], call_id: int, traceparent: str
) -> None:
    """Adds the records of a call in their order.

    Args:
        telemetry: the message.
        records: the records.
        call_id: the ID of the call; 0 for none.
        traceparent: the W3C trace context of the caller; empty without one.
    """
    for record in records:
        if isinstance(record, RecordedSpan):
            _fill_span(telemetry.spans.add(), record, call_id, traceparent)
        else:
            _fill_event(telemetry.events.add(), record, call_id)


def add_losses(telemetry: Telemetry, limit: RateLimit) -> None:
    """Reports the dropped records."""
    telemetry.dropped_spans, limit.dropped_spans = limit.dropped_spans, 0
    telemetry.dropped_events, limit.dropped_events = limit.dropped_events, 0


def add_collections(telemetry: Telemetry, collections: Iterable[Collection]) -> None:
    """Reports garbage collections."""
    for each in collections:
        message = telemetry.collections.add()
        message.generation = each.generation
        message.time_unix_us = each.time_ns // 1000
        message.duration_us = min(each.duration_ns // 1000, _MAX_UINT32)
        message.collected = min(each.collected, _MAX_UINT32)
        message.uncollectable = min(each.uncollectable, _MAX_UINT32)


def before(head: bytes, telemetry: Telemetry) -> bytes:
    """Returns the beginning of a record with the frame of a message in front of its frames.

    Args:
        head: the beginning of a record, with the length of its batch.
        telemetry: the message.
    """
    batch = Batch()
    batch.frames.add().telemetry.CopyFrom(telemetry)
    frames = batch.SerializeToString()
    length = int.from_bytes(head[:LENGTH_BYTES], "big") + len(frames)
    return record_length(length) + frames + head[LENGTH_BYTES:]


def _fill_span(message: SpanRecord, span: RecordedSpan, call_id: int, traceparent: str) -> None:
    # Read once: another thread may be ending it.
    end_ns = span.end_ns
    span.sent = "ended" if end_ns else "open"
    # The ID of the trace and its flags, with the ID of this span.
    message.traceparent = f"{traceparent[:36]}{span.span_id}{traceparent[52:]}" if traceparent else f"-{span.span_id}"
    message.parent_span_id = span.parent_id
    message.name = span.name
    message.start_unix_us = span.start_ns // 1000
    message.end_unix_us = end_ns // 1000
    message.call_id = call_id
    message.execution = span.is_execution
    if span.attributes:
        _fill(message.attributes, span.attributes)
    if span.failure is not None:
        module, name, text = span.failure
        message.failure.code = "PYTHON_EXCEPTION"
        message.failure.message = text
        message.failure.python.module = module
        message.failure.python.type = name
        message.failure.python.message = text


def _fill_event(message: EventRecord, event: RecordedEvent, call_id: int) -> None:
    message.name = event.name
    message.time_unix_us = event.time_ns // 1000
    message.call_id = call_id
    message.span_id = event.span_id
    if event.metadata:
        _fill(message.attributes, event.metadata)
    if event.measurements:
        _fill(message.measurements, event.measurements)


def _fill(payload: Payload, values: dict[str, Any]) -> None:
    body = encode(values, root="attributes").body
    payload.format = PAYLOAD_FORMAT_MESSAGEPACK
    payload.body = body if len(body) <= MAX_RECORD_BYTES else encode(_OMITTED, root="attributes").body
