"""Checks the thread safety of an adapter, at the start of a worker and while it executes calls."""

from __future__ import annotations

import logging
import threading
from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Literal

from .._tools import TargetError
from .declaration import declaration_of
from .libraries import Library, loaded_libraries
from .reentrant_lock import lock_statistics
from .report import (
    LibraryReport,
    Mode,
    SafetyWarning,
    ThreadSafetyReport,
    ToolReport,
    python_report,
    recommendations_for,
)
from .tool_guard import ToolGuard

if TYPE_CHECKING:
    from .._tools import LoadedAdapter, Tool
    from .request_tracker import RequestTracker

LOGGER = "snakepit.thread_safety"
"""The name of the logger of warnings."""


class ThreadSafetyChecker:
    """Warns of what is not declared as thread-safe, or rejects it, in a worker that runs calls in several threads.

    A worker calls :meth:`check_load` after the import and again after the set-up, :meth:`guard` once, and
    :meth:`log_warnings` when its log records reach the host.
    """

    def __init__(self, mode: Mode, adapter: LoadedAdapter, tracker: RequestTracker | None = None) -> None:
        """Reads the declarations of the adapter.

        Args:
            mode: ``"off"`` checks nothing, ``"warn"`` logs, and ``"strict"`` rejects.
            adapter: the loaded target.
            tracker: counts the calls of the worker, for the report.
        """
        self.mode: Mode = mode
        self._target = adapter.target
        self._tracker = tracker
        kind = adapter.kind
        is_class_declared = kind is not None and kind.thread_safe
        tools = adapter.unbound_tools
        marks = {name: declaration_of(tool.function) for name, tool in tools.items()}
        self._declared = {name for name, mark in marks.items() if is_class_declared or mark is not None}
        # Async tools share the thread of one event loop.
        self._undeclared = [name for name, tool in tools.items() if name not in self._declared and not tool.is_async]
        self._kind = kind
        guarded = set(() if kind is None else kind.guarded_libraries)
        self._guarded = guarded.union(*(mark.guarded_libraries for mark in marks.values() if mark is not None))
        self._guards: list[ToolGuard] = []
        self._lock = threading.RLock()
        self._warnings: dict[tuple[str, str], SafetyWarning] = {}
        self._logged: set[tuple[str, str]] = set()
        self._is_logging = False

    def check_load(self) -> list[SafetyWarning]:
        """Checks the declarations of the adapter and the libraries that are imported. May be called several times.

        Returns:
            The warnings so far. They are logged by :meth:`log_warnings`.

        Raises:
            TargetError: in strict mode, nothing is declared as thread-safe, or an unsafe library is imported.
        """
        if self.mode == "off":
            return []
        if not self._declared and self._undeclared:
            self._warn("undeclared", self._target, self._undeclared_message(), is_rejected=self.mode == "strict")
        self._check_libraries(is_rejected=self.mode == "strict")
        with self._lock:
            return list(self._warnings.values())

    def guard(self, tools: Mapping[str, Tool]) -> Mapping[str, Tool]:
        """Returns tools that count and check the threads inside of them; the same ones when the mode is ``"off"``."""
        if self.mode == "off":
            return tools
        guards = {
            name: ToolGuard(
                tool,
                is_declared=name in self._declared,
                is_strict=self.mode == "strict",
                on_concurrent=self._report_concurrent,
                on_import=self._check_libraries,
            )
            for name, tool in tools.items()
        }
        self._guards = list(guards.values())
        return {name: guard.guarded() for name, guard in guards.items()}

    def log_warnings(self) -> None:
        """Logs the warnings so far, and from now on each new one at once. Each is logged once."""
        with self._lock:
            self._is_logging = True
            new = {key: warning for key, warning in self._warnings.items() if key not in self._logged}
            self._logged.update(new)
        for warning in new.values():
            logging.getLogger(LOGGER).warning("%s", warning["message"])

    def report(self) -> ThreadSafetyReport:
        """Returns what is known now."""
        with self._lock:
            warnings = list(self._warnings.values())
        tools = [each.report() for each in self._guards]
        return report_of(
            mode=self.mode,
            target=self._target,
            declared=not self._undeclared,
            warnings=warnings,
            tools=tools,
            guarded=self._guarded,
            tracker=self._tracker,
        )

    def _check_libraries(self, *, is_rejected: bool = False) -> None:
        for library in loaded_libraries():
            # A declaration includes that libraries are used as they require.
            concerns = library.safety == "unsafe" or (library.safety == "conditional" and bool(self._undeclared))
            if concerns and not _is_guarded(library, self._guarded):
                self._warn(
                    "library",
                    library.name,
                    self._library_message(library),
                    is_rejected=is_rejected and library.safety == "unsafe",
                )

    def _undeclared_message(self) -> str:
        names = ", ".join(f"{each}()" for each in self._undeclared)
        if self._kind is None:
            return (
                f"'{self._target}' does not declare thread safety, and several threads may execute its tools at the "
                f"same time ({names}); make them thread-safe and mark each with @thread_safe, or use the process "
                "profile"
            )
        return (
            f"the adapter {self._kind.__qualname__} of '{self._target}' does not declare thread safety, and several "
            f"threads may execute its tools at the same time ({names}); make them thread-safe and derive the class "
            "from ThreadSafeAdapter, or use the process profile"
        )

    def _library_message(self, library: Library) -> str:
        what = "is not thread-safe" if library.safety == "unsafe" else "is thread-safe only under a condition"
        return (
            f"'{self._target}' has imported {library.name}, which {what}: {library.notes}; {library.workaround}; "
            f"if every use is safe, name it in guarded_libraries ({library.source})"
        )

    def _report_concurrent(self, tool: str, threads: list[str]) -> None:
        self._warn(
            "concurrent",
            tool,
            f"{tool}() of '{self._target}' is executed by several threads at the same time ({', '.join(threads)}), and "
            "it is not declared as thread-safe; make it thread-safe and mark it with @thread_safe",
            threads,
        )

    def _warn(
        self,
        kind: Literal["undeclared", "library", "concurrent"],
        subject: str,
        message: str,
        threads: Iterable[str] = (),
        *,
        is_rejected: bool = False,
    ) -> None:
        if is_rejected:
            raise TargetError(f"threadSafety is 'strict': {message}")
        with self._lock:
            if (kind, subject) in self._warnings:
                return
            self._warnings[kind, subject] = {
                "kind": kind,
                "subject": subject,
                "message": message,
                "threads": list(threads),
            }
        if self._is_logging:
            self.log_warnings()


def report_of(
    *,
    mode: Mode,
    target: str,
    declared: bool,
    warnings: list[SafetyWarning],
    tools: list[ToolReport],
    guarded: Iterable[str],
    tracker: RequestTracker | None,
) -> ThreadSafetyReport:
    """Adds the facts of the process to those of a checker."""
    python, locks = python_report(), lock_statistics()
    libraries: list[LibraryReport] = [
        {
            "name": each.name,
            "safety": each.safety,
            "guarded": _is_guarded(each, guarded),
            "notes": each.notes,
            "workaround": each.workaround,
            "source": each.source,
        }
        for each in loaded_libraries()
    ]
    return {
        "mode": mode,
        "target": target,
        "declared": declared,
        "python": python,
        "warnings": warnings,
        "libraries": libraries,
        "locks": locks,
        "tools": tools,
        "requests": None if tracker is None else tracker.statistics(),
        "recommendations": recommendations_for(python, libraries, locks, tools),
    }


def _is_guarded(library: Library, guarded: Iterable[str]) -> bool:
    return any(each in guarded or library.name in guarded for each in library.modules)
