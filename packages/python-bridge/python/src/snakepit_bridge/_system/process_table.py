"""Facts about processes, mostly from ``/proc``; empty results on systems without it."""

from __future__ import annotations

import os
import sys
from pathlib import Path

_PROC = Path("/proc")


def start_time(pid: int) -> str:
    """Returns when the process started, as the system reports it; empty when it does not.

    Together with the pid it identifies one process. On Linux it is in clock ticks since boot, on macOS in the format of
    ``ps``: the host compares it with what it reads itself.
    """
    if sys.platform == "darwin":
        return _darwin_start_time(pid)
    fields = _stat_fields(pid)
    return fields[19] if fields is not None else ""


def children_of(parent: int) -> list[int]:
    """Returns the pids of the children of a process, zombies included."""
    try:
        # One read, where the kernel was built with it (CONFIG_PROC_CHILDREN).
        listed = (_PROC / str(parent) / "task" / str(parent) / "children").read_text()
        return [int(pid) for pid in listed.split()]
    except OSError:
        return [pid for pid in _all_pids() if _parent_of(pid) == parent]


def environment_of(pid: int) -> dict[str, str]:
    """Returns the environment with which the program of a process started, without later changes."""
    try:
        raw = (_PROC / str(pid) / "environ").read_bytes()
    except OSError:
        return {}
    pairs = (entry.partition("=") for entry in raw.decode(errors="surrogateescape").split("\0"))
    return {name: value for name, separator, value in pairs if separator}


def command_name_of(pid: int) -> str:
    """Returns what ``ps -o comm`` shows for the process; empty when it has ended."""
    try:
        return (_PROC / str(pid) / "comm").read_text(errors="replace").rstrip("\n")
    except OSError:
        return ""


def thread_count() -> int:
    """Returns the number of threads of this process, those of native libraries included; 1 when it is unknown."""
    try:
        return len(list((_PROC / "self" / "task").iterdir()))
    except OSError:
        return 1


def handles_signal(pid: int, number: int) -> bool:
    """Whether a process has a handler for a signal; ``True`` on systems that do not report it (macOS)."""
    try:
        status = (_PROC / str(pid) / "status").read_text(errors="replace")
    except FileNotFoundError:
        return not _PROC.joinpath("self").exists()
    except OSError:
        return False
    for line in status.splitlines():
        if line.startswith("SigCgt:"):
            return bool(int(line.split()[1], 16) >> (number - 1) & 1)
    return False


def _darwin_start_time(pid: int) -> str:
    # Lazy, because of the start-up time: only macOS needs it.
    import subprocess

    command = ["/bin/ps", "-o", "lstart=", "-p", str(pid)]
    # The output is compared, so it must not depend on language or time zone.
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
    """The fields of proc(5) stat from the third (state) on; the second, the name, may contain spaces and brackets."""
    try:
        return (_PROC / str(pid) / "stat").read_text(errors="replace").rpartition(")")[2].split()
    except OSError:
        return None
