"""Tells the host which requests nobody waits for any more."""

from __future__ import annotations

import threading
from contextlib import suppress
from typing import TYPE_CHECKING

from snakepit_bridge._proto.frames_pb2 import CANCEL_REASON_CANCELLED, Batch
from snakepit_bridge._wire import ConnectionClosed

if TYPE_CHECKING:
    from snakepit_bridge._wire import FrameTransport


class RequestCancels:
    """Sends ``Cancel`` frames without ever waiting, for it may be a finaliser that gives a request up.

    A finaliser may run in the middle of sending, on the very thread that holds the connection.
    """

    def __init__(self, transport: FrameTransport) -> None:
        self._transport = transport

    def send(self, request_id: int) -> None:
        """Tells the host. Any thread may call this, at any moment."""
        batch = Batch()
        cancel = batch.frames.add().cancel
        cancel.id = request_id
        cancel.reason = CANCEL_REASON_CANCELLED
        if not self._transport.offer(batch, 0):
            # Somebody is sending, perhaps this thread itself. That is rare.
            threading.Thread(target=self._wait_and_send, args=(batch,), name="snakepit-cancel", daemon=True).start()

    def _wait_and_send(self, batch: Batch) -> None:
        # Who receives finds out too, and tells.
        with suppress(ConnectionClosed):
            self._transport.send(batch)
