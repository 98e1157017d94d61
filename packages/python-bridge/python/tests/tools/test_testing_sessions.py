"""The client for unit tests, of tools that use a session."""

from __future__ import annotations

import asyncio
import sys
from collections.abc import AsyncIterator, Iterator
from typing import Any

import numpy as np
import pytest

from snakepit_bridge import (
    Adapter,
    AsyncSessionContext,
    HostToolError,
    NoSessionError,
    SessionContext,
    VariableError,
    current_async_session,
    current_session,
    tool,
)
from snakepit_bridge.testing import ToolClient

met: list[Any] = []


@tool
def answer(question: str, ctx: SessionContext) -> Any:
    facts = ctx.tools.search(query=question)
    ctx.variables["asked"] += 1
    ctx.programs["last"] = {"question": question}
    return [fact for fact in facts if len(fact) <= ctx.variables["limit"]]


@tool
async def answer_later(question: str, ctx: AsyncSessionContext) -> Any:
    facts = await ctx.tools.search(query=question)
    await ctx.variables.update("asked", lambda asked: asked + 1)
    limit = await ctx.variables.get("limit")
    return [fact for fact in facts if len(fact) <= limit]


@tool
def set_limit(limit: Any) -> None:
    current_session().variables.limit = limit


@tool
async def set_limit_later(limit: Any) -> None:
    await current_async_session().variables.set("limit", limit)


@tool
def follow() -> Iterator[Any]:
    for change in current_session().variables.watch("limit"):
        yield change.value


@tool
async def follow_later() -> AsyncIterator[Any]:
    async for change in current_async_session().variables.watch("limit"):
        yield change.value


@tool
def numbers(ctx: SessionContext) -> Iterator[int]:
    for number in ctx.tools.count(to=3):
        yield number + 1


@tool
async def numbers_later(ctx: AsyncSessionContext) -> AsyncIterator[int]:
    async for number in ctx.tools.count(to=3):
        yield number + 1


@tool
def who(ctx: SessionContext) -> Any:
    return [ctx.session_id, dict(ctx.metadata) if ctx.session_id else None]


async def search(query: str) -> list[str]:
    await asyncio.sleep(0)
    return [query, query * 2, query * 3]


def count(to: int) -> Iterator[int]:
    yield from range(to)


class Careful(Adapter):
    async def on_session_start(self, session_id: str) -> None:
        met.append(("start", session_id, await current_async_session().variables.get("limit")))

    def on_session_end(self, session_id: str) -> None:
        met.append(("end", session_id))

    def teardown(self) -> None:
        met.append("torn down")

    @tool
    def nothing(self) -> None:
        met.append("called")

    @tool
    def two(self) -> Iterator[int]:
        met.append("called")
        yield from range(2)


@pytest.fixture
def tools() -> Iterator[ToolClient]:
    met.clear()
    client = ToolClient(
        sys.modules[__name__],
        variables={"limit": {"type": "integer", "value": 2, "constraints": {"max": 10}}, "asked": 0},
        host_tools={"search": search, "count": count},
    )
    with client:
        yield client


@pytest.mark.parametrize("name", ["answer", "answer_later"])
def test_tools_use_a_session_without_a_host(tools: ToolClient, name: str) -> None:
    assert tools.execute(name, question="x") == ["x", "xx"]
    assert tools.session.variables["asked"] == 1
    tools.session.variables["limit"] = 1
    assert tools.execute(name, question="x") == ["x"]
    assert tools.session.variables.asked == 2


def test_a_test_can_inspect_the_changes_of_a_tool(tools: ToolClient) -> None:
    tools.execute("answer", question="x")
    assert tools.session.programs["last"] == {"question": "x"}
    assert tools.session.variables.describe("asked").version == 2


@pytest.mark.parametrize("name", ["set_limit", "set_limit_later"])
def test_values_are_checked_as_by_the_host(tools: ToolClient, name: str) -> None:
    tools.execute(name, limit=3.0)
    assert tools.session.variables["limit"] == 3
    with pytest.raises(VariableError, match='variable "limit"') as caught:
        tools.execute(name, limit=11)
    assert caught.value.details == {"variable": "limit", "reason": "range"}


