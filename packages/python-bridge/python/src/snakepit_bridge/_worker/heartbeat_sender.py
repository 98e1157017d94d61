"""Sends heartbeats, with the load, the memory, the processor time and the threads of the worker."""

from __future__ import annotations

from typing import TYPE_CHECKING

from .._proto.frames_pb2 import Batch
from .._system import ProcessUsage

if TYPE_CHECKING:
    from .._wire import FrameTransport
    from .calls import ActiveCalls
    from .execution.outbox import Outbox

_NEVER_S = 3600.0
# 49 days; a worker may be idle for longer.
_MAX_UINT32 = 0xFFFF_FFFF


class HeartbeatSender:
    """Sends heartbeats. Used by the receiver thread."""

    def __init__(self, transport: FrameTransport, calls: ActiveCalls, outbox: Outbox, interval_s: float) -> None:
        """Creates the sender.

        Args:
            transport: the connection to the host.
            calls: the active calls.
            outbox: has the time of the last answer or chunk.
            interval_s: seconds between heartbeats; 0 for none at all.
        """
        self._transport = transport
        self._calls = calls
        self._outbox = outbox
        self._interval = interval_s
        self._due = 0.0
        self._batch = Batch()
        self._heartbeat = self._batch.frames.add().heartbeat
        self._usage = ProcessUsage()

    def send_when_due(self, now: float) -> float:
        """Sends a heartbeat if one is due. Returns when the next one is due, on the monotonic clock."""
        if self._interval == 0:
            return now + _NEVER_S
        if now >= self._due:
            self._due = now + self._interval
            self._send(now)
        return self._due

    def _send(self, now: float) -> None:
        # The arrival of calls that wait is no progress.
        calls = [call for call in self._calls.all() if not call.is_ahead]
        progress_at = max([self._outbox.sent_at, *(call.arrived_at for call in calls)])
        usage = self._usage.read()
        self._heartbeat.rss_bytes = usage.rss_bytes
        self._heartbeat.threads = usage.threads
        self._heartbeat.cpu_ms = usage.cpu_ms
        self._heartbeat.active = len(calls)
        self._heartbeat.last_progress_ms = min(int(max(0.0, now - progress_at) * 1000), _MAX_UINT32)
        # A host that does not read would not read the next one either.
        self._transport.offer(self._batch, 0)
