"""A module whose workers run clean-up code when their interpreter shuts down."""

from __future__ import annotations

import atexit
import os
import tempfile
import threading
import weakref
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from snakepit_bridge import setup, teardown, tool

DIRECTORY = Path(os.environ["SHUTDOWN_DIRECTORY"])


def note(what: str, *, file: str = str(DIRECTORY / "notes"), system: Any = os) -> None:
    """Appends a line to a file. Uses no globals, which are gone when the interpreter shuts down."""
    descriptor = system.open(file, system.O_WRONLY | system.O_APPEND | system.O_CREAT)
    system.write(descriptor, f"{what} {system.getpid()}\n".encode())
    system.close(descriptor)


class Thing:
    """An object with a finalizer."""

    def __del__(self, note: Callable[[str], None] = note) -> None:
        note("__del__")


atexit.register(note, "atexit of the import")
shared_directory = tempfile.TemporaryDirectory(dir=DIRECTORY, prefix="shared-")
shared_file = tempfile.NamedTemporaryFile(dir=DIRECTORY, prefix="shared-")  # noqa: SIM115
log = (DIRECTORY / "log").open("a")
log.write("imported\n")
kept: dict[str, Any] = {}


@setup
def begin() -> None:
    note("setup")


@teardown
async def end() -> None:
    note("teardown")


def _generate(note: Callable[[str], None] = note) -> Iterator[int]:
    try:
        yield 1
    finally:
        note("finally of a generator")


def _work_until_main_thread_ends() -> None:
    threading.main_thread().join()
    note("thread")


@tool
def use_plainly() -> None:
    """Keeps objects open that are finalized with their module, unless a library refers to them."""
    kept["thing"] = Thing()
    kept["generator"] = _generate()
    next(kept["generator"])


@tool
def use() -> str:
    """Keeps a resource of each kind open."""
    atexit.register(note, "atexit of the call")
    kept["file"] = (DIRECTORY / f"buffered-{os.getpid()}").open("w")
    kept["file"].write("buffered")
    kept["directory"] = tempfile.TemporaryDirectory(dir=DIRECTORY, prefix="own-")
    kept["set"] = {1}
    weakref.finalize(kept["set"], note, "finalize")
    log.write(f"used {os.getpid()}\n")
    threading.Thread(target=_work_until_main_thread_ends).start()
    return kept["directory"].name


@tool
def shared() -> list[bool]:
    """Returns whether the files of the import exist."""
    return [Path(shared_directory.name).exists(), Path(shared_file.name).exists()]


@tool
def hang_at_exit() -> None:
    atexit.register(threading.Event().wait)
