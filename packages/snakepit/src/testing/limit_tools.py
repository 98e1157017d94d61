"""Tools that reach the limits of their worker."""

from __future__ import annotations

import ctypes
import os
import resource
import tempfile

from snakepit_bridge import setup, tool

_held: list[object] = []


@setup
def fill() -> None:
    """Uses as much memory as the test requests."""
    _held.append(bytearray(int(os.environ.get("SETUP_MB", "0")) << 20))


@tool
def pid() -> int:
    """Returns the process ID of the worker."""
    return os.getpid()


@tool
def limits() -> dict[str, object]:
    """Returns the limits of this process."""
    return {
        "address_space": resource.getrlimit(resource.RLIMIT_AS)[0],
        "cpu": resource.getrlimit(resource.RLIMIT_CPU)[0],
        "files": resource.getrlimit(resource.RLIMIT_NOFILE)[0],
        "niceness": os.getpriority(os.PRIO_PROCESS, 0),
    }


@tool
def allocate(mb: int) -> int:
    """Allocates one block."""
    return len(bytearray(mb << 20))


@tool
def allocate_small() -> None:
    """Allocates small objects until there is no memory left for anything."""
    objects: list[object] = []
    while True:
        objects.append([len(objects)])


@tool
def receive(data: bytes) -> int:
    """Returns the size of its argument."""
    return len(data)


@tool
def abort_without_memory() -> None:
    """Ends like a C++ library whose allocation failed."""
    os.write(2, b"terminate called after throwing an instance of 'std::bad_alloc'\n  what():  std::bad_alloc\n")
    ctypes.CDLL(None).abort()


@tool
def compute() -> None:
    """Computes forever."""
    while True:
        pass


@tool
def open_files(count: int) -> None:
    """Opens files."""
    _held.append([tempfile.TemporaryFile() for _ in range(count)])  # noqa: SIM115
