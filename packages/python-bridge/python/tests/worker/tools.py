"""Tools for the tests of the worker."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import multiprocessing
import os
import subprocess
import sys
import threading
import time
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from typing import Any, Literal

from snakepit_bridge import Cancelled, current_call, tool

log = logging.getLogger("tests.tools")


@tool
def add(a: float, b: float) -> float:
    """Adds two numbers."""
    return a + b


@tool
async def add_later(a: float, b: float, delay: float = 0) -> float:
    await asyncio.sleep(delay)
    return a + b


@tool
def echo(value: Any) -> Any:
    return value


@tool
def fail(kind: str = "ValueError", message: str = "it broke") -> None:
    raise {"ValueError": ValueError, "MemoryError": MemoryError, "SystemExit": SystemExit}[kind](message)


@tool
def fail_with_cause() -> None:
    try:
        {}["key"]
    except KeyError as error:
        raise RuntimeError("outer") from error


@tool
async def fail_later() -> None:
    await asyncio.sleep(0)
    raise ValueError("later")


@tool
def interrupt_itself() -> None:
    raise KeyboardInterrupt


@tool
def recurse() -> None:
    recurse()


@tool
def unsendable() -> Any:
    return {"model": [1, threading.Lock()]}


@tool
def count(to: int, fail_at: int = -1, mark: str = "") -> Iterator[int]:
    try:
        for number in range(to):
            if number == fail_at:
                raise ValueError(f"at {number}")
            yield number
    finally:
        if mark:
            print(f"closed {mark}")


@tool
async def count_later(to: int, fail_at: int = -1, mark: str = "", delay: float = 0) -> AsyncIterator[int]:
    try:
        for number in range(to):
            if number == fail_at:
                raise ValueError(f"at {number}")
            if delay:
                await asyncio.sleep(delay)
            yield number
    finally:
        if mark:
            print(f"closed {mark}")


@tool
def slow_count(to: int, delay: float) -> Iterator[int]:
    for number in range(to):
        time.sleep(delay)
        yield number


@tool
def unsendable_chunk() -> Iterator[Any]:
    yield 1
    yield [threading.Lock()]


@tool
def large(size: int) -> bytes:
    return b"x" * size


@tool
def wait_in(what: Literal["sleep", "loop", "lock", "read"], swallow: bool = False) -> str:
    """Prints, and then waits forever."""
    try:
        # The cancellation may come right after it.
        print(f"waiting in {what}")
        if what == "sleep":
            time.sleep(1000)
        elif what == "loop":
            while True:
                pass
        elif what == "lock":
            threading.Event().wait()
        else:
            os.read(os.pipe()[0], 1)
    except Cancelled as cancelled:
        print(f"cancelled: {cancelled.reason}")
        if not swallow:
            raise
    return "swallowed"


@tool
def work_in_loop(what: Literal["callbacks", "tasks"]) -> None:
    """Runs forever in a task of its own event loop."""

    def callback() -> None:
        time.sleep(0.01)
        asyncio.get_running_loop().call_soon(callback)

    async def task() -> None:
        while True:
            time.sleep(0.01)
            await asyncio.sleep(0)

    async def main() -> None:
        loop = asyncio.get_running_loop()
        try:
            print(f"working in {what}")
            if what == "callbacks":
                loop.call_soon(callback)
            else:
                background.append(loop.create_task(task()))
            await asyncio.sleep(1000)
        finally:
            print("cleaned up")

    background: list[asyncio.Task[None]] = []
    try:
        asyncio.run(main())
    except Cancelled as cancelled:
        print(f"cancelled: {cancelled.reason}")
        raise


@tool
async def wait_forever(swallow: bool = False) -> str:
    print("waiting in a task")
    try:
        await asyncio.sleep(1000)
    except asyncio.CancelledError:
        print("cancelled: task")
        if not swallow:
            raise
    return "swallowed"


@tool
def ignore_cancellation() -> None:
    has_begun = False
    while True:
        with contextlib.suppress(BaseException):
            if not has_begun:
                has_begun = True
                print("ignoring")
            time.sleep(1000)


@tool
def print_and_wait_for(path: str) -> None:
    """Prints until a file exists; interruptions fall into the printing."""
    print("printing")
    while not Path(path).exists():
        print("x" * 100)


@tool
def speak(out: str = "", err: str = "") -> None:
    sys.stdout.write(out)
    sys.stderr.write(err)


@tool
def write_bytes(data: bytes) -> None:
    sys.stdout.buffer.write(data)


@tool
def log_records() -> None:
    log.debug("not seen")
    log.info("for %s", "you")
    try:
        {}["key"]
    except KeyError:
        log.exception("with a traceback")
    log.warning("too few %s %s", "arguments")  # noqa: PLE1206


@tool
def print_from_threads(threads: int, lines: int) -> None:
    def run(number: int) -> None:
        for line in range(lines):
            print(number, line, "z" * 50)

    running = [threading.Thread(target=run, args=(number,)) for number in range(threads)]
    for each in running:
        each.start()
    for each in running:
        each.join()


@tool
def speak_half_a_character() -> None:
    print("a\ud800b")


@tool
def flood(lines: int, done: str = "") -> None:
    for number in range(lines):
        print(f"line {number} {'x' * 200}")
    if done:
        Path(done).touch()


@tool
def write_to_descriptors() -> None:
    os.write(1, b"\x00\x00\x00\x05HELLO to descriptor 1\n")
    os.write(2, b"to descriptor 2\n")
    subprocess.run(["/bin/echo", "from a program"], check=True)


@tool
def crash() -> None:
    print("last line")
    os._exit(3)


@tool
def context() -> Any:
    call = current_call()
    remaining = call.remaining_seconds
    return [
        call.correlation_id,
        call.session_id,
        call.traceparent,
        dict(call.metadata),
        remaining is not None and 0 < remaining <= 30,
    ]


@tool
def start_child() -> int:
    return subprocess.Popen(["/bin/sleep", "1000"]).pid


@tool
def fork_and_print() -> int:
    def run() -> None:
        print("from the child")

    child = multiprocessing.get_context("fork").Process(target=run)
    child.start()
    child.join()
    return child.exitcode or 0


@tool
def fork_and_return() -> str:
    pid = os.fork()
    if pid:
        os.waitpid(pid, 0)
        return "parent"
    return "child"


ticks = 0


@tool
async def begin_to_tick() -> None:
    async def tick() -> None:
        global ticks
        while True:
            ticks += 1
            await asyncio.sleep(0.001)

    ticking.append(asyncio.create_task(tick()))


ticking: list[asyncio.Task[None]] = []


@tool
def ticks_so_far() -> int:
    return ticks


@tool
def alarm_inside() -> str:
    """Uses a signal handler, as libraries for timeouts do."""
    import signal

    def ring(*_: object) -> None:
        raise TimeoutError("rang")

    signal.signal(signal.SIGALRM, ring)
    try:
        signal.setitimer(signal.ITIMER_REAL, 0.01)
        time.sleep(1000)
    except TimeoutError as error:
        return str(error)
    return "slept"


@tool
def run_a_loop() -> int:
    async def inner() -> int:
        await asyncio.sleep(0)
        return 7

    return asyncio.run(inner())
