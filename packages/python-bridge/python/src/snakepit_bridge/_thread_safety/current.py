"""The checker of this process, for reports that a tool or the host requests."""

from __future__ import annotations

from typing import TYPE_CHECKING

from .checker import report_of

if TYPE_CHECKING:
    from .checker import ThreadSafetyChecker
    from .report import ThreadSafetyReport

_checker: ThreadSafetyChecker | None = None


def use_for_reports(checker: ThreadSafetyChecker | None) -> None:
    """Makes :func:`thread_safety_report` return the report of a checker. Called by a worker, before its first call."""
    global _checker
    _checker = checker


def thread_safety_report() -> ThreadSafetyReport:
    """Returns what is known about the thread safety of this worker: warnings, libraries, locks, tools, requests.

    The report consists of dictionaries, lists, strings and numbers, so that a tool can return it. In a process without
    a checker (another profile than ``"thread"``, ``threadSafety: "off"``, unit tests), ``mode`` is ``"off"``, and only
    the interpreter, the imported libraries and the locks are reported.
    """
    if _checker is not None:
        return _checker.report()
    return report_of(mode="off", target="", declared=False, warnings=[], tools=[], guarded=(), tracker=None)
