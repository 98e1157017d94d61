"""The worker: connects to the host and executes its calls."""

from __future__ import annotations

from .boot import WorkerBoot
from .call_context import CallContext, current_call
from .cancelled import Cancelled, CancelReason
from .capture import install_standard_streams
from .host_error import HostError, HostException, HostToolError
from .preload import preload
from .run import run_failed_worker, run_worker
from .signal_handlers import guard_signal_handlers

__all__ = [
    "CallContext",
    "CancelReason",
    "Cancelled",
    "HostError",
    "HostException",
    "HostToolError",
    "WorkerBoot",
    "current_call",
    "guard_signal_handlers",
    "install_standard_streams",
    "preload",
    "run_failed_worker",
    "run_worker",
]
