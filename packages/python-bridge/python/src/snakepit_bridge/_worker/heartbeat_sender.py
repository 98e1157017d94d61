"""Tells the host that the worker is alive, and how it is."""

from __future__ import annotations

import os
import resource
import sys
from typing import TYPE_CHECKING

from snakepit_bridge._proto.frames_pb2 import Batch

if TYPE_CHECKING:
    from snakepit_bridge._wire import FrameTransport

    from .inbox import Inbox
    from .outbox import Outbox

_NEVER_S = 3600.0
# 49 days; a worker may be idle for longer.
_MAX_UINT32 = 0xFFFF_FFFF


class Heart:
    """Sends heartbeats. Belongs to the attendant."""

    def __init__(self, transport: FrameTransport, inbox: Inbox, outbox: Outbox, interval_s: float) -> None:
        """Makes it.

        Args:
            transport: where the heartbeats go.
            inbox: knows the active calls.
            outbox: knows when something was last sent.
            interval_s: seconds between heartbeats; 0 for none at all.
        """
        self._transport = transport
        self._inbox = inbox
        self._outbox = outbox
        self._interval = interval_s
        self._due = 0.0
        self._batch = Batch()
        self._heartbeat = self._batch.frames.add().heartbeat
        self._memory = ResidentMemory()

    def beat_when_due(self, now: float) -> float:
        """Sends a heartbeat if it is time for one. Returns when it is time for the next, on the monotonic clock."""
        if self._interval == 0:
            return now + _NEVER_S
        if now >= self._due:
            self._due = now + self._interval
            self._beat(now)
        return self._due

    def _beat(self, now: float) -> None:
        calls = list(self._inbox.calls.values())
        progress_at = max([self._outbox.sent_at, *(call.arrived_at for call in calls)])
        self._heartbeat.rss_bytes = self._memory.read()
        self._heartbeat.active = len(calls)
        self._heartbeat.last_progress_ms = min(int(max(0.0, now - progress_at) * 1000), _MAX_UINT32)
        # A host that does not read would not read this either.
        self._transport.offer(self._batch, 0)


class ResidentMemory:
    """The memory of this process, without a new file descriptor or import: a tool may have left none to be had."""

    def __init__(self) -> None:
        self._page_bytes = os.sysconf("SC_PAGE_SIZE")
        try:
            self._fd: int | None = os.open("/proc/self/statm", os.O_RDONLY | os.O_CLOEXEC)
        except OSError:
            # No /proc (macOS).
            self._fd = None

    def read(self) -> int:
        """Returns the resident bytes; where the system does not tell them, their peak."""
        if self._fd is not None:
            try:
                return int(os.pread(self._fd, 128, 0).split()[1]) * self._page_bytes
            except (OSError, ValueError, IndexError):
                # A tool has closed every descriptor that it found, and perhaps opened another file in this one's place.
                self._fd = None
        peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
        return peak if sys.platform == "darwin" else peak * 1024
