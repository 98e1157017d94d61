"""Frames between a worker and its host, independent of the transport."""

from __future__ import annotations

from .answer_heads import AnswerHeads
from .connect import connect
from .frame_transport import (
    LENGTH_BYTES,
    Buffer,
    ConnectionClosed,
    FrameTransport,
    ProtocolViolation,
    Received,
    fill_payload,
    record_length,
)
from .unsent_records import UnsentRecords

__all__ = [
    "LENGTH_BYTES",
    "AnswerHeads",
    "Buffer",
    "ConnectionClosed",
    "FrameTransport",
    "ProtocolViolation",
    "Received",
    "UnsentRecords",
    "connect",
    "fill_payload",
    "record_length",
]
