from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from snakepit_bridge._launch.control_groups import ControlGroups, ControlGroupsUnavailable, _mount
from snakepit_bridge._system import WorkerLimits

from .conftest import Launcher, wait_until

MEMORY_AND_CPUS = WorkerLimits(memory_mb=100, cpus=1.5)


def directory(path: Path, controllers: str, enabled: str) -> Path:
    """A directory with the files that the kernel provides. What is written to them can be read."""
    path.mkdir(parents=True, exist_ok=True)
    (path / "cgroup.controllers").write_text(controllers)
    (path / "cgroup.subtree_control").write_text(enabled)
    return path


def test_limits_are_written_to_the_group_of_each_worker(tmp_path: Path) -> None:
    directory(tmp_path / "host", "cpu io memory", "cpu memory")
    groups = ControlGroups.open(MEMORY_AND_CPUS, tmp_path, "/host")
    group = groups.create(7)
    assert group.path == tmp_path / "host" / f"snakepit-{os.getpid()}-7"
    assert (group.path / "memory.max").read_text() == str(100 * 1024 * 1024)
    assert (group.path / "memory.oom.group").read_text() == "1"
    assert (group.path / "cpu.max").read_text() == "150000 100000"
    group.add(4711)
    assert (group.path / "cgroup.procs").read_text() == "4711"


def test_only_the_limits_that_are_set_are_written(tmp_path: Path) -> None:
    directory(tmp_path / "host", "cpu", "cpu")
    group = ControlGroups.open(WorkerLimits(cpus=0.5), tmp_path, "/host").create(1)
    assert [each.name for each in group.path.iterdir()] == ["cpu.max"]


def test_missing_controllers_are_enabled(tmp_path: Path) -> None:
    host = directory(tmp_path / "host", "cpu io memory", "io")
    ControlGroups.open(MEMORY_AND_CPUS, tmp_path, "/host")
    assert (host / "cgroup.subtree_control").read_text() == "+memory +cpu"


def test_the_group_above_is_used_when_the_own_one_has_no_controllers(tmp_path: Path) -> None:
    directory(tmp_path / "service", "cpu memory", "cpu memory")
    directory(tmp_path / "service" / "host", "", "")
    group = ControlGroups.open(MEMORY_AND_CPUS, tmp_path, "/service/host").create(1)
    assert group.path.parent == tmp_path / "service"


def test_the_reason_and_the_remedy_are_reported(tmp_path: Path) -> None:
    directory(tmp_path, "cpu", "cpu")
    with pytest.raises(ControlGroupsUnavailable) as caught:
        ControlGroups.open(MEMORY_AND_CPUS, tmp_path, "/missing")
    assert str(caught.value).startswith(
        "limits.memoryMb and limits.cpus of the workers are not enforced: "
        f"{tmp_path / 'missing'} cannot be changed (No such file or directory), "
        f"and {tmp_path} does not have the controllers memory; start the host in a delegated control group"
    )


@pytest.mark.parametrize(
    ("limits", "last"),
    [
        (WorkerLimits(memory_mb=64), "limit the container instead, or use limits.addressSpaceMb"),
        (MEMORY_AND_CPUS, "limit the container instead, or use limits.addressSpaceMb for the memory"),
        (WorkerLimits(cpus=0.5), "or limit the container instead"),
    ],
    ids=["memory", "memory and processors", "processors"],
)
def test_the_remedy_names_only_what_limits_the_same(tmp_path: Path, limits: WorkerLimits, last: str) -> None:
    with pytest.raises(ControlGroupsUnavailable) as caught:
        ControlGroups.open(limits, tmp_path, "/missing")
    assert str(caught.value).endswith(f"DelegateSubgroup=host), {last}")


@pytest.mark.parametrize(
    ("events", "expected"),
    [
        ("low 0\noom 1\noom_kill 1\noom_group_kill 1\n", True),
        ("oom 3\noom_kill 0\noom_group_kill 0\n", False),
        (None, False),
    ],
)
def test_a_kill_by_the_kernel_is_found_in_the_events_of_the_group(
    tmp_path: Path, events: str | None, expected: bool
) -> None:
    directory(tmp_path, "cpu memory", "cpu memory")
    group = ControlGroups.open(MEMORY_AND_CPUS, tmp_path, "/").create(1)
    if events is not None:
        (group.path / "memory.events").write_text(events)
    assert group.has_oom_kill() is expected


def is_writable(mount: Path | None) -> bool:
    if mount is None or not os.access(mount, os.W_OK):
        return False
    probe = mount / f"snakepit-probe-{os.getpid()}"
    try:
        probe.mkdir()
        probe.rmdir()
    except OSError:
        return False
    return True


@pytest.mark.skipif(not is_writable(_mount()), reason="requires a writable cgroup v2")
def test_a_group_of_the_kernel_is_removed_with_its_processes() -> None:
    mount = _mount()
    assert mount is not None
    # Without limits, no controller is required.
    groups = ControlGroups.open(WorkerLimits(), mount, "/")
    group = groups.create(1)
    with subprocess.Popen([sys.executable, "-c", "import time; time.sleep(600)"]) as process:
        group.add(process.pid)
        assert f"/{group.path.name}" in Path(f"/proc/{process.pid}/cgroup").read_text()
        groups.ended(group)
        assert process.wait() == -signal.SIGKILL
    while not groups.remove_ended():
        pass
    assert not group.path.exists()


@pytest.mark.skipif(not is_writable(_mount()), reason="requires a writable cgroup v2")
def test_groups_of_dead_zygotes_are_removed_and_those_of_others_kept() -> None:
    mount = _mount()
    assert mount is not None
    with subprocess.Popen([sys.executable, "-c", ""]) as process:
        process.wait()
    dead, alive = mount / f"snakepit-{process.pid}-1", mount / f"snakepit-{os.getppid()}-1"
    dead.mkdir()
    alive.mkdir()
    try:
        ControlGroups.open(WorkerLimits(), mount, "/")
        assert (dead.exists(), alive.exists()) == (False, True)
    finally:
        alive.rmdir()


@pytest.mark.skipif(not is_writable(_mount()), reason="requires a writable cgroup v2")
def test_a_zygote_puts_each_worker_into_a_group_and_removes_it(monkeypatch: pytest.MonkeyPatch) -> None:
    mount = _mount()
    assert mount is not None
    monkeypatch.setenv("CONTROL_GROUP_PARENT", str(mount))
    launcher = Launcher()
    try:
        launcher.start("family-1", "sleep-2")
        first, second = launcher.started("family-1"), launcher.started("sleep-2")
        launcher.output("family-1", "\n")
        group, other = mount / f"snakepit-{launcher.pid}-1", mount / f"snakepit-{launcher.pid}-2"
        members = (group / "cgroup.procs").read_text().split()
        assert (str(first) in members, len(members)) == (True, 2)
        # The worker enters its group itself, after it was reported.
        wait_until(lambda: (other / "cgroup.procs").read_text().split() == [str(second)])
        launcher.send({"command": "kill", "worker_id": "family-1", "signal": "SIGKILL"})
        assert launcher.exited("family-1")["out_of_memory"] is False
        wait_until(lambda: not group.exists())
        launcher.send({"command": "stop", "grace_ms": 0})
        assert launcher.wait() == 0
        assert not other.exists()
    finally:
        launcher.close()
        # Only after a failure: those that the zygote could not remove.
        for path in mount.glob(f"snakepit-{launcher.pid}-*"):
            path.rmdir()
