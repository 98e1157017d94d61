"""Tools that use their session, for the tests of the worker."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import AsyncIterator, Iterator
from contextvars import copy_context
from typing import Any

from snakepit_bridge import (
    Adapter,
    AsyncSessionContext,
    HostError,
    HostToolError,
    SessionContext,
    current_async_session,
    current_session,
    tool,
)
from snakepit_bridge._session.variables import variable_reads

# The tests count requests. On a machine under load, more than a second may pass between two calls.
variable_reads._CACHE_SECONDS = 3600.0  # type: ignore[misc]


def described(error: HostError) -> list[Any]:
    return [type(error).__name__, error.code, str(error), dict(error.details)]


class Sessions(Adapter):
    def __init__(self) -> None:
        self.met: list[str] = []
        self.kept: list[SessionContext] = []

    async def on_session_start(self, session_id: str) -> None:
        t = await current_async_session().variables.get("t", None)
        self.met.append(f"+{session_id} {t}")

    def on_session_end(self, session_id: str) -> None:
        self.met.append(f"-{session_id}")

    @tool
    def sessions(self) -> list[str]:
        return self.met

    @tool
    def read(self, names: list[str], ctx: SessionContext) -> list[Any]:
        return [ctx.variables[name] for name in names]

    @tool
    async def read_later(self, names: list[str], ctx: AsyncSessionContext) -> list[Any]:
        return [await ctx.variables.get(name) for name in names]

    @tool
    def keep(self, ctx: SessionContext) -> None:
        self.kept.append(ctx)

    @tool
    def read_with_kept(self, name: str) -> Any:
        try:
            return self.kept[0].variables[name]
        except HostError as error:
            return described(error)

    @tool
    def stream_with_kept(self) -> Any:
        try:
            return list(self.kept[0].stream("count"))
        except HostError as error:
            return described(error)

    @tool
    def write(self, name: str, value: Any) -> Any:
        return current_session().variables.set(name, value)

    @tool
    async def write_later(self, name: str, value: Any) -> Any:
        return await current_async_session().variables.set(name, value)

    @tool
    def read_in_thread(self, name: str) -> Any:
        found: list[Any] = []
        context = copy_context()
        read = threading.Thread(target=context.run, args=(lambda: found.append(current_session().variables[name]),))
        read.start()
        read.join()
        return found[0]

    @tool
    async def read_concurrently(self, name: str) -> Any:
        return await asyncio.to_thread(lambda: current_session().variables[name])

    @tool
    def about(self, ctx: SessionContext) -> Any:
        return [ctx.session_id, ctx.correlation_id, (ctx.remaining_seconds or 0) > 1, dict(ctx.metadata)]

    @tool
    def scale(self, values: Any, factor: float, ctx: SessionContext) -> Any:
        return ctx.tools.scale(values, factor=factor)

    @tool
    async def scale_later(self, values: Any, factor: float, ctx: AsyncSessionContext) -> Any:
        return await ctx.tools.scale(values, factor=factor)

    @tool
    def fail(self, ctx: SessionContext) -> Any:
        return ctx.tools.fail()

    @tool
    async def fail_later(self, ctx: AsyncSessionContext) -> Any:
        return await ctx.tools.fail()

    @tool
    def describe_failure(self, ctx: SessionContext) -> Any:
        try:
            return ctx.call("fail")
        except HostToolError as error:
            return described(error)

    @tool
    def add_up(self, ctx: SessionContext, until: int | None = None) -> Any:
        total = 0
        for number in ctx.tools.count():
            total += number
            if number == until:
                break
        return total

    @tool
    async def add_up_later(self, ctx: AsyncSessionContext, until: int | None = None) -> Any:
        total = 0
        async for number in ctx.tools.count():
            total += number
            if number == until:
                break
        return total

    @tool
    def follow(self, ctx: SessionContext) -> Iterator[Any]:
        for change in ctx.variables.watch("t"):
            yield [change.value, ctx.variables["t"]]

    @tool
    async def follow_later(self, ctx: AsyncSessionContext) -> AsyncIterator[Any]:
        async for change in ctx.variables.watch("t"):
            yield [change.value, await ctx.variables.get("t")]

    @tool
    def wait_forever(self, ctx: SessionContext) -> None:
        ctx.call("never")

    @tool
    async def wait_forever_later(self, ctx: AsyncSessionContext) -> None:
        await ctx.call("never")
