"""Tools that cause events."""

from __future__ import annotations

import logging
import os
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from snakepit_bridge import SessionContext, tool

_barriers: dict[int, threading.Barrier] = {}
_lock = threading.Lock()


@tool
def add(a: int, b: int) -> int:
    """Returns the sum."""
    return a + b


@tool
def fail() -> None:
    """Raises an exception."""
    raise ValueError("no result")


@tool
def log(message: str) -> None:
    """Logs a record."""
    logging.getLogger("events").warning(message)


@tool
def count(to: int, fails: bool = False) -> Iterator[int]:
    """Yields numbers, and may fail after them."""
    yield from range(to)
    if fails:
        raise ValueError("no further number")


@tool
def ask(name: str, ctx: SessionContext) -> Any:
    """Calls a host tool."""
    return ctx.call(name)


@tool
def relay(name: str, ctx: SessionContext) -> Iterator[Any]:
    """Passes on the chunks of a host tool."""
    yield from ctx.stream(name)


@tool
def change_state(ctx: SessionContext) -> None:
    """Creates, changes and deletes a variable and a program."""
    ctx.variables.register("number", "integer", 1)
    ctx.variables["number"] = 2
    del ctx.variables["number"]
    ctx.programs["recipe"] = {"steps": 1}
    del ctx.programs["recipe"]


@tool
def crash_until(journal: str, executions: int) -> int:
    """Kills its worker until it has been executed a number of times."""
    with Path(journal).open("a") as lines:
        lines.write("executed\n")
    done = len(Path(journal).read_text().splitlines())
    if done < executions:
        os.kill(os.getpid(), 9)
    return done


@tool
def check() -> None:
    """Fails while a file exists."""
    if Path(os.environ["UNHEALTHY"]).exists():
        raise RuntimeError("unhealthy")


@tool
def meet(count: int) -> None:
    """Returns when this many calls are running at the same time."""
    with _lock:
        barrier = _barriers.setdefault(count, threading.Barrier(count))
    barrier.wait()


@tool
def continue_regardless(name: str, ctx: SessionContext) -> None:
    """Calls a host tool, and then runs forever, whatever is raised in it."""
    ctx.call(name)
    while True:
        try:
            while True:
                pass
        except BaseException:  # noqa: S112
            continue
