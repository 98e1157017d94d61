"""Tools that use their session and host tools."""

from __future__ import annotations

import asyncio
import gc
import os
import time
from collections.abc import AsyncIterator, Iterator
from typing import Any

import numpy as np
from snakepit_bridge import Adapter, AsyncSessionContext, HostToolError, SessionContext, tool


class SessionTools(Adapter):
    """Records the starts and ends of sessions."""

    def __init__(self) -> None:
        self.events: list[str] = []

    def on_session_start(self, session_id: str) -> None:
        """Records the start."""
        self.events.append(f"start {session_id}")

    def on_session_end(self, session_id: str) -> None:
        """Records the end."""
        self.events.append(f"end {session_id}")

    @tool
    def session_events(self) -> list[str]:
        """Returns the recorded starts and ends."""
        return self.events

    @tool
    def forget(self) -> int:
        """Clears the record and returns this worker's resident memory in bytes."""
        self.events.clear()
        gc.collect()
        with open("/proc/self/statm") as statm:  # noqa: PTH123
            return int(statm.read().split()[1]) * os.sysconf("SC_PAGE_SIZE")

    @tool
    def pid(self) -> int:
        """Returns the process ID of the worker."""
        return os.getpid()

    @tool
    def hold(self, seconds: float) -> int:
        """Keeps the worker busy, then returns its process ID."""
        print("started")
        time.sleep(seconds)
        return os.getpid()

    @tool
    def add(self, a: float, b: float) -> float:
        """Returns the sum."""
        return a + b

    @tool
    def double(self, array: np.ndarray) -> np.ndarray:
        """Returns the array times two."""
        return array * 2

    @tool
    def read(self, name: str, ctx: SessionContext) -> Any:
        """Returns a variable, possibly from the cache."""
        return ctx.variables[name]

    @tool
    def write(self, name: str, value, ctx: SessionContext) -> Any:
        """Sets a variable and reads it."""
        ctx.variables[name] = value
        return ctx.variables[name]

    @tool
    def increment(self, name: str, times: int, ctx: SessionContext) -> int:
        """Increments a variable atomically, a number of times."""
        for _ in range(times):
            ctx.variables.update(name, lambda value: value + 1)
        return ctx.variables.get(name, fresh=True)

    @tool
    async def increment_later(self, name: str, times: int, ctx: AsyncSessionContext) -> int:
        """Increments a variable atomically with an ``async`` function, a number of times."""

        async def add(value: int) -> int:
            await asyncio.sleep(0)
            return value + 1

        for _ in range(times):
            await ctx.variables.update(name, add)
        return int(await ctx.variables.get(name, fresh=True))

    @tool
    def watch_until(self, name: str, last: int, ctx: SessionContext) -> int:
        """Watches a variable until it has a value; returns the number of received changes."""
        seen = 0
        for change in ctx.variables.watch(name):
            seen += 1
            if change.value == last:
                return seen
        return -seen

    @tool
    def program(self, program_id: str, ctx: SessionContext) -> Any:
        """Returns a program of the session."""
        return ctx.programs[program_id]

    @tool
    def refine(self, program_id: str, times: int, ctx: SessionContext) -> int:
        """Increments ``n`` of a program a number of times; returns the most attempts of an update."""
        counts = []
        for _ in range(times):
            attempts: list[int] = []

            def add(document: dict[str, int], attempts: list[int] = attempts) -> dict[str, int]:
                attempts.append(document["n"])
                return {"n": document["n"] + 1}

            ctx.programs.update(program_id, add)
            counts.append(len(attempts))
        return max(counts)

    @tool
    async def refine_later(self, program_id: str, times: int, ctx: AsyncSessionContext) -> int:
        """Does the same with an ``async`` function."""
        counts = []
        for _ in range(times):
            attempts: list[int] = []

            async def add(document: dict[str, int], attempts: list[int] = attempts) -> dict[str, int]:
                attempts.append(document["n"])
                await asyncio.sleep(0)
                return {"n": document["n"] + 1}

            await ctx.programs.update(program_id, add)
            counts.append(len(attempts))
        return max(counts)

    @tool
    def create_program(self, label: str) -> dict[str, Any]:
        """Creates a program."""
        return {"program_id": f"program-{label}", "template": f"{label}: {{}}"}

    @tool
    def execute_program(self, program_id: str, program_data: dict[str, Any], value: str) -> str:
        """Executes a program."""
        return f"{program_id}: {program_data['template'].format(value)}"

    @tool
    def ask(self, name: str, args: dict[str, Any], ctx: SessionContext) -> Any:
        """Calls a host tool."""
        return ctx.call(name, **args)

    @tool
    async def ask_async(self, name: str, args: dict[str, Any], ctx: AsyncSessionContext) -> Any:
        """Calls a host tool."""
        return await ctx.call(name, **args)

    @tool
    def failure_of(self, name: str, args: dict[str, Any], ctx: SessionContext) -> dict[str, Any]:
        """Calls a host tool and returns its error."""
        try:
            ctx.call(name, **args)
        except HostToolError as error:
            about = {"code": error.code, "name": error.name, "message": error.message, "stack": error.stack}
            cause = error.exception.cause.message if error.exception and error.exception.cause else None
            return {**about, "cause": cause, "python": error.python.type if error.python else None}
        raise AssertionError("the call succeeded")

    @tool
    def relay(self, name: str, args: dict[str, Any], ctx: SessionContext) -> Iterator[Any]:
        """Passes on the stream of a host tool."""
        yield from ctx.stream(name, **args)

    @tool
    async def relay_async(self, name: str, args: dict[str, Any], ctx: AsyncSessionContext) -> AsyncIterator[Any]:
        """Passes on the stream of a host tool."""
        async for value in ctx.stream(name, **args):
            yield value
