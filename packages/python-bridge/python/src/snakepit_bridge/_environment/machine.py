"""The processors and the memory that this process may use."""

from __future__ import annotations

import os
from pathlib import Path

import msgspec

from .control_group_limits import ControlGroupLimits


class Processors(msgspec.Struct, frozen=True):
    """The processors of the machine, and how many of them this process may use."""

    logical: int
    """Processors of the machine, hyper-threads included."""
    affinity: int
    """Processors on which the scheduler may run this process."""
    quota: float | None
    """Processors whose time its control group may use, such as 1.5; ``None`` without a limit."""
    usable: int
    """The smaller one of affinity and quota, rounded down, and at least 1; as ``availableParallelism()`` of Node.js."""


class Memory(msgspec.Struct, frozen=True, rename="camel"):
    """The memory of the machine, and how much of it this process may use."""

    total_bytes: int | None
    available_bytes: int | None
    """Memory that new processes can use without swapping, according to the system."""
    limit_bytes: int | None
    """The limit of its control group; ``None`` without a limit."""
    usable_bytes: int | None
    """The smaller one of total and limit."""


def processors(root: Path = Path("/")) -> Processors:
    """Describes the processors.

    Args:
        root: the directory with ``proc`` and ``sys``.
    """
    logical = os.cpu_count() or 1
    affinity = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else logical
    quota = ControlGroupLimits(root).processors()
    usable = affinity if quota is None else max(1, min(affinity, int(quota)))
    return Processors(logical=logical, affinity=affinity, quota=quota, usable=usable)


def memory(root: Path = Path("/")) -> Memory:
    """Describes the memory.

    Args:
        root: the directory with ``proc`` and ``sys``.
    """
    sizes = _meminfo(root / "proc/meminfo")
    total = sizes.get("MemTotal", _physical_memory())
    limit = ControlGroupLimits(root).memory_bytes()
    known = [each for each in (total, limit) if each is not None]
    return Memory(
        total_bytes=total,
        available_bytes=sizes.get("MemAvailable"),
        limit_bytes=limit,
        usable_bytes=min(known, default=None),
    )


def _meminfo(file: Path) -> dict[str, int]:
    sizes = {}
    try:
        lines = file.read_text(encoding="utf-8").splitlines()
    except OSError:
        # macOS has no /proc.
        return {}
    for line in lines:
        name, _, value = line.partition(":")
        words = value.split()
        if words and words[0].isdecimal():
            sizes[name] = int(words[0]) * 1024
    return sizes


def _physical_memory() -> int | None:
    try:
        return os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    except (ValueError, OSError):
        return None
