"""What this process uses: resident memory, threads and processor time."""

from __future__ import annotations

import os
import resource
import sys
from time import process_time
from typing import NamedTuple

_THREADS, _RESIDENT = 17, 21
"""Positions of ``num_threads`` and ``rss`` in ``/proc/PID/stat`` after the command (proc(5))."""


class Usage(NamedTuple):
    """What a process uses at one moment."""

    rss_bytes: int
    """Resident memory, or its peak on systems that do not report the current number."""
    threads: int
    """Threads, those of native libraries included; 0 on systems that do not report the number."""
    cpu_ms: float
    """Processor time since the start, in milliseconds."""


class ProcessUsage:
    """Reads the usage without opening a file or importing a module: a tool may have used up descriptors."""

    def __init__(self) -> None:
        self._page_bytes = os.sysconf("SC_PAGE_SIZE")
        try:
            self._fd: int | None = os.open("/proc/self/stat", os.O_RDONLY | os.O_CLOEXEC)
        except OSError:
            # No /proc (macOS).
            self._fd = None

    def read(self) -> Usage:
        """Returns the present usage."""
        cpu_ms = process_time() * 1000
        if self._fd is not None:
            try:
                # The command may contain any character.
                fields = os.pread(self._fd, 1024, 0).rpartition(b") ")[2].split()
                return Usage(int(fields[_RESIDENT]) * self._page_bytes, int(fields[_THREADS]), cpu_ms)
            except (OSError, ValueError, IndexError):
                # A tool closed every descriptor it found; the number may belong to another file by now.
                self._fd = None
        peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
        return Usage(peak if sys.platform == "darwin" else peak * 1024, 0, cpu_ms)
