from __future__ import annotations

import os
from pathlib import Path

import pytest

from snakepit_bridge._environment import memory, processors
from snakepit_bridge._environment.control_group_limits import ControlGroupLimits


def write(root: Path, files: dict[str, str]) -> Path:
    for name, text in files.items():
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    return root


def test_the_tightest_limit_of_all_groups_applies(tmp_path: Path) -> None:
    root = write(
        tmp_path,
        {
            "proc/self/cgroup": "0::/app.slice/pool\n",
            "sys/fs/cgroup/app.slice/cpu.max": "150000 100000\n",
            "sys/fs/cgroup/app.slice/memory.max": "max\n",
            "sys/fs/cgroup/app.slice/pool/cpu.max": "max 100000\n",
            "sys/fs/cgroup/app.slice/pool/memory.max": "268435456\n",
        },
    )
    limits = ControlGroupLimits(root)
    assert (limits.processors(), limits.memory_bytes()) == (1.5, 268435456)


def test_limits_of_the_first_version_are_read(tmp_path: Path) -> None:
    root = write(
        tmp_path,
        {
            "proc/self/cgroup": "4:memory:/box\n2:cpu,cpuacct:/box\n",
            "sys/fs/cgroup/cpu/box/cpu.cfs_quota_us": "50000\n",
            "sys/fs/cgroup/cpu/box/cpu.cfs_period_us": "100000\n",
            "sys/fs/cgroup/cpu/cpu.cfs_quota_us": "-1\n",
            "sys/fs/cgroup/cpu/cpu.cfs_period_us": "100000\n",
            "sys/fs/cgroup/memory/box/memory.limit_in_bytes": "1073741824\n",
            "sys/fs/cgroup/memory/memory.limit_in_bytes": "9223372036854771712\n",
        },
    )
    limits = ControlGroupLimits(root)
    assert (limits.processors(), limits.memory_bytes()) == (0.5, 1073741824)
    assert processors(root).usable == 1


def test_the_group_of_a_container_is_the_mounted_one(tmp_path: Path) -> None:
    root = write(tmp_path, {"proc/self/cgroup": "0::/../outside\n", "sys/fs/cgroup/cpu.max": "200000 100000\n"})
    assert ControlGroupLimits(root).processors() == 2.0


@pytest.mark.parametrize("text", ["", "max", "x y", "100000 0", "0::", "a:b"])
def test_files_that_cannot_be_read_are_no_limits(tmp_path: Path, text: str) -> None:
    root = write(
        tmp_path,
        {"proc/self/cgroup": f"{text}\n0::/\n", "sys/fs/cgroup/cpu.max": text, "sys/fs/cgroup/memory.max": "max"},
    )
    limits = ControlGroupLimits(root)
    assert (limits.processors(), limits.memory_bytes()) == (None, None)


def test_processors_of_this_machine() -> None:
    found = processors()
    assert 1 <= found.usable <= found.affinity <= found.logical
    assert found.affinity == len(os.sched_getaffinity(0))


def test_memory_is_limited_by_the_group(tmp_path: Path) -> None:
    root = write(
        tmp_path,
        {
            "proc/meminfo": "MemTotal:       1000 kB\nMemAvailable:    600 kB\nHugePages_Total:       0\n",
            "proc/self/cgroup": "0::/\n",
            "sys/fs/cgroup/memory.max": "512000\n",
        },
    )
    found = memory(root)
    assert (found.total_bytes, found.available_bytes) == (1_024_000, 614_400)
    assert (found.limit_bytes, found.usable_bytes) == (512_000, 512_000)


def test_memory_without_a_proc_directory_is_that_of_the_system(tmp_path: Path) -> None:
    found = memory(tmp_path)
    assert found.available_bytes is None
    assert found.total_bytes == os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    assert found.usable_bytes == found.total_bytes
