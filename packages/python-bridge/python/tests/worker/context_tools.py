"""Tools that set context variables, and tools that look at them."""

from __future__ import annotations

import asyncio
import contextvars
import decimal
from collections.abc import AsyncIterator, Iterator

from snakepit_bridge import setup, tool

AT_IMPORT: contextvars.ContextVar[str] = contextvars.ContextVar("at_import", default="default")
IN_SETUP: contextvars.ContextVar[str] = contextvars.ContextVar("in_setup", default="default")
IN_CALL: contextvars.ContextVar[str] = contextvars.ContextVar("in_call", default="default")

AT_IMPORT.set("import")
decimal.getcontext().prec = 20


@setup
async def prepare() -> None:
    await asyncio.sleep(0)
    IN_SETUP.set("setup")


@tool
def set_all(value: str) -> None:
    _set_all(value)


@tool
async def set_all_later(value: str) -> None:
    await asyncio.sleep(0)
    _set_all(value)


@tool
def set_all_in_steps(value: str) -> Iterator[list[str]]:
    _set_all(value)
    try:
        yield look_at_all()
        yield look_at_all()
    finally:
        IN_CALL.set(value)


@tool
async def set_all_in_later_steps(value: str) -> AsyncIterator[list[str]]:
    _set_all(value)
    try:
        yield look_at_all()
        await asyncio.sleep(0)
        yield look_at_all()
    finally:
        IN_CALL.set(value)


@tool
def look() -> list[str]:
    return look_at_all()


@tool
async def look_later() -> list[str]:
    await asyncio.sleep(0)
    return look_at_all()


def look_at_all() -> list[str]:
    return [AT_IMPORT.get(), IN_SETUP.get(), IN_CALL.get(), str(decimal.getcontext().prec)]


def _set_all(value: str) -> None:
    for variable in (AT_IMPORT, IN_SETUP, IN_CALL):
        variable.set(value)
    decimal.getcontext().prec = 5
