from __future__ import annotations

import asyncio
import sys
import threading
import types
from collections.abc import AsyncIterator, Callable, Iterator
from concurrent.futures import Future
from typing import Any

import pytest

from snakepit_bridge import Adapter, ThreadSafeAdapter, ThreadSafetyError, thread_safe, tool
from snakepit_bridge._thread_safety import ThreadSafetyChecker
from snakepit_bridge._thread_safety.report import Mode, ToolReport
from snakepit_bridge._tools import LoadedAdapter, Tool

from .threads import LIMIT_S, ended, in_thread

# The imports of other tests do not matter.
pytestmark = pytest.mark.usefixtures("imported")


class Meeting:
    """Keeps a call inside of a tool until another one has been made."""

    def __init__(self) -> None:
        self.entered = threading.Event()
        self.may_leave = threading.Event()

    def wait(self) -> None:
        self.entered.set()
        assert self.may_leave.wait(LIMIT_S)


class Model(Adapter):
    def __init__(self) -> None:
        self.meeting = Meeting()

    @tool
    def plain(self, first: bool) -> str:
        if first:
            self.meeting.wait()
        return threading.current_thread().name

    @tool
    @thread_safe
    def declared(self, first: bool) -> str:
        return self.plain(first)

    @tool
    def stream(self, first: bool) -> Iterator[int]:
        yield 1
        if first:
            self.meeting.wait()
        yield 2

    @tool
    def fails(self, first: bool) -> None:
        raise ValueError(f"first: {first}")

    @tool
    async def later(self, first: bool) -> str:
        await asyncio.sleep(0)
        return f"first: {first}"

    @tool
    async def stream_later(self, count: int) -> AsyncIterator[int]:
        for each in range(count):
            yield each


class SafeModel(Model, ThreadSafeAdapter):
    thread_safe = True


class Guarded:
    """An instance with guarded tools."""

    def __init__(self, mode: Mode, kind: type[Model] = Model) -> None:
        loaded = LoadedAdapter("models:Model", kind)
        self.instance = loaded.instantiate()
        self.checker = ThreadSafetyChecker(mode, loaded)
        self.tools = self.checker.guard(self.instance.tools)
        self.meeting: Meeting = self.instance.tools["plain"].function.__self__.meeting  # type: ignore[attr-defined]

    def function(self, name: str) -> Callable[..., Any]:
        return self.tools[name].function

    def report(self, name: str) -> ToolReport:
        [found] = [each for each in self.checker.report()["tools"] if each["tool"] == name]
        return found


def take(function: Callable[..., Any], first: bool) -> list[Any]:
    return list(function(first))


def enter_twice(guarded: Guarded, name: str, call: Callable[..., Any] | None = None) -> tuple[Future[Any], Future[Any]]:
    """Calls a tool in the thread "first", and while that is inside of it, in the thread "second". Both have ended."""
    function = guarded.function(name)
    arguments = (function,) if call is None else (call, function)
    first = in_thread("first", *arguments, True)
    assert guarded.meeting.entered.wait(LIMIT_S)
    second = in_thread("second", *arguments, False)
    second.exception(LIMIT_S)
    guarded.meeting.may_leave.set()
    first.exception(LIMIT_S)
    return first, second


def test_the_tools_stay_the_same_when_off() -> None:
    guarded = Guarded("off")
    assert guarded.tools is guarded.instance.tools
    assert guarded.checker.report()["tools"] == []


def test_a_guarded_tool_is_the_same_to_its_caller() -> None:
    guarded = Guarded("warn")
    for name, each in guarded.tools.items():
        original: Tool = guarded.instance.tools[name]
        assert each.descriptor is original.descriptor
        assert (each.name, each.is_async, each.streaming) == (name, original.is_async, original.streaming)
        assert each.function.__wrapped__ == original.function  # type: ignore[attr-defined]


def test_a_concurrent_call_of_a_tool_that_is_not_declared_is_a_warning_once(caplog: pytest.LogCaptureFixture) -> None:
    guarded = Guarded("warn")
    guarded.checker.log_warnings()
    assert ended(*enter_twice(guarded, "plain")) == ["first", "second"]
    guarded.meeting.entered.clear()
    guarded.meeting.may_leave.clear()
    assert ended(*enter_twice(guarded, "plain")) == ["first", "second"]
    [warning] = [each for each in guarded.checker.report()["warnings"] if each["kind"] == "concurrent"]
    assert (warning["subject"], warning["threads"]) == ("plain", ["first", "second"])
    [record] = [each for each in caplog.records if "plain()" in each.getMessage()]
    assert (record.name, record.levelname) == ("snakepit.thread_safety", "WARNING")
    assert "is executed by several threads at the same time (first, second)" in record.getMessage()
    assert guarded.report("plain") == {
        "tool": "plain",
        "declared": False,
        "is_async": False,
        "entered": 4,
        "concurrent_maximum": 2,
        "rejected": 0,
    }


