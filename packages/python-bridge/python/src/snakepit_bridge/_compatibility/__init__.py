"""Which libraries may be used in several threads, after a fork, and without the global interpreter lock."""

from __future__ import annotations

from .check import Compatibility, check
from .table import Fork, FreeThreading, Library, Support, Threads, Verdict, find_library, table
from .versions import is_older

__all__ = [
    "Compatibility",
    "Fork",
    "FreeThreading",
    "Library",
    "Support",
    "Threads",
    "Verdict",
    "check",
    "find_library",
    "is_older",
    "table",
]
