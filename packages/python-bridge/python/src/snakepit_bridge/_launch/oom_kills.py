"""Detects kills by the kernel because the system is out of memory."""

from __future__ import annotations

from pathlib import Path

_CGROUP = Path("/proc/self/cgroup")
_CGROUP_ROOT = Path("/sys/fs/cgroup")
_SYSTEM = Path("/proc/vmstat")


class OomKills:
    """Counts the kernel's out-of-memory kills, to explain an unexpected SIGKILL."""

    def __init__(self, counter: Path | None = None) -> None:
        self._counter = counter or _counter_file()
        self._accounted = self._total()

    def claim(self) -> bool:
        """Whether there was a kill that is not attributed to a worker yet; attributes it."""
        if self._total() <= self._accounted:
            return False
        self._accounted += 1
        return True

    def _total(self) -> int:
        try:
            lines = self._counter.read_text().splitlines()
        except OSError:
            return 0
        return next((int(line.split()[1]) for line in lines if line.startswith("oom_kill ")), 0)


def _counter_file() -> Path:
    """The counter of the control group if it has one (cgroup v2), else that of the system."""
    try:
        entries = _CGROUP.read_text().splitlines()
    except OSError:
        return _SYSTEM
    ours = next((entry[len("0::/") :] for entry in entries if entry.startswith("0::/")), "")
    events = _CGROUP_ROOT / ours / "memory.events"
    return events if events.exists() else _SYSTEM
