"""Lets the answers of several calls share a system call."""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from ..._proto.frames_pb2 import Batch
    from ..._wire import Buffer, FrameTransport

_MAX_JOINED_BYTES = 1 << 16


class JoinedSends:
    """The sending half of a connection, for workers that execute several calls at the same time.

    Records that other threads send during a system call are sent together by the next one. Records of the thread that
    runs the event loop are sent together at the end of an iteration.

    No order is kept between records and batches of different threads; those of one thread stay in order.
    """

    def __init__(self, transport: FrameTransport) -> None:
        self._transport = transport
        # Each operation on it is atomic.
        self._records: deque[tuple[bytes, bytes]] = deque()
        self._sending = threading.Lock()
        self._loop_thread = 0
        self._call_soon: Callable[[Callable[[], None]], object] | None = None
        self._is_scheduled = False

    def join_in_loop(self, call_soon: Callable[[Callable[[], None]], object] | None) -> None:
        """Sends the records of this thread at the end of each iteration of its event loop from now on.

        Args:
            call_soon: schedules a function for the next iteration; ``None`` when the loop no longer runs.
        """
        self._loop_thread = threading.get_ident()
        self._call_soon = call_soon
        if call_soon is None:
            self._is_scheduled = False
            self._send_records()

    def send_record(self, head: bytes, body: bytes) -> None:
        """See :class:`.FrameTransport`. In the thread of the loop, a lost connection is not reported."""
        self._records.append((head, body))
        call_soon = self._call_soon
        if call_soon is None or threading.get_ident() != self._loop_thread:
            self._send_records()
        elif not self._is_scheduled:
            self._is_scheduled = True
            call_soon(self._send_scheduled)

    def send(self, batch: Batch, attachments: Sequence[Buffer] = ()) -> None:
        """See :class:`.FrameTransport`."""
        with self._sending:
            self._send_all()
            self._transport.send(batch, attachments)
        self._send_records()

    def hold_record(self, record: bytes) -> bool:
        """See :class:`.FrameTransport`. Records are never held for longer than a system call takes."""
        return False

    def send_held(self) -> None:
        """See :class:`.FrameTransport`."""

    def _send_scheduled(self) -> None:
        self._is_scheduled = False
        self._send_records()

    def _send_records(self) -> None:
        # Who releases the lock looks for records afterwards, and who adds one tries the lock afterwards: so none stays.
        while self._records and self._sending.acquire(blocking=False):
            try:
                self._send_all()
            finally:
                self._sending.release()

    def _send_all(self) -> None:
        records = self._records
        while records:
            head, body = records.popleft()
            if not records or len(body) > _MAX_JOINED_BYTES:
                self._transport.send_record(head, body)
                continue
            joined = [head, body]
            size = len(body)
            while records and size <= _MAX_JOINED_BYTES:
                head, body = records.popleft()
                joined += (head, body)
                size += len(body)
            self._transport.send_records(joined)
