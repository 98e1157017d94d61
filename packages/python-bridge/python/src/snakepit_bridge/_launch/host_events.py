"""The events of the zygote."""

from __future__ import annotations

import errno
import os
import sys
from collections.abc import Sequence
from typing import TYPE_CHECKING

import msgspec

from .._system import start_time
from .._version import PROTOCOL_VERSION, __version__
from .event_stream import EventStream
from .process_exit import ProcessExit
from .worker_process import WorkerProcess

if TYPE_CHECKING:
    from .._tools import TargetError


class HostEvents:
    """Sends events, one method for each; none of them blocks."""

    def __init__(self, stream: EventStream) -> None:
        self._stream = stream
        self._dropped = 0

    def booted(self) -> None:
        """The zygote runs; no code of the user is imported yet."""
        self._stream.send(
            {
                "event": "booted",
                "pid": os.getpid(),
                "start_time": start_time(os.getpid()),
                "protocol": PROTOCOL_VERSION,
                "bridge_version": __version__,
                "executable": sys.executable,
                "python_version": ".".join(map(str, sys.version_info[:3])),
                "implementation": sys.implementation.name,
                "free_threaded": "free-threading" in sys.version,
            }
        )

    def ready(self, thread_count: int, shared: Sequence[str] = (), not_enforced: str | None = None) -> None:
        """Workers can be started.

        Args:
            thread_count: with more than one thread, a fork may inherit a lock that stays locked.
            shared: descriptions of the descriptors that all workers would share.
            not_enforced: the limits that the system does not enforce, with the reason and the remedy.
        """
        self._stream.send(
            {"event": "ready", "threads": thread_count, "shared": list(shared), "not_enforced": not_enforced}
        )

    def not_fork_safe(self) -> None:
        """The adapter requires spawned workers; the zygote ends."""
        self._stream.send({"event": "not_fork_safe"})

    def failed(self, error: TargetError) -> None:
        """The target cannot be loaded; the zygote ends."""
        self._stream.send(
            {
                "event": "failed",
                "message": str(error),
                "permanent": error.permanent,
                "exception": None if error.report is None else msgspec.to_builtins(error.report),
            }
        )

    def pong(self) -> None:
        """The zygote responds."""
        self._stream.send({"event": "pong"})

    def started(self, worker: WorkerProcess) -> None:
        """The process of the worker exists; it has not sent Hello yet."""
        self._stream.send(
            {
                "event": "started",
                "worker_id": worker.worker_id,
                "pid": worker.pid,
                "start_time": start_time(worker.pid),
                "process_group": worker.pid,
            }
        )

    def start_failed(self, worker_id: str, message: str, error: OSError | None = None) -> None:
        """The worker does not exist; ``error`` is the error of the system, if that was the reason."""
        name = None if error is None or error.errno is None else errno.errorcode.get(error.errno)
        self._stream.send({"event": "start_failed", "worker_id": worker_id, "message": message, "errno": name})

    def output(self, worker_id: str, text: str) -> None:
        """The worker, or a process that it started, wrote to file descriptor 1 or 2 directly."""
        if self._stream.is_clogged:
            self._dropped += len(text)
            return
        if self._dropped:
            text = f"[{self._dropped} characters of output were dropped: the host did not read them in time]\n{text}"
            self._dropped = 0
        self._stream.send({"event": "output", "worker_id": worker_id, "text": text})

    def stacks_unavailable(self, worker_id: str) -> None:
        """The worker has ended, or does not handle the signal that requests stacks."""
        self._stream.send({"event": "stacks_unavailable", "worker_id": worker_id})

    def exited(self, worker: WorkerProcess, end: ProcessExit, out_of_memory: bool) -> None:
        """The worker and its process group are gone, and reaped."""
        self._stream.send(
            {
                "event": "exited",
                "worker_id": worker.worker_id,
                "exit_code": end.exit_code,
                "signal": end.signal,
                "out_of_memory": out_of_memory,
                "stderr_tail": worker.output.tail,
                "stacks": worker.output.stacks,
                "rss_peak_bytes": end.rss_peak_bytes,
            }
        )
