"""Tools that use their session, and functions of the host."""

from __future__ import annotations

import gc
import os
import time
from collections.abc import AsyncIterator, Iterator
from typing import Any

import numpy as np
from snakepit_bridge import Adapter, AsyncSessionContext, HostToolError, SessionContext, tool


class SessionTools(Adapter):
    """Remembers which sessions it has heard of."""

    def __init__(self) -> None:
        self.heard: list[str] = []

    def on_session_start(self, session_id: str) -> None:
        """Notes the beginning."""
        self.heard.append(f"start {session_id}")

    def on_session_end(self, session_id: str) -> None:
        """Notes the end."""
        self.heard.append(f"end {session_id}")

    @tool
    def sessions_heard_of(self) -> list[str]:
        """What this worker has heard of sessions."""
        return self.heard

    @tool
    def forget(self) -> int:
        """Forgets what it has heard, and gives this worker's resident memory in bytes."""
        self.heard.clear()
        gc.collect()
        with open("/proc/self/statm") as statm:  # noqa: PTH123
            return int(statm.read().split()[1]) * os.sysconf("SC_PAGE_SIZE")

    @tool
    def pid(self) -> int:
        """The worker's process id."""
        return os.getpid()

    @tool
    def hold(self, seconds: float) -> int:
        """Keeps the worker busy and gives its process id."""
        print("begun")
        time.sleep(seconds)
        return os.getpid()

    @tool
    def add(self, a: float, b: float) -> float:
        """Adds."""
        return a + b

    @tool
    def double(self, array: np.ndarray) -> np.ndarray:
        """Doubles an array."""
        return array * 2

    @tool
    def read(self, name: str, ctx: SessionContext) -> Any:
        """A variable, perhaps from the cache."""
        return ctx.variables[name]

    @tool
    def write(self, name: str, value, ctx: SessionContext) -> Any:
        """Sets a variable and reads it."""
        ctx.variables[name] = value
        return ctx.variables[name]

    @tool
    def increment(self, name: str, times: int, ctx: SessionContext) -> int:
        """Adds one to a variable, atomically, so many times."""
        for _ in range(times):
            ctx.variables.update(name, lambda value: value + 1)
        return ctx.variables.get(name, fresh=True)

    @tool
    def watch_until(self, name: str, last: int, ctx: SessionContext) -> int:
        """Watches a variable until it has a value, and gives the number of changes seen."""
        seen = 0
        for change in ctx.variables.watch(name):
            seen += 1
            if change.value == last:
                return seen
        return -seen

    @tool
    def program(self, program_id: str, ctx: SessionContext) -> Any:
        """A program of the session."""
        return ctx.programs[program_id]

    @tool
    def create_program(self, text: str) -> dict[str, Any]:
        """Makes a program."""
        return {"program_id": f"program-{text}", "template": f"{text}: {{}}"}

    @tool
    def execute_program(self, program_id: str, program_data: dict[str, Any], value: str) -> str:
        """Executes a program."""
        return f"{program_id}: {program_data['template'].format(value)}"

    @tool
    def ask(self, name: str, args: dict[str, Any], ctx: SessionContext) -> Any:
        """Calls a function of the host."""
        return ctx.call(name, **args)

    @tool
    async def ask_async(self, name: str, args: dict[str, Any], ctx: AsyncSessionContext) -> Any:
        """Calls a function of the host."""
        return await ctx.call(name, **args)

    @tool
    def failure_of(self, name: str, args: dict[str, Any], ctx: SessionContext) -> dict[str, Any]:
        """Calls a function of the host and returns how it failed."""
        try:
            ctx.call(name, **args)
        except HostToolError as error:
            about = {"code": error.code, "name": error.name, "message": error.message, "stack": error.stack}
            cause = error.exception.cause.message if error.exception and error.exception.cause else None
            return {**about, "cause": cause, "python": error.python.type if error.python else None}
        raise AssertionError("the call succeeded")

    @tool
    def relay(self, name: str, args: dict[str, Any], ctx: SessionContext) -> Iterator[Any]:
        """Passes on the stream of a function of the host."""
        yield from ctx.stream(name, **args)

    @tool
    async def relay_async(self, name: str, args: dict[str, Any], ctx: AsyncSessionContext) -> AsyncIterator[Any]:
        """Passes on the stream of a function of the host."""
        async for value in ctx.stream(name, **args):
            yield value
