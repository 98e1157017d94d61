"""Tools of the chaos battery: they answer, wait, yield, or damage their own process."""

from __future__ import annotations

import os
import resource
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

from snakepit_bridge import SessionContext, setup, tool


@setup
def set_up() -> None:
    """Takes as long as the scenario requests, and fails while a file exists."""
    time.sleep(float(os.environ.get("CHAOS_SETUP_SECONDS", "0")))
    fault = os.environ.get("CHAOS_FAULT")
    if fault is not None and Path(fault).exists():
        raise RuntimeError("the fault of the scenario")


@tool
def answer(value: int) -> list[int]:
    """Returns its argument and the process ID of the worker."""
    return [value, os.getpid()]


@tool
def sleep(seconds: float) -> str:
    """Sleeps."""
    time.sleep(seconds)
    return "slept"


@tool
def count(to: int) -> Iterator[int]:
    """Yields 0, 1, … as fast as the host accepts them."""
    yield from range(to)


@tool
def blocks(number: int, size: int) -> Iterator[bytes]:
    """Yields blocks of bytes whose first four bytes are their position."""
    for position in range(number):
        yield position.to_bytes(4, "big") + bytes(size - 4)


@tool
def visit(ctx: SessionContext) -> int:
    """Counts the calls of a session in a variable."""
    return ctx.variables.update("visits", lambda visits: visits + 1)


@tool
def close_descriptors() -> None:
    """Closes every file descriptor of the process."""
    os.closerange(0, 4_096)


@tool
def close_standard_streams() -> str:
    """Closes stdin, stdout and stderr."""
    os.closerange(0, 3)
    return "closed"


@tool
def change_directory() -> str:
    """Changes to a directory that is then removed."""
    directory = Path(os.environ["TMPDIR"]) / f"removed-{os.getpid()}"
    directory.mkdir()
    os.chdir(directory)
    directory.rmdir()
    return "changed"


@tool
def clear_environment() -> str:
    """Removes every environment variable."""
    os.environ.clear()
    return "cleared"


@tool
def replace_signal_handlers() -> str:
    """Ignores every signal that can be ignored."""
    for number in signal.valid_signals():
        with suppress(OSError, ValueError):
            signal.signal(number, signal.SIG_IGN)
    return "replaced"


@tool
def exhaust_memory() -> None:
    """Allocates until the limit of the address space."""
    blocks: list[bytearray] = []
    while True:
        blocks.append(bytearray(16 << 20))


@tool
def exhaust_descriptors() -> int:
    """Opens files until the limit, and keeps them open."""
    opened = 0
    with suppress(OSError):
        while True:
            os.dup(0)
            opened += 1
    return opened


@tool
def leave_children() -> str:
    """Starts a child process, one in a new process session, and a fork that continues."""
    sleeper = [sys.executable, "-c", "import time; time.sleep(600)"]
    subprocess.Popen(sleeper)  # noqa: S603
    subprocess.Popen(sleeper, start_new_session=True)  # noqa: S603
    if os.fork() == 0:
        # Not the code of the worker: the copy of its threads and locks is unusable.
        time.sleep(600)
        os._exit(0)
    return "started"


@tool
def leave_thread() -> str:
    """Starts a thread that does not end."""
    threading.Thread(target=time.sleep, args=(600,)).start()
    return "started"


@tool
def forbid_files() -> str:
    """Forbids the process to grow any file."""
    resource.setrlimit(resource.RLIMIT_FSIZE, (0, 0))
    return "forbidden"


@tool
def exit_process() -> None:
    """Ends the process without output."""
    os._exit(3)


@tool
def exit_interpreter() -> None:
    """Ends the interpreter by an exception that is not caught by ``except Exception``."""
    sys.exit(4)


@tool
def abort_process() -> None:
    """Ends the process with SIGABRT."""
    os.abort()
