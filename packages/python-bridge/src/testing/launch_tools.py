"""Tools that report facts about their process, start other processes, and crash in many ways."""

from __future__ import annotations

import ctypes
import os
import platform
import random
import struct
import subprocess
import sys
import time
from collections.abc import Mapping
from pathlib import Path

from snakepit_bridge import tool

print("the module is imported by", os.getpid())

IMPORTED_BY = os.getpid()
ENDLESS = [sys.executable, "-c", "import time; time.sleep(600)"]


@tool
def add(a: int, b: int) -> int:
    """Adds two numbers."""
    return a + b


@tool
def facts() -> Mapping[str, object]:
    """Returns facts about the process."""
    return {
        "pid": os.getpid(),
        "parent": os.getppid(),
        "leads_group": os.getpgid(0) == os.getpid(),
        "imported_by": IMPORTED_BY,
        "cwd": os.getcwd(),  # noqa: PTH109
        "environment": dict(os.environ),
        "stdin": os.read(0, 10),
        "path": sys.path,
        "flags": {"dev_mode": sys.flags.dev_mode},
        "descriptors": descriptors(),
    }


def descriptors() -> dict[str, str]:
    """what is open in addition to the standard streams, by number."""
    found = {}
    for name in os.listdir("/proc/self/fd"):  # noqa: PTH208
        try:
            found[name] = os.readlink(f"/proc/self/fd/{name}")  # noqa: PTH115
        except FileNotFoundError:
            continue
    return {name: link for name, link in found.items() if int(name) > 2}


@tool
def time_slices() -> dict[str, list[int]]:
    """Returns the time slices of the threads of this worker and of the zygote, in nanoseconds (Linux 6.12)."""
    threads = [int(each.name) for each in Path("/proc/self/task").iterdir()]
    return {"worker": [_time_slice(thread) for thread in threads], "zygote": [_time_slice(os.getppid())]}


def _time_slice(thread: int) -> int:
    number = {"x86_64": 315, "aarch64": 275}[platform.machine()]
    attributes = ctypes.create_string_buffer(48)
    # sched_getattr(2).
    ctypes.CDLL(None).syscall(number, thread, attributes, len(attributes), 0)
    return int(struct.unpack("=IIQiIQQQ", attributes.raw)[5])


@tool
def random_number() -> float:
    """A number that no other worker should draw."""
    return random.random()  # noqa: S311


@tool
def say(text: str) -> None:
    """Writes to the file descriptors themselves, as a C library does."""
    os.write(1, f"{text} on 1\n".encode())
    os.write(2, f"{text} on 2\n".encode())


@tool
def sleep(seconds: float) -> None:
    """Sleeps."""
    time.sleep(seconds)


@tool
def die(signal_number: int, message: str) -> None:
    """Sends itself a signal."""
    print(message, file=sys.stderr)
    os.kill(os.getpid(), signal_number)
    time.sleep(600)


@tool
def leave(status: int) -> None:
    """Exits without cleanup."""
    os._exit(status)


@tool
def start_family() -> list[int]:
    """Starts a child in the worker's group and a daemon outside of it."""
    child = subprocess.Popen(ENDLESS)
    daemon = subprocess.Popen(ENDLESS, start_new_session=True)
    return [child.pid, daemon.pid]


@tool
def hold_the_lock(seconds: int) -> None:
    """Sleeps in C code that keeps the interpreter to itself."""
    print("holding")
    ctypes.PyDLL(None).sleep(seconds)


@tool
def ignore_sigterm() -> None:
    """Ignores SIGTERM."""
    import signal

    signal.signal(signal.SIGTERM, signal.SIG_IGN)
