"""Payloads of frames."""

from __future__ import annotations

from typing import TYPE_CHECKING

from .._proto.payload_pb2 import PAYLOAD_FORMAT_MESSAGEPACK

if TYPE_CHECKING:
    from .._proto.payload_pb2 import Payload
    from .._values import Encoded


def fill_payload(payload: Payload, encoded: Encoded) -> None:
    """Writes a value into a frame; its buffers are sent next to the batch."""
    payload.format = PAYLOAD_FORMAT_MESSAGEPACK
    payload.body = encoded.body
    if encoded.buffers:
        payload.buffer_lengths[:] = [each.nbytes for each in encoded.buffers]
