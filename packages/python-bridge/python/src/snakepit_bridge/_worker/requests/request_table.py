"""The requests that the host has not answered."""

from __future__ import annotations

import threading
from collections.abc import Sequence
from typing import TYPE_CHECKING

from ..._wire import ProtocolViolation
from .host_request import HostStreamRequest

if TYPE_CHECKING:
    from ..._proto.frames_pb2 import Reply, ReplyChunk
    from ..._wire import Buffer
    from ..calls import Call
    from .host_request import HostRequest

_MAX_ID = 0xFFFF_FFFF


class RequestTable:
    """Open requests by id. Any thread may use it.

    The host may answer a request that was cancelled meanwhile; such a reply is ignored.
    """

    def __init__(self, last_id: int = 0) -> None:
        """Creates the table; the first id comes after ``last_id``."""
        self._lock = threading.Lock()
        self._open: dict[int, HostRequest] = {}
        self._last_id = last_id

    def add(self, request: HostRequest) -> None:
        """Assigns an id to a request and adds it."""
        with self._lock:
            # Ids wrap around after four billion requests; a stream may be open for that long.
            while True:
                self._last_id = 1 if self._last_id == _MAX_ID else self._last_id + 1
                if self._last_id not in self._open:
                    break
            request.id = self._last_id
            self._open[request.id] = request

    def remove(self, request: HostRequest) -> bool:
        """Removes a request. Returns ``False`` when it was not open."""
        with self._lock:
            return self._open.pop(request.id, None) is not None

    def answer(self, reply: Reply, buffers: Sequence[Buffer]) -> None:
        """Completes the request of a reply."""
        with self._lock:
            request = self._open.pop(reply.id, None)
        if request is not None:
            request.answer(reply, buffers)

    def add_chunk(self, chunk: ReplyChunk, buffers: Sequence[Buffer]) -> None:
        """Adds a chunk to its streaming request.

        Raises:
            ProtocolViolation: the request does not stream, or the host had no credit.
        """
        with self._lock:
            request = self._open.get(chunk.id)
        if request is None:
            return
        if not isinstance(request, HostStreamRequest) or not request.add(chunk, buffers):
            raise ProtocolViolation(f"the host sent an unexpected chunk, for request {chunk.id}")

    def notify(self, call: Call) -> None:
        """Makes the requests of a call check whether it was cancelled."""
        for request in self._all():
            if request.call is call:
                request.notify()

    def lose(self, reason: str) -> None:
        """Fails all requests: the connection is lost."""
        for request in self._all():
            if self.remove(request):
                request.lose(reason)

    def _all(self) -> list[HostRequest]:
        with self._lock:
            return list(self._open.values())
