"""The resident memory of this process."""

from __future__ import annotations

import os
import resource
import sys


class ResidentMemory:
    """Reads the resident memory without opening a file or importing a module: a tool may have used up descriptors."""

    def __init__(self) -> None:
        self._page_bytes = os.sysconf("SC_PAGE_SIZE")
        try:
            self._fd: int | None = os.open("/proc/self/statm", os.O_RDONLY | os.O_CLOEXEC)
        except OSError:
            # No /proc (macOS).
            self._fd = None

    def read(self) -> int:
        """Returns the resident bytes, or their peak on systems that do not report the current number."""
        if self._fd is not None:
            try:
                return int(os.pread(self._fd, 128, 0).split()[1]) * self._page_bytes
            except (OSError, ValueError, IndexError):
                # A tool closed every descriptor it found; the number may belong to another file by now.
                self._fd = None
        peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
        return peak if sys.platform == "darwin" else peak * 1024