def test_a_concurrent_call_is_rejected_in_strict_mode_and_the_first_one_continues() -> None:
    guarded = Guarded("strict")
    first, second = enter_twice(guarded, "plain")
    assert ended(first) == ["first"]
    with pytest.raises(ThreadSafetyError) as raised:
        ended(second)
    assert str(raised.value).startswith("plain() was called in second while first executes it, and it is not declared")
    assert "mark it with @thread_safe, or hold a lock with @locked" in str(raised.value)
    assert guarded.report("plain")["rejected"] == 1


def test_a_call_after_the_first_one_is_accepted_in_strict_mode() -> None:
    guarded = Guarded("strict")
    names = [ended(in_thread(name, guarded.function("plain"), False))[0] for name in ("first", "second")]
    assert names == ["first", "second"]
    report = guarded.report("plain")
    assert (report["entered"], report["concurrent_maximum"], report["rejected"]) == (2, 1, 0)


@pytest.mark.parametrize(("kind", "name"), [(Model, "declared"), (SafeModel, "plain")])
def test_a_declared_tool_may_be_entered_concurrently(kind: type[Model], name: str) -> None:
    guarded = Guarded("strict", kind)
    assert ended(*enter_twice(guarded, name)) == ["first", "second"]
    report = guarded.report(name)
    assert (report["declared"], report["concurrent_maximum"]) == (True, 2)
    assert guarded.checker.report()["warnings"] == []


def test_a_stream_counts_until_its_end() -> None:
    guarded = Guarded("strict")
    first, second = enter_twice(guarded, "stream", take)
    assert ended(first) == [[1, 2]]
    with pytest.raises(ThreadSafetyError, match=r"stream\(\) was called in second while first executes it"):
        ended(second)
    assert take(guarded.function("stream"), False) == [1, 2]


def test_a_stream_that_is_closed_early_no_longer_counts() -> None:
    guarded = Guarded("strict")
    stream = guarded.function("stream")(False)
    assert next(stream) == 1
    with pytest.raises(ThreadSafetyError):
        ended(in_thread("second", take, guarded.function("stream"), False))
    stream.close()
    assert ended(in_thread("second", take, guarded.function("stream"), False)) == [[1, 2]]


def test_a_call_that_raises_no_longer_counts() -> None:
    guarded = Guarded("strict")
    for name in ("first", "second"):
        with pytest.raises(ValueError, match="first: False"):
            ended(in_thread(name, guarded.function("fails"), False))
    assert guarded.report("fails")["entered"] == 2


def test_async_tools_may_overlap_in_the_thread_of_their_loop() -> None:
    guarded = Guarded("strict")

    async def run() -> list[Any]:
        results = await asyncio.gather(*(guarded.function("later")(each) for each in (True, False)))
        return [*results, [each async for each in guarded.function("stream_later")(3)]]

    assert asyncio.run(run()) == ["first: True", "first: False", [0, 1, 2]]
    assert guarded.report("later")["concurrent_maximum"] == 2
    assert guarded.report("stream_later")["entered"] == 1
    assert guarded.checker.report()["warnings"] == []


def test_an_async_stream_that_is_closed_early_closes_that_of_the_tool() -> None:
    guarded = Guarded("strict")

    async def run() -> int:
        stream = guarded.function("stream_later")(3)
        value: int = await anext(stream)
        await stream.aclose()
        return value

    assert asyncio.run(run()) == 0
    assert guarded.checker._guards[-1]._inside == {}


def test_calls_are_counted_exactly_when_threads_enter_at_the_same_time() -> None:
    guarded = Guarded("warn")
    start = threading.Barrier(4, timeout=LIMIT_S)

    def run() -> None:
        start.wait()
        for _ in range(1_000):
            guarded.function("plain")(False)

    ended(*(in_thread(name, run) for name in "abcd"))
    report = guarded.report("plain")
    assert report["entered"] == 4_000
    assert 1 <= report["concurrent_maximum"] <= 4


def test_a_library_that_a_tool_imports_is_found_at_the_next_call(
    imported: Callable[[str], None], monkeypatch: pytest.MonkeyPatch
) -> None:
    guarded = Guarded("strict", SafeModel)
    assert guarded.checker.check_load() == []
    guarded.function("plain")(False)
    monkeypatch.setitem(sys.modules, "matplotlib", types.ModuleType("matplotlib"))
    guarded.function("plain")(False)
    assert [each["subject"] for each in guarded.checker.report()["warnings"]] == ["matplotlib"]
