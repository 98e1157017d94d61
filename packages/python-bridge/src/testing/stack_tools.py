"""Tools that wait for a byte in a named pipe, in several ways."""

from __future__ import annotations

import asyncio
import ctypes
import os
import threading

from snakepit_bridge import tool


@tool
def answer() -> int:
    """Returns at once."""
    return 42


@tool
def wait_in_python(path: str) -> str:
    """Waits without the interpreter lock."""
    return read_byte(path)


def read_byte(path: str) -> str:
    with open(path) as pipe:  # noqa: PTH123
        return pipe.read(1)


@tool
def wait_with_lock(path: str) -> str:
    """Waits in C code that keeps the interpreter lock: a PyDLL keeps it, unlike a CDLL."""
    descriptor = os.open(path, os.O_RDONLY)
    buffer = ctypes.create_string_buffer(1)
    ctypes.PyDLL(None).read(descriptor, buffer, 1)
    os.close(descriptor)
    return buffer.raw.decode()


@tool
def wait_in_thread(path: str) -> str:
    """Waits for another thread."""
    read: list[str] = []
    reader = threading.Thread(target=lambda: read.append(read_byte(path)), name="pipe-reader")
    reader.start()
    reader.join()
    return read[0]


@tool
async def wait_in_task(path: str) -> str:
    """Waits for a task that waits for a thread."""
    return await asyncio.create_task(read_later(path), name="read later")


async def read_later(path: str) -> str:
    waits = threading.Event()
    # Runs once the task waits; before that, the frames of what it awaits cannot be read.
    asyncio.get_running_loop().call_soon(waits.set)
    return await asyncio.to_thread(read_byte_after, waits, path)


def read_byte_after(waits: threading.Event, path: str) -> str:
    waits.wait()
    return read_byte(path)
