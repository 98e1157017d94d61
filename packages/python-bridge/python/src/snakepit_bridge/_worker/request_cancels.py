"""Tells the host which requests nobody waits for any more."""

from __future__ import annotations

from collections import deque
from typing import TYPE_CHECKING

from snakepit_bridge._proto.frames_pb2 import CANCEL_REASON_CANCELLED, Batch

if TYPE_CHECKING:
    from snakepit_bridge._wire import FrameTransport


class RequestCancels:
    """Sends ``Cancel`` frames without ever waiting: a finaliser may be what gives a request up.

    What cannot be sent at once, since this very thread may be in the middle of sending, is left to the attendant.
    """

    def __init__(self, transport: FrameTransport) -> None:
        self._transport = transport
        self._unsent: deque[int] = deque()

    def send(self, request_id: int) -> bool:
        """Tells the host. ``False`` when that is left to the attendant."""
        if self._offer(request_id):
            return True
        self._unsent.append(request_id)
        return False

    def send_rest(self) -> None:
        """Attendant: tells what could not be told."""
        while self._unsent:
            if not self._offer(self._unsent[0]):
                return
            self._unsent.popleft()

    def _offer(self, request_id: int) -> bool:
        batch = Batch()
        cancel = batch.frames.add().cancel
        cancel.id = request_id
        cancel.reason = CANCEL_REASON_CANCELLED
        return self._transport.offer(batch, 0)
