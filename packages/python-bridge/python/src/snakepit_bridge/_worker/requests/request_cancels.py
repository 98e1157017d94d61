"""Cancels requests on the host."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..._proto.frames_pb2 import CANCEL_REASON_CANCELLED, Batch

if TYPE_CHECKING:
    from ..._wire import FrameTransport


class RequestCancels:
    """Sends ``Cancel`` frames without blocking, since a finalizer may cancel a request.

    A finalizer may run in the middle of a send, on the thread that holds the lock of the connection.
    """

    def __init__(self, transport: FrameTransport) -> None:
        self._transport = transport

    def send(self, request_id: int) -> None:
        """Cancels a request. Any thread may call this, at any moment."""
        batch = Batch()
        cancel = batch.frames.add().cancel
        cancel.id = request_id
        cancel.reason = CANCEL_REASON_CANCELLED
        self._transport.post(batch)
