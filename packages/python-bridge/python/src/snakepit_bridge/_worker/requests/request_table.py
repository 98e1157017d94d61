"""The requests that wait for the host."""

from __future__ import annotations

import threading
from collections.abc import Sequence
from typing import TYPE_CHECKING

from snakepit_bridge._wire import ProtocolViolation

from .host_request import HostStreamRequest

if TYPE_CHECKING:
    from snakepit_bridge._proto.frames_pb2 import Reply, ReplyChunk
    from snakepit_bridge._wire import Buffer

    from .call import Call
    from .host_request import HostRequest

_MAX_ID = 0xFFFF_FFFF


class RequestTable:
    """Requests that are not answered, by id. Any thread may use it.

    The host may answer a request that was given up meanwhile; such an answer is ignored.
    """

    def __init__(self, last_id: int = 0) -> None:
        """Makes it; the first id comes after ``last_id``."""
        self._lock = threading.Lock()
        self._open: dict[int, HostRequest] = {}
        self._last_id = last_id

    def add(self, request: HostRequest) -> None:
        """Gives a request its id, and waits for its answer."""
        with self._lock:
            # Ids come round after four thousand million requests; a stream may have lasted that long.
            while True:
                self._last_id = 1 if self._last_id == _MAX_ID else self._last_id + 1
                if self._last_id not in self._open:
                    break
            request.id = self._last_id
            self._open[request.id] = request

    def remove(self, request: HostRequest) -> bool:
        """Waits for it no longer. ``False`` when nobody has."""
        with self._lock:
            return self._open.pop(request.id, None) is not None

    def answer(self, reply: Reply, buffers: Sequence[Buffer]) -> None:
        """A reply has arrived."""
        with self._lock:
            request = self._open.pop(reply.id, None)
        if request is not None:
            request.answer(reply, buffers)

    def add_chunk(self, chunk: ReplyChunk, buffers: Sequence[Buffer]) -> None:
        """A chunk of a streaming request has arrived.

        Raises:
            ProtocolViolation: the request is none that streams, or there was no credit.
        """
        with self._lock:
            request = self._open.get(chunk.id)
        if request is None:
            return
        if not isinstance(request, HostStreamRequest) or not request.add(chunk, buffers):
            raise ProtocolViolation(f"the host sent a chunk that nobody expects, for request {chunk.id}")

    def notify(self, call: Call) -> None:
        """Has those look again who have asked on behalf of a call."""
        for request in self._all():
            if request.call is call:
                request.notify()

    def lose(self, reason: str) -> None:
        """The connection is over: nothing will be answered."""
        for request in self._all():
            if self.remove(request):
                request.lose(reason)

    def _all(self) -> list[HostRequest]:
        with self._lock:
            return list(self._open.values())
