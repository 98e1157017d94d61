"""What the operating system says of processes, mostly from ``/proc``; empty answers where there is none."""

from __future__ import annotations

import os
import sys
from pathlib import Path

_PROC = Path("/proc")


def start_time(pid: int) -> str:
    """When the process started, as the system tells it; empty when it does not.

    Together with the pid it names one process beyond doubt. On Linux the clock ticks since boot, on macOS what ``ps``
    prints: the host compares it with what it finds there itself.
    """
    if sys.platform == "darwin":
        return _darwin_start_time(pid)
    fields = _stat_fields(pid)
    return fields[19] if fields is not None else ""


def children_of(parent: int) -> list[int]:
    """Pids of the children of a process, zombies included."""
    try:
        # One read, where the kernel was built with it (CONFIG_PROC_CHILDREN).
        listed = (_PROC / str(parent) / "task" / str(parent) / "children").read_text()
        return [int(pid) for pid in listed.split()]
    except OSError:
        return [pid for pid in _all_pids() if _parent_of(pid) == parent]


def environment_of(pid: int) -> dict[str, str]:
    """The environment that the process was given when its program started; later changes are not seen."""
    try:
        raw = (_PROC / str(pid) / "environ").read_bytes()
    except OSError:
        return {}
    pairs = (entry.partition("=") for entry in raw.decode(errors="surrogateescape").split("\0"))
    return {name: value for name, separator, value in pairs if separator}


def command_name_of(pid: int) -> str:
    """What ``ps -o comm`` shows of the process; empty when it is gone."""
    try:
        return (_PROC / str(pid) / "comm").read_text(errors="replace").rstrip("\n")
    except OSError:
        return ""


def thread_count() -> int:
    """Threads of this process, those of native libraries included; 1 where that cannot be told."""
    try:
        return len(list((_PROC / "self" / "task").iterdir()))
    except OSError:
        return 1


def _darwin_start_time(pid: int) -> str:
    import subprocess

    command = ["/bin/ps", "-o", "lstart=", "-p", str(pid)]
    # The text is compared, so neither language nor time zone may change it.
    environment = {"LC_ALL": "C", "TZ": "UTC"}
    return subprocess.run(command, env=environment, capture_output=True, text=True, check=False).stdout.strip()  # noqa: S603


def _all_pids() -> list[int]:
    try:
        return [int(name) for name in os.listdir(_PROC) if name.isdigit()]  # noqa: PTH208 (hot: no Path objects)
    except OSError:
        return []


def _parent_of(pid: int) -> int:
    fields = _stat_fields(pid)
    return int(fields[1]) if fields is not None else 0


def _stat_fields(pid: int) -> list[str] | None:
    """The fields of proc(5) stat from the third (state) on; the second, the name, may hold spaces and brackets."""
    try:
        return (_PROC / str(pid) / "stat").read_text(errors="replace").rpartition(")")[2].split()
    except OSError:
        return None
