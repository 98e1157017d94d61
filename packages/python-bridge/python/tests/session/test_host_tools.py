"""Host tools, called by blocking and async tools."""

from __future__ import annotations

import asyncio
import inspect
import pickle
import pydoc
from collections.abc import AsyncIterator, Iterator
from typing import Any

import numpy as np
import pytest

from snakepit_bridge import HostError, HostToolError, UnknownHostToolError
from snakepit_bridge._session.host_tool_descriptor import HostToolDescriptor, HostToolParameter
from snakepit_bridge._session.host_tools import host_tool_list
from snakepit_bridge.testing import SerializationError

from .conftest import Starter
from .recording_host import RecordingHost


def parse_json(text: str, strict: bool = True) -> Any:
    """Parses JSON text.

    Args:
        text: what is parsed.
        strict: whether to be so.
    """
    return [text, strict]


async def scale(values: Any, factor: float = 2.0) -> Any:
    await asyncio.sleep(0)
    return values * factor


def fail(code: str | None = None) -> None:
    if code is None:
        raise ValueError("no good")
    raise HostError(code, "as the host reports it", {"why": "because"})


def unsendable() -> Any:
    return object()


closed: list[str] = []


def squares(to: int) -> Iterator[int]:
    try:
        for number in range(to):
            if number == 5:
                raise ValueError("enough")
            yield number * number
    finally:
        closed.append("squares")


async def ticks() -> AsyncIterator[int]:
    try:
        for number in range(1000):
            yield number
    finally:
        closed.append("ticks")


TOOLS = {
    "parse_json": parse_json,
    "math.scale": scale,
    "fail": fail,
    "unsendable": unsendable,
    "squares": squares,
    "ticks": ticks,
    "anything": lambda **arguments: arguments,
}


@pytest.fixture
def host(start: Starter) -> RecordingHost:
    closed.clear()
    return start(host_tools=TOOLS)


def test_host_tools_are_called_by_attribute_and_by_name(host: RecordingHost) -> None:
    tools = host.context().tools
    assert tools.parse_json(text="x") == ["x", True]
    assert tools["parse_json"]("x", strict=False) == ["x", False]
    assert tools.parse_json("x", False) == ["x", False]
    assert tools["math.scale"](np.arange(3.0), factor=3.0).tolist() == [0, 3, 6]
    assert host.context().call("math.scale", values=np.arange(3.0)).tolist() == [0, 2, 4]


def test_host_tools_are_awaited_in_async_tools(host: RecordingHost) -> None:
    async def use() -> None:
        context = host.async_context()
        tools = context.tools
        assert await tools.parse_json(text="x") == ["x", True]
        assert await tools["parse_json"]("x", strict=False) == ["x", False]
        assert (await tools["math.scale"](np.arange(3.0), factor=3.0)).tolist() == [0, 3, 6]
        assert (await context.call("math.scale", values=np.arange(3.0))).tolist() == [0, 2, 4]
        together = await asyncio.gather(*(tools.parse_json(text=str(number)) for number in range(3)))
        assert together == [["0", True], ["1", True], ["2", True]]

    host.run(use())


def test_the_list_of_host_tools_is_requested_once(host: RecordingHost) -> None:
    tools = host.context().tools
    for _ in range(3):
        tools.parse_json(text="x")
    host.context().tools.anything()
    assert host.methods == ["tools.list", *["tools.call"] * 4]
    host.invalidate()
    host.context().tools.anything()
    assert host.methods == ["tools.list", "tools.call"]
    # By its name, nothing has to be known.
    host.invalidate()
    host.context().call("anything")
    host.run(host.async_context().tools.anything(a=1))
    assert host.methods == ["tools.call", "tools.call"]


