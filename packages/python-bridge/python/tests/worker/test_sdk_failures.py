"""An OpenTelemetry SDK of the user that raises, in the middle of a call and outside of it."""

from __future__ import annotations

import sys
from importlib.machinery import ModuleSpec
from pathlib import Path
from types import ModuleType

import pytest

from snakepit_bridge._telemetry import sdk_tracer
from snakepit_bridge._telemetry.sdk import LOGGER

from .conftest import Starter
from .host import CallFailedError, Host

TOOLS = """
from collections.abc import AsyncIterator, Iterator

from opentelemetry import trace
from opentelemetry.sdk.trace import ReadableSpan, SpanProcessor, TracerProvider
from opentelemetry.sdk.trace.sampling import Decision, Sampler, SamplingResult
from snakepit_bridge import emit, setup, span, tool

broken = "{broken}"


def fail_as(part: str) -> None:
    if part == broken:
        raise RuntimeError(f"the {{part}} broke")


class BrokenSampler(Sampler):
    def should_sample(self, *_: object, **__: object) -> SamplingResult:
        fail_as("sampler")
        return SamplingResult(Decision.RECORD_AND_SAMPLE)

    def get_description(self) -> str:
        return "broken"


class BrokenProcessor(SpanProcessor):
    def on_start(self, span: object, parent_context: object = None) -> None:
        fail_as("start")

    def on_end(self, span: ReadableSpan) -> None:
        fail_as("end")
        if broken == "exit":
            raise SystemExit(3)


class BrokenProvider(TracerProvider):
    def get_tracer(self, *given: object, **named: object) -> object:
        fail_as("provider")
        return super().get_tracer(*given, **named)


@setup
def set_up_tracing() -> None:
    provider = BrokenProvider(sampler=BrokenSampler())
    provider.add_span_processor(BrokenProcessor())
    trace.set_tracer_provider(provider)


@tool
def nothing() -> int:
    return 1


@tool
async def nothing_later() -> int:
    return 2


@tool
def traced() -> int:
    with span("outer", size=1) as outer:
        outer.set(size=2)
        emit("inside", {{"size": 3}})
    return 3


@tool
def failing() -> None:
    with span("outer"):
        raise ValueError("of the tool")


@tool
async def counted() -> AsyncIterator[int]:
    async with span("outer"):
        yield 4
"""


def start_tools(start: Starter, tmp_path: Path, profile: str, broken: str) -> Host:
    (tmp_path / "broken_sdk.py").write_text(TOOLS.format(broken=broken))
    return start(str(tmp_path / "broken_sdk.py"), profile=profile)


@pytest.mark.parametrize("broken", ["sampler", "start", "end", "provider"])
@pytest.mark.parametrize("profile", ["process", "thread", "async"])
def test_calls_succeed_and_the_first_failure_is_logged(
    start: Starter, tmp_path: Path, profile: str, broken: str
) -> None:
    host = start_tools(start, tmp_path, profile, broken)
    assert host.execute("nothing_later") == 2
    stream = host.start("counted", streaming=True, credit=8)
    host.answer(stream)
    assert host.chunks[stream] == [4]
    if profile != "async":
        assert host.execute("nothing") == 1
        assert host.execute("traced") == 3
        with pytest.raises(CallFailedError, match="of the tool"):
            host.execute("failing")
    reports = [each.message for each in host.logs if each.logger == LOGGER]
    if broken != "provider":  # it is asked before the worker has a connection
        assert len(reports) == 1
        assert f"RuntimeError: the {broken} broke" in reports[0]


def test_an_exporter_that_exits_does_not_end_the_worker(start: Starter, tmp_path: Path) -> None:
    host = start_tools(start, tmp_path, "process", "exit")
    for _ in range(2):
        assert host.execute("nothing") == 1


def test_an_sdk_that_another_thread_imports_is_used_later(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("opentelemetry.trace", "opentelemetry.sdk.trace"):
        module = ModuleType(name)
        module.__spec__ = ModuleSpec(name, None)
        module.__spec__._initializing = True  # type: ignore[attr-defined]
        monkeypatch.setitem(sys.modules, name, module)
    assert sdk_tracer() is None
