"""Tools that raise exceptions which are hard to describe."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterator
from typing import Any, NoReturn

from snakepit_bridge import Adapter, Cancelled, HostError, HostException, HostToolError, tool
from snakepit_bridge.testing import ToolArgumentError


class LiarError(Exception):
    """Reports another class as its own."""

    @property  # type: ignore[misc]
    def __class__(self) -> type:
        return HostError


class UnreadableError(Exception):
    """No attribute of it can be read."""

    def __getattribute__(self, name: str) -> NoReturn:
        raise OSError("unreadable")


class EmptyError(Exception):
    """Has every attribute, with the value ``None``."""

    def __getattr__(self, name: str) -> None:
        return None


class SilentError(Exception):
    """Cannot be converted to a string."""

    def __str__(self) -> str:
        raise SystemExit("no text")

    __repr__ = __str__


class NumberError(Exception):
    def __str__(self) -> str:
        return 3  # type: ignore[return-value]  # noqa: PLE0307


class EndlessError(Exception):
    def __str__(self) -> str:
        return f"again {self}"


class PropertyError(Exception):
    """Hides what the interpreter keeps of an exception."""

    __traceback__ = __cause__ = __context__ = __suppress_context__ = "none of these"  # type: ignore[assignment]

    def __bool__(self) -> bool:
        raise ValueError("neither true nor false")


class HomelessError(Exception):
    __module__ = None  # type: ignore[assignment]


class Text(str):
    """A string with overridden methods."""

    __slots__ = ()

    def encode(self, *_arguments: Any) -> NoReturn:  # type: ignore[override]
        raise TypeError("not to be encoded")


class TextError(Exception):
    def __str__(self) -> str:
        return Text("x")


def with_notes(notes: Any) -> BaseException:
    error = ValueError("x")
    error.__notes__ = notes  # type: ignore[attr-defined]
    return error


def in_a_cycle() -> BaseException:
    first, second = ValueError("first"), KeyError("second")
    first.__cause__, second.__cause__ = second, first
    return first


def odd_argument_error() -> BaseException:
    error = ToolArgumentError.__new__(ToolArgumentError)
    error.args = (SilentError(),)
    return error


def odd_host_error() -> BaseException:
    error = HostError("INTERNAL", "x")
    error.details = {SilentError(): object()}  # type: ignore[dict-item]
    return error


def odd_host_exception() -> BaseException:
    exception = HostException(name=SilentError(), message="\ud800", stack=3)  # type: ignore[arg-type]
    return HostToolError("HOST_TOOL_EXCEPTION", "x", python=object(), exception=exception)  # type: ignore[arg-type]


class UnreadableHostError(HostToolError):
    """A host error of which no attribute can be read."""

    def __getattribute__(self, name: str) -> NoReturn:
        raise OSError("unreadable")


def deep_group() -> BaseException:
    from builtins import BaseExceptionGroup  # type: ignore[attr-defined,unused-ignore]

    error: BaseException = KeyboardInterrupt("innermost")
    for _ in range(2000):
        error = BaseExceptionGroup("group", [error])
    return error


MAKERS: dict[str, Any] = {
    "notes-none": lambda: with_notes(None),
    "notes-number": lambda: with_notes(3),
    "notes-odd": lambda: with_notes([SilentError(), "\ud800", 3]),
    "liar": LiarError,
    "unreadable": UnreadableError,
    "empty": EmptyError,
    "silent": SilentError,
    "number": NumberError,
    "endless": EndlessError,
    "property": PropertyError,
    "homeless": HomelessError,
    "string": TextError,
    "surrogate": lambda: ValueError("half \ud800 a pair"),
    "huge": lambda: ValueError("x" * 50_000_000),
    "cycle": in_a_cycle,
    "system-exit": lambda: SystemExit(SilentError()),
    "keyboard-interrupt": KeyboardInterrupt,
    "generator-exit": GeneratorExit,
    "stop-iteration": StopIteration,
    "cancelled-error": asyncio.CancelledError,
    "cancelled": lambda: Cancelled("cancelled"),
    "syntax": lambda: SyntaxError(SilentError(), (3, "4", 5, 6)),
    "argument-error": odd_argument_error,
    "host-error": odd_host_error,
    "host-exception": odd_host_exception,
    "host-error-unreadable": lambda: UnreadableHostError("HOST_TOOL_EXCEPTION", "x"),
    "group": deep_group,
}


@tool
def plain(kind: str) -> None:
    raise MAKERS[kind]()


@tool
async def later(kind: str) -> None:
    await asyncio.sleep(0)
    raise MAKERS[kind]()


@tool
def stream(kind: str) -> Iterator[int]:
    raise MAKERS[kind]()
    yield 1


@tool
async def stream_later(kind: str) -> AsyncIterator[int]:
    await asyncio.sleep(0)
    raise MAKERS[kind]()
    yield 1


@tool
def fine() -> str:
    return "fine"


class Hooked(Adapter):
    """Raises in its hooks what the id of the session names."""

    def on_session_start(self, session_id: str) -> None:
        if session_id.startswith("start:"):
            raise MAKERS[session_id.removeprefix("start:")]()

    def on_session_end(self, session_id: str) -> None:
        raise MAKERS[session_id.removeprefix("end:")]()

    def teardown(self) -> None:
        raise MAKERS["unreadable"]()

    @tool
    def fine(self) -> str:
        return "fine"