def test_the_list_of_host_tools_is_cached_for_a_few_seconds(
    host: RecordingHost, monkeypatch: pytest.MonkeyPatch
) -> None:
    now = [1000.0]
    monkeypatch.setattr(host_tool_list, "monotonic", lambda: now[0])
    for step, asks in ((0, ["tools.list"]), (4.9, []), (0.2, ["tools.list"])):
        now[0] += step
        assert host.context().tools.parse_json(text="x")
        assert host.methods == [*asks, "tools.call"]


def test_positional_arguments_are_matched_by_order(host: RecordingHost) -> None:
    tools = host.context().tools
    with pytest.raises(TypeError, match=r"parse_json\(\) takes 2 positional arguments and 3 were given"):
        tools.parse_json("x", True, 1)
    with pytest.raises(TypeError, match=r"parse_json\(\) got multiple values for argument 'text'"):
        tools.parse_json("x", text="y")
    with pytest.raises(TypeError, match=r"squares\(\) takes 1 positional argument and 2 were given"):
        tools.squares(1, 2)
    with pytest.raises(TypeError, match=r"anything\(\) takes 0 positional arguments"):
        host.run(host.async_context().tools.anything(1))


def test_an_unknown_host_tool_is_an_attribute_error_and_a_key_error(host: RecordingHost) -> None:
    tools = host.context().tools
    with pytest.raises(AttributeError) as by_attribute:
        _ = tools.parse_jsn
    with pytest.raises(KeyError) as by_name:
        tools["parse_jsn"]
    for caught in (by_attribute.value, by_name.value):
        assert isinstance(caught, UnknownHostToolError)
        assert str(caught) == (
            "this host has no tool 'parse_jsn'; did you mean 'parse_json'? available tools: anything, fail, "
            "math.scale, parse_json, squares, ticks, unsendable"
        )
        assert caught.code == "UNKNOWN_TOOL"
        assert caught.details["tool"] == "parse_jsn"
    assert not hasattr(tools, "parse_jsn")
    assert "parse_json" in tools
    assert "parse_jsn" not in tools
    assert 7 not in tools
    # It may have come since.
    assert host.methods.count("tools.list") == 4
    assert not hasattr(tools, "__wrapped__")
    assert host.methods == []


def test_an_unknown_host_tool_fails_when_it_is_awaited(host: RecordingHost) -> None:
    tools = host.async_context().tools
    with pytest.raises(UnknownHostToolError, match="did you mean 'parse_json'"):
        host.run(tools.parse_jsn(text="x"))

    async def iterate() -> None:
        async for _ in tools.squars(to=3):
            pass

    with pytest.raises(UnknownHostToolError, match="did you mean 'squares'"):
        host.run(iterate())


def test_an_unknown_tool_within_a_host_tool_is_not_reported_as_an_unknown_host_tool(start: Starter) -> None:
    def ask() -> None:
        raise HostError("UNKNOWN_TOOL", "unknown tool 'predict'", {"tool": "predict"})

    host = start(host_tools={"ask": ask})
    with pytest.raises(HostToolError) as caught:
        host.run(host.async_context().tools.ask())
    assert not isinstance(caught.value, UnknownHostToolError)


