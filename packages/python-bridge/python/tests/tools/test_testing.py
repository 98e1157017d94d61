"""The client for unit tests of tools."""

from __future__ import annotations

import asyncio
import sys
from collections.abc import AsyncIterator, Iterator
from typing import Any

import numpy as np
import pytest

from snakepit_bridge import Adapter, current_call, tool
from snakepit_bridge.testing import SerializationError, ToolArgumentError, ToolClient

closed: list[str] = []


@tool
def add(a: float, b: float) -> float:
    return a + b


@tool
async def add_later(a: float, b: float) -> float:
    await asyncio.sleep(0)
    return a + b


@tool
def echo(value: Any) -> Any:
    return value


@tool
def count(to: int) -> Iterator[int]:
    try:
        yield from range(to)
    finally:
        closed.append("count")


@tool
async def count_later(to: int) -> AsyncIterator[int]:
    try:
        for number in range(to):
            await asyncio.sleep(0)
            yield number
    finally:
        closed.append("count_later")


@tool
def whose() -> Any:
    call = current_call()
    return [call.session_id, dict(call.metadata), call.remaining_seconds]


@tool
def fail() -> None:
    raise KeyError("as it is")


class Model(Adapter):
    def __init__(self) -> None:
        self.steps = ["made"]

    async def setup(self) -> None:
        await asyncio.sleep(0)
        self.steps.append("set up")

    def teardown(self) -> None:
        closed.append("torn down")

    @tool
    def what(self) -> list[str]:
        return self.steps


@pytest.fixture
def tools() -> Iterator[ToolClient]:
    closed.clear()
    with ToolClient(sys.modules[__name__], session_id="s", metadata={"k": "v"}) as client:
        yield client


def test_tools_are_called_with_their_arguments(tools: ToolClient) -> None:
    assert tools.execute("add", a=1, b=2) == 3
    assert tools.execute("add_later", a=1, b=2) == 3


def test_values_are_encoded_and_decoded(tools: ToolClient) -> None:
    assert tools.execute("echo", value=(1, 2)) == [1, 2]
    array = np.arange(10_000.0)
    copy = tools.execute("echo", value=array)
    assert np.array_equal(copy, array)
    assert not np.shares_memory(copy, array)
    with pytest.raises(SerializationError):
        tools.execute("echo", value=object())


def test_streaming_tools_yield_their_chunks(tools: ToolClient) -> None:
    assert list(tools.stream("count", to=3)) == [0, 1, 2]
    assert list(tools.stream("count_later", to=3)) == [0, 1, 2]
    assert closed == ["count", "count_later"]


@pytest.mark.parametrize("name", ["count", "count_later"])
def test_leaving_a_stream_closes_it(tools: ToolClient, name: str) -> None:
    stream = tools.stream(name, to=1000)
    assert next(stream) == 0
    stream.close()
    assert closed == [name]


def test_invalid_calls_are_rejected(tools: ToolClient) -> None:
    with pytest.raises(ToolArgumentError, match="argument 'b' must be float"):
        tools.execute("add", a=1, b="x")
    with pytest.raises(LookupError, match="the target has no tool 'nothing'; available tools: add, add_later"):
        tools.execute("nothing")
    with pytest.raises(TypeError, match=r"count\(\) streams"):
        tools.execute("count", to=3)
    with pytest.raises(TypeError, match=r"add\(\) does not stream"):
        tools.stream("add", a=1, b=2)


def test_exceptions_propagate_unchanged(tools: ToolClient) -> None:
    with pytest.raises(KeyError, match="as it is"):
        tools.execute("fail")


def test_tools_can_read_the_context_of_the_call(tools: ToolClient) -> None:
    assert tools.execute("whose") == ["s", {"k": "v"}, None]
    with pytest.raises(RuntimeError, match="no call is executing here"):
        current_call()


def test_an_adapter_is_set_up_and_torn_down() -> None:
    closed.clear()
    with ToolClient(Model) as model:
        assert model.execute("what") == ["made", "set up"]
    assert closed == ["torn down"]


def test_the_tools_are_listed(tools: ToolClient) -> None:
    assert [each.name for each in tools.tools][:3] == ["add", "add_later", "echo"]