@pytest.mark.parametrize("name", ["follow", "follow_later"])
def test_changes_are_seen_while_a_tool_streams(tools: ToolClient, name: str) -> None:
    values = tools.stream(name)
    assert next(values) == 2
    tools.session.variables["limit"] = 5
    tools.session.variables["limit"] = 7
    assert next(values) == 7
    values.close()


@pytest.mark.parametrize("name", ["numbers", "numbers_later"])
def test_streaming_host_tools_are_consumed(tools: ToolClient, name: str) -> None:
    assert list(tools.stream(name)) == [1, 2, 3]


def test_the_exception_of_a_host_tool_is_the_cause_of_its_error() -> None:
    def search(query: str) -> Any:
        raise ZeroDivisionError(query)

    with ToolClient(sys.modules[__name__], host_tools={"search": search}) as tools:
        with pytest.raises(HostToolError) as caught:
            tools.execute("answer", question="x")
        assert isinstance(caught.value.__cause__, ZeroDivisionError)


def test_a_session_id_is_optional() -> None:
    with ToolClient(sys.modules[__name__]) as tools:
        assert tools.execute("who") == [None, None]
        with pytest.raises(NoSessionError):
            tools.execute("set_limit", limit=1)
    with ToolClient(sys.modules[__name__], session_metadata={"user": "ada"}) as tools:
        assert tools.execute("who") == ["test", {"user": "ada"}]
    with ToolClient(sys.modules[__name__], session_id="s") as tools:
        assert tools.execute("who") == ["s", {}]


def test_types_are_inferred_from_values() -> None:
    given = {"a": True, "b": 1, "c": 1.0, "d": "x", "e": [1.0, 2.0], "f": np.zeros((2, 2))}
    with ToolClient(sys.modules[__name__], variables=given, programs={"p": {"x": 1}}) as tools:
        assert [each.type for each in tools.session.variables.list()] == [
            "boolean",
            "integer",
            "float",
            "string",
            "embedding",
            "tensor",
        ]
        assert tools.session.programs["p"] == {"x": 1}
    with pytest.raises(VariableError, match="its type cannot be inferred from NoneType; pass"):
        ToolClient(sys.modules[__name__], variables={"a": None})
    with pytest.raises(VariableError, match="must be an integer"):
        ToolClient(sys.modules[__name__], variables={"a": {"type": "integer", "value": "x"}})
    with pytest.raises(VariableError, match='got "not one"'):
        ToolClient(sys.modules[__name__], variables={"not one": 1})
    for draft in ({"a": 1}, {}, {"type": "integer", "value": 1, "min": 0}):
        with pytest.raises(VariableError, match='variable "a": the definition must be a dict with type, value'):
            ToolClient(sys.modules[__name__], variables={"a": draft})
    with pytest.raises(TypeError, match="host tool 'search' must be a function; got int"):
        ToolClient(sys.modules[__name__], host_tools={"search": 5})  # type: ignore[dict-item]
    with pytest.raises(ValueError, match=r"the name of a tool must .*; got 'not one'"):
        ToolClient(sys.modules[__name__], host_tools={"not one": search})


def test_session_hooks_run_at_the_start_and_the_end() -> None:
    met.clear()
    with ToolClient(Careful, variables={"limit": 1}) as tools:
        assert met == []
        tools.execute("nothing")
        tools.execute("nothing")
    assert met == [("start", "test", 1), "called", "called", ("end", "test"), "torn down"]
    met.clear()
    with ToolClient(Careful, session_id="s", variables={"limit": 1}) as tools:
        assert list(tools.stream("two")) == [0, 1]
    assert met == [("start", "s", 1), "called", ("end", "s"), "torn down"]
    met.clear()
    with ToolClient(Careful) as tools:
        tools.execute("nothing")
    assert met == ["called", "torn down"]


def test_a_failed_session_start_is_retried_by_the_next_call() -> None:
    met.clear()
    with ToolClient(Careful, session_id="s") as tools:
        for _ in range(2):
            with pytest.raises(VariableError, match='variable "limit" does not exist'):
                tools.execute("nothing")
        tools.session.variables.register("limit", "integer", 3)
        tools.execute("nothing")
    assert met == [("start", "s", 3), "called", ("end", "s"), "torn down"]
