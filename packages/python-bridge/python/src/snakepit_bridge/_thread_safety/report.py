"""The report about thread safety: data that can be sent to the host, and what it recommends."""

from __future__ import annotations

import platform
from collections.abc import Sequence
from typing import Literal, TypedDict

from .._system import has_global_lock, is_free_threaded
from .libraries import Safety
from .reentrant_lock import LockStatistics
from .request_tracker import RequestStatistics

Mode = Literal["off", "warn", "strict"]

_CONTENDED = 0.1
"""The part of the acquisitions of a lock that wait, above which the report names it."""
_MIN_ACQUIRED = 20


class SafetyWarning(TypedDict):
    """Something that is not declared as thread-safe."""

    kind: Literal["undeclared", "library", "concurrent"]
    subject: str
    """The adapter, the library or the tool."""
    message: str
    threads: list[str]
    """The names of the threads that were inside of a tool at the same time."""


class ToolReport(TypedDict):
    """The calls of one tool."""

    tool: str
    declared: bool
    """Whether the tool or its class is declared as thread-safe."""
    is_async: bool
    """Whether it is ``async``; such tools share the thread of one event loop, and need no declaration."""
    entered: int
    """Calls that were executed."""
    concurrent_maximum: int
    """The largest number of calls that ran at the same time."""
    rejected: int


class LibraryReport(TypedDict):
    """A library of the table that the process has imported."""

    name: str
    safety: Safety
    guarded: bool
    """Whether the adapter declares that it never uses the library in two threads at the same time."""
    notes: str
    workaround: str
    source: str


class PythonReport(TypedDict):
    """The interpreter."""

    version: str
    free_threaded: bool
    """Whether it was built to run without the global interpreter lock."""
    gil_enabled: bool


class ThreadSafetyReport(TypedDict):
    """What is known about the thread safety of the adapter of a worker."""

    mode: Mode
    target: str
    """The target of the pool; empty in a process without a checker."""
    declared: bool
    """Whether all tools are declared as thread-safe, except those that are ``async``."""
    python: PythonReport
    warnings: list[SafetyWarning]
    libraries: list[LibraryReport]
    locks: list[LockStatistics]
    """The locks that were acquired, those with the longest waits first."""
    tools: list[ToolReport]
    requests: RequestStatistics | None
    recommendations: list[str]


def python_report() -> PythonReport:
    """Describes the interpreter of this process."""
    return {
        "version": platform.python_version(),
        "free_threaded": is_free_threaded(),
        "gil_enabled": has_global_lock(),
    }


def recommendations_for(
    python: PythonReport,
    libraries: Sequence[LibraryReport],
    locks: Sequence[LockStatistics],
    tools: Sequence[ToolReport],
) -> list[str]:
    """Returns what to change, the most important first."""
    found = []
    undeclared = [each for each in tools if not each["declared"] and not each["is_async"]]
    for tool in undeclared:
        if tool["concurrent_maximum"] > 1 or tool["rejected"] > 0:
            found.append(
                f"{tool['tool']}() is called by several threads at the same time; make it thread-safe and mark it with "
                "@thread_safe, or limit it with @tool(max_concurrent=1)"
            )
    others = [each["tool"] for each in undeclared if each["concurrent_maximum"] <= 1 and each["rejected"] == 0]
    if others:
        found.append(f"check whether these tools are thread-safe, and declare them: {', '.join(others)}")
    found += [
        f"{each['name']}: {each['notes']}; {each['workaround']} ({each['source']})"
        for each in libraries
        if each["safety"] != "safe" and not each["guarded"]
    ]
    found += [
        f"the lock {each['name']} is contended: {each['waits']} of {each['acquired']} acquisitions waited, "
        f"{each['wait_seconds']:.3f} s in total; hold it for a shorter time, or give each thread its own object with "
        "ThreadLocal"
        for each in locks
        if each["acquired"] >= _MIN_ACQUIRED and each["waits"] > _CONTENDED * each["acquired"]
    ]
    if python["free_threaded"] and python["gil_enabled"]:
        found.append(
            "the global interpreter lock is enabled although this Python can run without it: an extension module "
            "requires it, or PYTHON_GIL=1 is set; update the extension modules, or set PYTHON_GIL=0"
        )
    return found
