from __future__ import annotations

import sys
import threading
from typing import Any

import numpy as np
import pytest

from snakepit_bridge._thread_safety import ThreadSafetyChecker
from snakepit_bridge._tools import LoadedAdapter, load_adapter
from snakepit_bridge.showcase import ThreadedAdapter
from snakepit_bridge.testing import ToolClient

from .threads import LIMIT_S, ended, in_thread


def test_the_general_adapter_has_a_tool_for_each_kind_of_call() -> None:
    with ToolClient("snakepit_bridge.showcase:ShowcaseAdapter", options={"greeting": "hello"}) as tools:
        assert tools.execute("ping") == "hello"
        assert tools.execute("echo", value={"a": [1, None, b"\x00"]}) == {"a": [1, None, b"\x00"]}
        assert tools.execute("add", a=1, b=2.5) == 3.5
        assert tools.execute("process_text", text="Ab c", operation="words") == {
            "operation": "words",
            "result": ["Ab", "c"],
            "characters": 4,
        }
        assert list(tools.stream("count", to=3)) == [0, 1, 2]
        assert [each["number"] for each in tools.stream("ticks", count=2, interval_s=0)] == [0, 1]
        described = tools.execute("describe_numbers", numbers=[3, 1, 2])
        assert described["mean"] == 2
        np.testing.assert_array_equal(described["sorted"], [1, 2, 3])
        stats = tools.execute("get_stats")
        assert stats["calls"]["ping"] == 1
        assert stats["seconds"] >= 0


def test_the_general_adapter_works_without_numpy(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "numpy", None)
    with (
        ToolClient("snakepit_bridge.showcase:ShowcaseAdapter") as tools,
        pytest.raises(RuntimeError, match=r"describe_numbers\(\) requires numpy; install it: .*numpy"),
    ):
        tools.execute("describe_numbers", numbers=[1])


@pytest.mark.usefixtures("imported")
def test_the_threaded_adapter_is_accepted_in_strict_mode() -> None:
    loaded = load_adapter("snakepit_bridge.showcase:ThreadedAdapter")
    assert ThreadSafetyChecker("strict", loaded).check_load() == []


@pytest.mark.usefixtures("imported")
def test_threads_share_the_threaded_adapter() -> None:
    loaded = LoadedAdapter("showcase", ThreadedAdapter, {"stop_words": ["the"], "seed": 7})
    checker = ThreadSafetyChecker("strict", loaded)
    tools = checker.guard(loaded.instantiate().tools)
    start = threading.Barrier(4, timeout=LIMIT_S)

    def work() -> Any:
        start.wait()
        for _ in range(200):
            assert tools["count_words"].function("the cat the dog") == {"cat": 1, "dog": 1}
        return tools["draw"].function(3)

    drawn = ended(*(in_thread(name, work) for name in "abcd"))
    # Each thread has its own generator with the same seed, so their numbers do not depend on the others.
    assert len({tuple(each["numbers"]) for each in drawn}) == 1
    assert sorted(each["thread"] for each in drawn) == ["a", "b", "c", "d"]
    assert list(tools["top_words"].function(1)) == [{"word": "cat", "count": 800}]
    stats = tools["get_stats"].function()
    assert (stats["total"], stats["active"]) == (804, 0)
    assert checker.report()["warnings"] == []


def test_the_threaded_adapter_reports() -> None:
    with ToolClient(ThreadedAdapter) as tools:
        tools.execute("count_words", text="a cat")
        report = tools.execute("report")
        assert "ThreadedAdapter" in [each["name"] for each in report["locks"]]
