"""Thread safety of adapters: declarations, thread-local values, locks, and the checker of concurrent calls."""

from __future__ import annotations

from .checker import ThreadSafetyChecker
from .current import thread_safety_report, use_for_reports
from .declaration import ThreadSafeAdapter, thread_safe
from .libraries import Library, known_libraries
from .reentrant_lock import LockStatistics, ReentrantLock, locked
from .report import (
    LibraryReport,
    SafetyWarning,
    ThreadSafetyReport,
    ToolReport,
)
from .request_tracker import RequestStatistics, RequestTracker, ThreadStatistics
from .thread_local import ThreadLocal
from .tool_guard import ThreadSafetyError

__all__ = [
    "Library",
    "LibraryReport",
    "LockStatistics",
    "ReentrantLock",
    "RequestStatistics",
    "RequestTracker",
    "SafetyWarning",
    "ThreadLocal",
    "ThreadSafeAdapter",
    "ThreadSafetyChecker",
    "ThreadSafetyError",
    "ThreadSafetyReport",
    "ThreadStatistics",
    "ToolReport",
    "known_libraries",
    "locked",
    "thread_safe",
    "thread_safety_report",
    "use_for_reports",
]

# Tracebacks and error reports show the name under which users import it.
ThreadSafetyError.__module__ = "snakepit_bridge"