@pytest.mark.parametrize("kind", ["blocking", "awaited"])
def test_failures_keep_the_message_and_details_of_the_host(host: RecordingHost, kind: str) -> None:
    def call(name: str, **arguments: Any) -> Any:
        if kind == "blocking":
            return host.context().call(name, **arguments)
        return host.run(host.async_context().call(name, **arguments))

    with pytest.raises(HostToolError) as caught:
        call("fail", code="POOL_SATURATED")
    assert (caught.value.code, str(caught.value), caught.value.details) == (
        "POOL_SATURATED",
        "as the host reports it",
        {"why": "because"},
    )
    copied = pickle.loads(pickle.dumps(caught.value))  # noqa: S301
    assert (type(copied), copied.code, copied.details, str(copied)) == (
        HostToolError,
        "POOL_SATURATED",
        {"why": "because"},
        "as the host reports it",
    )
    with pytest.raises(HostToolError, match='host tool "fail" threw ValueError: no good') as caught:
        call("fail")
    assert (caught.value.code, caught.value.name) == ("HOST_TOOL_EXCEPTION", "ValueError")
    assert caught.value.stack is not None
    assert "raise ValueError" in caught.value.stack
    with pytest.raises(HostToolError, match="must be str; got int") as caught:
        call("parse_json", text=1)
    assert (caught.value.code, caught.value.details["argument"]) == ("INVALID_ARGUMENT", "text")
    with pytest.raises(HostToolError, match="requires argument 'text'"):
        call("parse_json")
    with pytest.raises(HostToolError, match=r'"squares" yields chunks; use stream\(\)'):
        call("squares", to=1)
    with pytest.raises(HostToolError) as caught:
        call("unsendable")
    assert caught.value.code == "SERIALIZATION"
    with pytest.raises(SerializationError, match=r'^host tool "parse_json": args\.text: cannot send object'):
        call("parse_json", text=object())


def test_stream_arguments_that_cannot_be_sent_are_named(host: RecordingHost) -> None:
    async def first() -> object:
        return await anext(host.async_context().stream("squares", to=object()))

    named = r'^host tool "squares": args\.to: cannot send object'
    with pytest.raises(SerializationError, match=named):
        next(host.context().stream("squares", to=object()))
    with pytest.raises(SerializationError, match=named):
        host.run(first())


def test_a_call_that_is_never_awaited_warns(host: RecordingHost) -> None:
    tools = host.async_context().tools
    with pytest.warns(RuntimeWarning, match='host tool "parse_json" was not called: the call was never awaited'):
        tools.parse_json(text="1")


def test_a_streaming_host_tool_is_iterated_over(host: RecordingHost) -> None:
    context = host.context()
    assert list(context.tools.squares(to=3)) == [0, 1, 4]
    assert list(context.tools.squares(3)) == [0, 1, 4]
    assert list(context.stream("squares", to=2)) == [0, 1]
    assert [number for number, _ in zip(context.tools.ticks(), range(3))] == [0, 1, 2]  # noqa: B905


def test_a_streaming_host_tool_is_iterated_over_in_a_task(host: RecordingHost) -> None:
    async def use() -> None:
        context = host.async_context()
        assert [each async for each in context.tools.squares(to=3)] == [0, 1, 4]
        assert [each async for each in context.tools.squares(3)] == [0, 1, 4]
        assert [each async for each in context.stream("squares", to=2)] == [0, 1]
        assert len([each async for each in context.tools.ticks()]) == 1000

    host.run(use())


def test_leaving_the_loop_cancels_the_stream(host: RecordingHost) -> None:
    for number in host.context().tools.squares(to=100):
        if number == 4:
            break
    assert (closed, host.closed_streams) == (["squares"], 1)
    stream = host.context().stream("ticks")
    next(stream)
    stream.close()
    assert (closed, host.closed_streams) == (["squares", "ticks"], 2)


def test_leaving_the_loop_in_a_task_cancels_the_stream(host: RecordingHost) -> None:
    async def leave(stream: AsyncIterator[int]) -> None:
        async for number in stream:
            if number == 4:
                break

    async def use() -> None:
        await leave(aiter(host.async_context().tools.squares(to=100)))
        await leave(host.async_context().stream("ticks"))
        while host.closed_streams < 2:
            await asyncio.sleep(0)

    host.run(use())
    assert sorted(closed) == ["squares", "ticks"]


def test_a_stream_raises_its_failure_after_its_values(host: RecordingHost) -> None:
    seen = []
    with pytest.raises(HostToolError, match="threw ValueError: enough"):
        for number in host.context().tools.squares(to=9):
            seen.append(number)
    assert seen == [0, 1, 4, 9, 16]

    async def use() -> None:
        async for number in host.async_context().tools.squares(to=9):
            seen.append(number)

    seen.clear()
    with pytest.raises(HostToolError, match="threw ValueError: enough"):
        host.run(use())
    assert seen == [0, 1, 4, 9, 16]
    with pytest.raises(HostToolError, match=r"returns one value; use call\(\)"):
        next(host.context().stream("parse_json", text="x"))


