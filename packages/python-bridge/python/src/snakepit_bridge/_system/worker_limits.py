"""Limits of the resources of a worker process (getrlimit(2), setpriority(2))."""

from __future__ import annotations

import os
import resource
import signal
import sys
from pathlib import Path

import msgspec

_MIB = 1024 * 1024
# For the stacks and the buffers of the worker itself.
_LEAST_ROOM_MB = 64
# After SIGXCPU, the kernel waits this long before it sends SIGKILL.
_CPU_GRACE_S = 5


class LimitError(Exception):
    """A limit cannot be set. The message names the option, its value and the remedy."""


class WorkerLimits(msgspec.Struct, frozen=True):
    """The limits of each worker of a pool; ``None`` for those of the host."""

    address_space_mb: int | None = None
    cpu_seconds: int | None = None
    open_files: int | None = None
    niceness: int | None = None
    memory_mb: int | None = None
    """Enforced by a control group, like ``cpus``."""
    cpus: float | None = None


def set_limits(limits: WorkerLimits) -> None:
    """Sets the limits of this process, which its children inherit; control groups are set by the zygote.

    Raises:
        LimitError: a limit is too small for this process, or the system does not allow it.
    """
    if limits.niceness is not None:
        _set_niceness(limits.niceness)
    if limits.open_files is not None:
        _set(resource.RLIMIT_NOFILE, "openFiles", limits.open_files, limits.open_files)
    if limits.cpu_seconds is not None:
        _set(resource.RLIMIT_CPU, "cpuSeconds", limits.cpu_seconds, limits.cpu_seconds + _CPU_GRACE_S)
        _write_stacks_at_cpu_limit()
    # macOS accepts the limit and does not enforce it, or rejects it.
    if limits.address_space_mb is not None and sys.platform != "darwin":
        _set_address_space(limits.address_space_mb)


def address_space_limit() -> str | None:
    """Returns the limit of the address space of this process, for messages; ``None`` without one."""
    limit, _ = resource.getrlimit(resource.RLIMIT_AS)
    if limit == resource.RLIM_INFINITY:
        return None
    return f"the address space of the worker is limited to {limit // _MIB} MiB (limits.addressSpaceMb, or ulimit -v)"


def _set_address_space(limit_mb: int) -> None:
    used_mb = _address_space_mb()
    if limit_mb < used_mb + _LEAST_ROOM_MB:
        raise LimitError(
            f"limits.addressSpaceMb must be at least {used_mb + _LEAST_ROOM_MB}, because the worker uses {used_mb} MiB "
            f"of address space before its first call and needs at least {_LEAST_ROOM_MB} MiB more; got {limit_mb}"
        )
    _set(resource.RLIMIT_AS, "addressSpaceMb", limit_mb, limit_mb, _MIB)


def _set(number: int, option: str, soft: int, hard: int, unit: int = 1) -> None:
    _, most = resource.getrlimit(number)
    if most != resource.RLIM_INFINITY:
        if soft * unit > most:
            raise LimitError(
                f"limits.{option} must be at most {most // unit}, the limit of the system for this user "
                f"(ulimit -H); got {soft}"
            )
        hard = min(hard, most // unit)
    try:
        resource.setrlimit(number, (soft * unit, hard * unit))
    except (OSError, ValueError) as error:
        raise LimitError(f"the system rejected limits.{option} = {soft}: {error}; omit it") from error


def _set_niceness(niceness: int) -> None:
    try:
        os.setpriority(os.PRIO_PROCESS, 0, niceness)
    except OSError as error:
        current = os.getpriority(os.PRIO_PROCESS, 0)
        raise LimitError(
            f"limits.niceness must be at least {current}, the niceness of the host, because only privileged processes "
            f"may decrease it; got {niceness}"
        ) from error


def _write_stacks_at_cpu_limit() -> None:
    # Imported by every worker process already.
    import faulthandler

    faulthandler.register(signal.SIGXCPU, file=2, all_threads=True, chain=True)


def _address_space_mb() -> int:
    try:
        pages = int(Path("/proc/self/statm").read_text().split()[0])
    except (OSError, ValueError, IndexError):
        return 0
    return pages * os.sysconf("SC_PAGE_SIZE") // _MIB
