from __future__ import annotations

import os
from pathlib import Path

from launch.conftest import is_alive, wait_until

from snakepit_bridge._environment import Accelerator, find_accelerators

GIB = 1 << 30


def program(directory: Path, script: str) -> dict[str, str]:
    """Writes a program with the name of the one of NVIDIA's driver, and returns an environment that finds it."""
    path = directory / "nvidia-smi"
    path.write_text(f"#!/bin/sh\n{script}\n")
    path.chmod(0o755)
    return {"PATH": f"{directory}:{os.environ['PATH']}"}


def write(path: Path, text: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)


def test_devices_of_nvidia_are_those_that_the_driver_lists(tmp_path: Path) -> None:
    env = program(tmp_path, "printf '0, NVIDIA A100, 40960, 550.54.14\\n1, NVIDIA B, C, [N/A], 550.54.14\\n'")
    found = find_accelerators(tmp_path, {**env, "CUDA_VISIBLE_DEVICES": "1"}, timeout=120.0)
    assert found.devices == [
        Accelerator("cuda", 0, "NVIDIA A100", 40 * GIB, "550.54.14", "nvidia-smi"),
        Accelerator("cuda", 1, "NVIDIA B, C", None, "550.54.14", "nvidia-smi"),
    ]
    assert (found.visible, found.problems) == ({"CUDA_VISIBLE_DEVICES": "1"}, [])


def test_without_the_program_the_files_of_the_driver_are_read(tmp_path: Path) -> None:
    driver = tmp_path / "proc/driver/nvidia"
    write(
        driver / "version", "NVRM version: NVIDIA UNIX x86_64 Kernel Module  550.54.14  Thu Feb 22\nGCC version: 12\n"
    )
    write(driver / "gpus/0000:01:00.0/information", "Model: \t\t NVIDIA L4\nIRQ:   34\n")
    found = find_accelerators(tmp_path, {"PATH": str(tmp_path)})
    assert found.devices == [Accelerator("cuda", 0, "NVIDIA L4", None, "550.54.14", "driver files")]
    assert found.problems == []


def test_a_program_that_fails_is_a_problem(tmp_path: Path) -> None:
    found = find_accelerators(tmp_path, program(tmp_path, "exit 9"), timeout=120.0)
    assert found.devices == []
    assert found.problems == ["nvidia-smi failed with exit status 9; run it to see the cause"]


def test_a_program_that_does_not_end_is_killed(tmp_path: Path) -> None:
    started = tmp_path / "pid"
    env = program(tmp_path, f"echo $$ > {started}\nexec sleep 600")
    found = find_accelerators(tmp_path, env, timeout=1.0)
    assert found.problems == ["nvidia-smi did not end within 1 s; the driver may not respond"]
    # On a machine under load it may be killed before it has written its ID.
    if started.exists() and (pid := started.read_text()):
        wait_until(lambda: not is_alive(int(pid)))


def test_a_program_that_cannot_be_executed_is_a_problem(tmp_path: Path) -> None:
    env = program(tmp_path, "")
    (tmp_path / "nvidia-smi").write_bytes(b"\x7fELF broken")
    found = find_accelerators(tmp_path, env)
    assert found.problems[0].startswith("nvidia-smi could not be started: ")


def test_devices_of_amd_are_the_nodes_with_compute_units(tmp_path: Path) -> None:
    nodes = tmp_path / "sys/class/kfd/kfd/topology/nodes"
    write(nodes / "0/properties", "cpu_cores_count 16\nsimd_count 0\n")
    write(nodes / "1/properties", "cpu_cores_count 0\nsimd_count 440\ngfx_target_version 90402\n")
    write(nodes / "1/mem_banks/0/properties", f"heap_type 1\nsize_in_bytes {128 * GIB}\n")
    write(nodes / "10/properties", "simd_count 8\ngfx_target_version 110000\n")
    write(nodes / "10/name", "gfx1100\n")
    write(tmp_path / "sys/module/amdgpu/version", "6.7.0\n")
    found = find_accelerators(tmp_path, {"PATH": str(tmp_path)})
    assert found.devices == [
        Accelerator("rocm", 0, "AMD device (gfx_target_version 90402)", 128 * GIB, "6.7.0", "driver files"),
        Accelerator("rocm", 1, "gfx1100", None, "6.7.0", "driver files"),
    ]