def test_host_tools_have_signatures_and_docstrings(host: RecordingHost) -> None:
    tools = host.context().tools
    assert str(inspect.signature(tools.parse_json)) == "(text: str, strict: bool = True)"
    assert (tools.parse_json.__name__, tools["math.scale"].__name__) == ("parse_json", "math.scale")
    shown = pydoc.plain(pydoc.render_doc(tools.parse_json))
    assert "parse_json(text: str, strict: bool = True)" in shown
    assert "Parses JSON text." in shown
    assert "text: what is parsed." in shown
    assert {"parse_json", "squares", "list"} <= set(dir(tools))
    assert "math.scale" not in dir(tools)


def test_they_are_listed(host: RecordingHost) -> None:
    tools = host.context().tools
    assert [each.name for each in tools] == sorted(TOOLS)
    parse = next(each for each in tools.list() if each.name == "parse_json")
    assert (parse.description, parse.streaming) == ("Parses JSON text.", False)
    assert parse.parameters == (
        HostToolParameter("text", "str", required=True, default=None, description="what is parsed."),
        HostToolParameter("strict", "bool", required=False, default="True", description="whether to be so."),
    )

    async def use() -> None:
        awaited = host.async_context().tools
        host.invalidate()
        assert "parse_json" not in dir(awaited)
        assert [each.name for each in await awaited.list()] == sorted(TOOLS)
        assert "parse_json" in dir(awaited)
        assert str(inspect.signature(awaited.parse_json)) == "(text: str, strict: bool = True)"
        with pytest.raises(TypeError, match=r"await ctx\.tools\.list\(\)"):
            "parse_json" in awaited  # noqa: B015
        with pytest.raises(TypeError):
            iter(awaited)

    host.run(use())


def test_signatures_show_all_kinds_of_parameters() -> None:
    def parameter(name: str, required: bool = False, default: str | None = None) -> HostToolParameter:
        return HostToolParameter(name, "list[int] | None", required=required, default=default, description=None)

    def shown(*parameters: HostToolParameter, schema: Any = ()) -> str:
        return str(HostToolDescriptor("x", "", False, parameters, dict(schema), {}).signature)

    assert shown() == "()"
    assert shown(parameter("a", required=True), parameter("b", default="[1]")) == (
        "(a: list[int] | None, b: list[int] | None = [1])"
    )
    assert shown(parameter("a"), parameter("b", required=True)) == (
        "(a: list[int] | None = ..., *, b: list[int] | None)"
    )
    assert shown(parameter("not one"), parameter("class", required=True)) == "(**arguments)"
    assert shown(parameter("a", default="Decimal(1)")) == "(a: list[int] | None = Decimal(1))"
    assert str(HostToolDescriptor("x", "", False, (), None, {}).signature) == "(**arguments)"


def test_calls_without_a_session_can_use_global_host_tools(start: Starter) -> None:
    host = start(None, host_tools=TOOLS)
    assert host.context().tools.parse_json(text="x") == ["x", True]
    assert host.run(host.async_context().tools.parse_json("x")) == ["x", True]
    assert host.context().call("anything", a=1) == {"a": 1}


def test_arguments_of_host_tools_may_have_any_name(host: RecordingHost) -> None:
    assert host.context().call("anything", name=1, self=2) == {"name": 1, "self": 2}
    assert host.context().tools.anything(name=1, self=2, descriptor=3) == {"name": 1, "self": 2, "descriptor": 3}
    assert host.run(host.async_context().call("anything", name=1, self=2)) == {"name": 1, "self": 2}
