"""Cancels requests on the host."""

from __future__ import annotations

import threading
from contextlib import suppress
from typing import TYPE_CHECKING

from ..._proto.frames_pb2 import CANCEL_REASON_CANCELLED, Batch
from ..._wire import ConnectionClosed

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
        if not self._transport.offer(batch, 0):
            # A thread is sending, perhaps this one. That is rare.
            threading.Thread(target=self._wait_and_send, args=(batch,), name="snakepit-cancel", daemon=True).start()

    def _wait_and_send(self, batch: Batch) -> None:
        # The thread that receives notices the loss too, and reports it.
        with suppress(ConnectionClosed):
            self._transport.send(batch)
