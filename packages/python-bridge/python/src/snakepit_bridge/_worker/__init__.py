"""The worker: connects to the host and executes its calls."""

from __future__ import annotations

from .capture.standard_streams import install_standard_streams
from .ending import LOST_GRACE_S, exit_within
from .execution.call_contexts import CallContexts
from .execution.event_loop import EventLoop
from .handshake import WorkerBoot
from .run import preload, run_failed_worker, run_worker
from .signals.signal_handlers import guard_signal_handlers

__all__ = [
    "LOST_GRACE_S",
    "CallContexts",
    "EventLoop",
    "WorkerBoot",
    "exit_within",
    "guard_signal_handlers",
    "install_standard_streams",
    "preload",
    "run_failed_worker",
    "run_worker",
]
