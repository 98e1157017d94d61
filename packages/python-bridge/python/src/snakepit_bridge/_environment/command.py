"""``python -m snakepit_bridge environment``: the report about the environment of this interpreter."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence

import msgspec

from .describe import Environment, describe_environment


def run_command(arguments: Sequence[str]) -> int:
    """Prints the report; returns the exit status, which is 1 if a requirement is not satisfied."""
    parser = argparse.ArgumentParser(
        prog="python -m snakepit_bridge environment",
        description="Describes the interpreter, its requirements, processors, memory and accelerators.",
    )
    parser.add_argument("--json", action="store_true", help="print the report as JSON")
    parser.add_argument("--torch", action="store_true", help="import torch, if installed, and ask it for its devices")
    options = parser.parse_args(arguments)
    found = describe_environment(["torch"] if options.torch else [])
    sys.stdout.write(msgspec.json.encode(found).decode() + "\n" if options.json else _text(found))
    return 0 if all(each.satisfied or each.optional for each in found.requirements) else 1


def _text(found: Environment) -> str:
    python, cpu, memory = found.python, found.processors, found.memory
    build = "free-threaded" if python.free_threaded else "with the global interpreter lock"
    lock = "enabled" if python.gil_enabled else "disabled"
    rows = [
        ("Python", f"{python.version} ({python.implementation}, {build}, lock {lock})"),
        ("executable", python.executable),
        ("profile", f"{found.recommended.profile}: {found.recommended.reason}"),
        ("processors", f"{cpu.usable} usable of {cpu.logical} (affinity {cpu.affinity}, quota {cpu.quota or 'none'})"),
        ("memory", f"{_gigabytes(memory.usable_bytes)} usable, {_gigabytes(memory.available_bytes)} available"),
    ]
    rows += [(each.kind, f"{each.name} ({_gigabytes(each.memory_bytes)})") for each in found.accelerators.devices]
    rows += [("problem", each) for each in found.accelerators.problems]
    for each in found.requirements:
        state = each.installed or "not installed"
        rows.append((each.name, state if each.remedy is None else f"{state}, required {each.required}: {each.remedy}"))
    rows += [(each.library, each.problem or f"{each.devices} devices ({each.kind})") for each in found.libraries]
    width = max(len(name) for name, _ in rows)
    return "".join(f"{name.ljust(width)}  {value}\n" for name, value in rows)


def _gigabytes(size: int | None) -> str:
    return "unknown" if size is None else f"{size / (1 << 30):.1f} GiB"
