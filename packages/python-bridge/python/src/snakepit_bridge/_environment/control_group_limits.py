"""The limits of the control groups of this process: containers, systemd services, and pools with limits.

See https://docs.kernel.org/admin-guide/cgroup-v2.html and https://docs.kernel.org/admin-guide/cgroup-v1/.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

_NO_LIMIT_BYTES = 1 << 60
"""Version 1 reports a number near 2^63 if there is no limit."""


class ControlGroupLimits:
    """Reads the tightest limits of the group of this process and of those that contain it."""

    def __init__(self, root: Path = Path("/")) -> None:
        """Reads nothing yet.

        Args:
            root: the directory with ``proc`` and ``sys``.
        """
        self._mount = root / "sys/fs/cgroup"
        self._membership = root / "proc/self/cgroup"

    def processors(self) -> float | None:
        """Returns the number of processors whose time the group may use, such as 1.5; ``None`` without a limit."""
        limits = []
        for directory in self._directories("cpu"):
            maximum = _words(directory / "cpu.max")
            if len(maximum) == 2 and maximum[0] != "max":
                limits.append(_ratio(maximum[0], maximum[1]))
            quota, period = _words(directory / "cpu.cfs_quota_us"), _words(directory / "cpu.cfs_period_us")
            if quota and period and not quota[0].startswith("-"):
                limits.append(_ratio(quota[0], period[0]))
        return min((each for each in limits if each > 0), default=None)

    def memory_bytes(self) -> int | None:
        """Returns the number of bytes that the group may use; ``None`` without a limit."""
        limits = []
        for directory in self._directories("memory"):
            for name in ("memory.max", "memory.limit_in_bytes"):
                limits += [int(each) for each in _words(directory / name)[:1] if each.isdecimal()]
        return min((each for each in limits if each < _NO_LIMIT_BYTES), default=None)

    def _directories(self, controller: str) -> Iterator[Path]:
        """The directories of the group and of those that contain it, in both versions."""
        for line in _lines(self._membership):
            _, controllers, path = [*line.split(":", 2), "", ""][:3]
            if controllers == "":
                mount = self._mount
            elif controller in controllers.split(","):
                mount = self._mount / controller
            else:
                continue
            group = mount / path.lstrip("/")
            while group != mount and mount in group.parents:
                yield group
                group = group.parent
            yield mount


def _ratio(quota: str, period: str) -> float:
    try:
        return int(quota) / int(period)
    except (ValueError, ZeroDivisionError):
        return 0.0


def _words(file: Path) -> list[str]:
    return " ".join(_lines(file)).split()


def _lines(file: Path) -> list[str]:
    try:
        return file.read_text(encoding="utf-8", errors="replace").splitlines()
    except OSError:
        # The system has no control groups, or not this controller.
        return []
