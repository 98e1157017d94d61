"""Control groups of workers, which limit their memory and processors (cgroup v2).

See https://docs.kernel.org/admin-guide/cgroup-v2.html.
"""

from __future__ import annotations

import os
from contextlib import suppress
from pathlib import Path

from .._system import WorkerLimits

_PREFIX = "snakepit-"
_MIB = 1024 * 1024
_CPU_PERIOD_US = 100_000
_DELEGATION = (
    "start the host in a delegated control group (in a systemd service: Delegate=yes and DelegateSubgroup=host)"
)


class ControlGroupsUnavailable(Exception):  # noqa: N818 (a fact about the system)
    """This process cannot create control groups with the required controllers. The message has the reason."""


class ControlGroup:
    """The control group of one worker and its child processes."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def add(self, pid: int) -> None:
        """Moves a process into the group; its later children are in the group too.

        Raises:
            OSError: the system rejects it.
        """
        (self.path / "cgroup.procs").write_text(str(pid))

    def has_oom_kill(self) -> bool:
        """Whether the kernel has killed a process of the group because the group was out of memory."""
        try:
            lines = (self.path / "memory.events").read_text().splitlines()
        except OSError:
            return False
        return any(line.startswith("oom_kill ") and line.split()[1] != "0" for line in lines)

    def remove(self) -> bool:
        """Ends the processes of the group and removes it. Returns whether it is gone; they may take time to end."""
        with suppress(OSError):
            # Linux 5.14 and newer. The zygote also kills the processes of an ended worker.
            (self.path / "cgroup.kill").write_text("1")
        try:
            self.path.rmdir()
        except FileNotFoundError:
            return True
        except OSError:
            return False
        return True


class ControlGroups:
    """Creates a control group for each worker of a zygote, and removes it after the end of the worker."""

    def __init__(self, parent: Path, limits: WorkerLimits) -> None:
        self._parent = parent
        self._limits = limits
        self._ended: list[ControlGroup] = []

    @classmethod
    def open(cls, limits: WorkerLimits, mount: Path | None = None, own: str | None = None) -> ControlGroups:
        """Finds a group below which this process can create others, and removes those that dead zygotes have left.

        It is the group of this process, or the one above, where the group of this process is one of several.

        Args:
            limits: the limits of each worker.
            mount: the directory of cgroup v2; by default that of the system.
            own: the path of the group of this process; by default that of the system.

        Raises:
            ControlGroupsUnavailable: with the reason and the remedy.
        """
        options = _options_of_controllers(limits)
        failed = f"{' and '.join(options.values())} of the workers are not enforced"
        mount = mount or _mount()
        own = _own_path() if own is None else own
        if mount is None or own is None:
            raise ControlGroupsUnavailable(f"{failed}: cgroup v2 is not mounted; {_remedy(limits)}")
        group = mount / own.lstrip("/")
        reasons = []
        for parent in [group] if group == mount else [group, group.parent]:
            reason = _why_not(parent, list(options))
            if reason is None:
                groups = cls(parent, limits)
                groups._remove_stale()
                return groups
            reasons.append(reason)
        raise ControlGroupsUnavailable(f"{failed}: {', and '.join(reasons)}; {_remedy(limits)}")

    def create(self, ordinal: int) -> ControlGroup:
        """Creates the group of a worker, with its limits.

        Raises:
            OSError: the system rejects it.
        """
        group = ControlGroup(self._parent / f"{_PREFIX}{os.getpid()}-{ordinal}")
        group.path.mkdir()
        try:
            if self._limits.memory_mb is not None:
                (group.path / "memory.max").write_text(str(self._limits.memory_mb * _MIB))
                # The worker is useless without the process that the kernel would choose.
                (group.path / "memory.oom.group").write_text("1")
            if self._limits.cpus is not None:
                quota = int(self._limits.cpus * _CPU_PERIOD_US)
                (group.path / "cpu.max").write_text(f"{quota} {_CPU_PERIOD_US}")
        except OSError:
            group.remove()
            raise
        return group

    def ended(self, group: ControlGroup) -> None:
        """Removes the group of an ended worker, now or later."""
        self._ended.append(group)
        self.remove_ended()

    def remove_ended(self) -> bool:
        """Removes the groups of ended workers. Returns whether all are gone."""
        self._ended = [group for group in self._ended if not group.remove()]
        return not self._ended

    def _remove_stale(self) -> None:
        for path in self._parent.glob(f"{_PREFIX}*"):
            pid = path.name.removeprefix(_PREFIX).partition("-")[0]
            if not Path("/proc", pid).exists():
                ControlGroup(path).remove()


def _options_of_controllers(limits: WorkerLimits) -> dict[str, str]:
    """The required controllers, with the option that requires each."""
    options = {}
    if limits.memory_mb is not None:
        options["memory"] = "limits.memoryMb"
    if limits.cpus is not None:
        options["cpu"] = "limits.cpus"
    return options


def _remedy(limits: WorkerLimits) -> str:
    if limits.memory_mb is None:
        return f"{_DELEGATION}, or limit the container instead"
    other = "limits.addressSpaceMb" if limits.cpus is None else "limits.addressSpaceMb for the memory"
    return f"{_DELEGATION}, limit the container instead, or use {other}"


def _why_not(parent: Path, required: list[str]) -> str | None:
    """Returns why this process cannot create groups with these controllers here; ``None`` if it can."""
    try:
        available = (parent / "cgroup.controllers").read_text().split()
        missing = [each for each in required if each not in available]
        if missing:
            return f"{parent} does not have the controllers {', '.join(missing)}"
        control = parent / "cgroup.subtree_control"
        disabled = [each for each in required if each not in control.read_text().split()]
        if disabled:
            control.write_text(" ".join(f"+{each}" for each in disabled))
    except OSError as error:
        # EBUSY: a group with processes cannot have controllers for groups below it.
        return f"{parent} cannot be changed ({error.strerror})"
    return None if os.access(parent, os.W_OK) else f"{parent} cannot be changed (permission denied)"


def _mount() -> Path | None:
    """The directory of cgroup v2. Its fields are described in proc_pid_mountinfo(5)."""
    try:
        lines = Path("/proc/self/mountinfo").read_text().splitlines()
    except OSError:
        return None
    for line in lines:
        mounted, _, source = line.partition(" - ")
        if source.startswith("cgroup2 "):
            return Path(mounted.split()[4])
    return None


def _own_path() -> str | None:
    try:
        entries = Path("/proc/self/cgroup").read_text().splitlines()
    except OSError:
        return None
    return next((entry[len("0::") :] for entry in entries if entry.startswith("0::")), None)
