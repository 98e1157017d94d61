"""The accelerators of the machine, found without a library that would initialize them."""

from __future__ import annotations

import contextlib
import os
import platform
import re
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Literal

import msgspec

_QUERY = ["--query-gpu=index,name,memory.total,driver_version", "--format=csv,noheader,nounits"]
_GFX_FIRST_LINE = "gfx_target_version"


class Accelerator(msgspec.Struct, frozen=True, rename="camel"):
    """A device for computations in addition to the processors."""

    kind: Literal["cuda", "rocm", "mps"]
    index: int
    name: str
    memory_bytes: int | None
    """Its memory; ``None`` if it is unknown, or if the device uses that of the machine."""
    driver: str | None
    """The version of its driver."""
    found_by: Literal["nvidia-smi", "driver files", "platform"]


class Accelerators(msgspec.Struct, frozen=True, rename="camel"):
    """The devices, and what prevented that all were found."""

    devices: list[Accelerator]
    visible: dict[str, str]
    """Environment variables that hide devices from libraries, such as ``CUDA_VISIBLE_DEVICES``."""
    problems: list[str]


def find_accelerators(
    root: Path = Path("/"), environ: Mapping[str, str] | None = None, timeout: float = 5.0
) -> Accelerators:
    """Finds NVIDIA (CUDA), AMD (ROCm) and Apple (MPS) devices. Never raises, and imports no library.

    Args:
        root: the directory with ``proc`` and ``sys``.
        environ: the environment, by default that of this process.
        timeout: seconds after which ``nvidia-smi`` is killed. A broken driver can block it forever.
    """
    env = os.environ if environ is None else environ
    problems: list[str] = []
    devices = [*_nvidia(root, env, timeout, problems), *_amd(root), *_apple()]
    names = ("CUDA_VISIBLE_DEVICES", "HIP_VISIBLE_DEVICES", "ROCR_VISIBLE_DEVICES")
    return Accelerators(devices, {name: env[name] for name in names if name in env}, problems)


def _nvidia(root: Path, env: Mapping[str, str], timeout: float, problems: list[str]) -> list[Accelerator]:
    output = _output(["nvidia-smi", *_QUERY], env, timeout, problems)
    devices = []
    for line in output.splitlines():
        cells = [each.strip() for each in line.split(",")]
        if len(cells) >= 4 and cells[0].isdecimal():
            memory = int(cells[-2]) * (1 << 20) if cells[-2].isdecimal() else None
            name = ", ".join(cells[1:-2])
            devices.append(Accelerator("cuda", int(cells[0]), name, memory, cells[-1], "nvidia-smi"))
    return devices or _nvidia_driver(root)


def _nvidia_driver(root: Path) -> list[Accelerator]:
    version = re.search(r"Kernel Module[^\n]*?\s(\d+(?:\.\d+)+)", _content(root / "proc/driver/nvidia/version"))
    devices = []
    for index, file in enumerate(sorted((root / "proc/driver/nvidia/gpus").glob("*/information"))):
        model = re.search(r"^Model:\s*(.+)$", _content(file), re.MULTILINE)
        name = model[1].strip() if model else "NVIDIA device"
        devices.append(Accelerator("cuda", index, name, None, version[1] if version else None, "driver files"))
    return devices


def _amd(root: Path) -> list[Accelerator]:
    driver = _content(root / "sys/module/amdgpu/version").strip() or None
    devices: list[Accelerator] = []
    for node in sorted(
        (root / "sys/class/kfd/kfd/topology/nodes").glob("*"), key=lambda each: (len(each.name), each.name)
    ):
        facts = dict(re.findall(r"^(\w+) (\d+)$", _content(node / "properties"), re.MULTILINE))
        # The processors of the machine are nodes too, without such units.
        if int(facts.get("simd_count", "0")) == 0:
            continue
        name = _content(node / "name").strip() or f"AMD device ({_GFX_FIRST_LINE} {facts.get(_GFX_FIRST_LINE, '?')})"
        banks = [_content(each) for each in node.glob("mem_banks/*/properties")]
        sizes = [int(each) for bank in banks for each in re.findall(r"^size_in_bytes (\d+)$", bank, re.MULTILINE)]
        devices.append(Accelerator("rocm", len(devices), name, sum(sizes) or None, driver, "driver files"))
    return devices


def _apple() -> list[Accelerator]:
    if sys.platform != "darwin" or platform.machine() != "arm64":
        return []
    return [Accelerator("mps", 0, "Apple GPU", None, None, "platform")]


def _output(command: list[str], env: Mapping[str, str], timeout: float, problems: list[str]) -> str:
    try:
        process = subprocess.Popen(  # noqa: S603 (a fixed command)
            command,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            text=True,
            env=dict(env),
        )
    except FileNotFoundError:
        return ""
    except OSError as error:
        problems.append(f"{command[0]} could not be started: {error}")
        return ""
    try:
        output, _ = process.communicate(timeout=timeout)
    except subprocess.TimeoutExpired:
        process.kill()
        problems.append(f"{command[0]} did not end within {timeout:g} s; the driver may not respond")
        # A process that waits for a driver ends only when the driver responds.
        with contextlib.suppress(subprocess.TimeoutExpired):
            process.communicate(timeout=1.0)
        return ""
    if process.returncode != 0:
        problems.append(f"{command[0]} failed with exit status {process.returncode}; run it to see the cause")
        return ""
    return output


def _content(file: Path) -> str:
    try:
        return file.read_text(encoding="utf-8", errors="replace")
    except OSError:
        return ""
