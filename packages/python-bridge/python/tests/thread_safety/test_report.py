from __future__ import annotations

import json
import sys
import threading
from collections.abc import Callable

import pytest

from snakepit_bridge import Adapter, ReentrantLock, RequestTracker, thread_safe, thread_safety_report, tool
from snakepit_bridge._thread_safety import ThreadSafetyChecker, use_for_reports
from snakepit_bridge._thread_safety.report import LibraryReport, PythonReport, ToolReport, recommendations_for
from snakepit_bridge._tools import LoadedAdapter
from snakepit_bridge.testing import ToolClient

WITHOUT_GIL: PythonReport = {"version": "3.14.0", "free_threaded": True, "gil_enabled": False}


class Model(Adapter):
    @tool
    def run(self) -> None: ...

    @tool
    @thread_safe
    def look(self) -> str:
        return thread_safety_report()["mode"]


def tool_report(name: str, *, declared: bool = False, maximum: int = 1, rejected: int = 0) -> ToolReport:
    return {
        "tool": name,
        "declared": declared,
        "is_async": False,
        "entered": maximum,
        "concurrent_maximum": maximum,
        "rejected": rejected,
    }


def test_the_report_of_a_worker_is_data(imported: Callable[[str], None]) -> None:
    imported("matplotlib")
    imported("numpy")
    loaded = LoadedAdapter("models:Model", Model)
    tracker = RequestTracker(2)
    checker = ThreadSafetyChecker("warn", loaded, tracker)
    use_for_reports(checker)
    checker.check_load()
    tools = checker.guard(loaded.instantiate().tools)
    lock = ReentrantLock("of the test")
    with tracker, lock:
        assert tools["look"].function() == "warn"
        report = thread_safety_report()
    assert json.loads(json.dumps(report)) == report
    assert (report["mode"], report["target"], report["declared"]) == ("warn", "models:Model", False)
    assert [each["subject"] for each in report["warnings"]] == ["matplotlib"]
    assert [(each["name"], each["safety"], each["guarded"]) for each in report["libraries"]] == [
        ("matplotlib", "unsafe", False),
        ("NumPy", "safe", False),
    ]
    assert "of the test" in [each["name"] for each in report["locks"]]
    assert [(each["tool"], each["declared"], each["entered"]) for each in report["tools"]] == [
        ("run", False, 0),
        ("look", True, 1),
    ]
    assert report["requests"] is not None
    assert report["requests"]["active"] == 1
    assert report["recommendations"][0] == "check whether these tools are thread-safe, and declare them: run"
    assert report["python"]["version"] == ".".join(map(str, sys.version_info[:3]))


def test_a_process_without_a_checker_reports_its_interpreter_and_locks() -> None:
    with ToolClient(Model) as tools:
        assert tools.execute("look") == "off"
    report = thread_safety_report()
    assert (report["mode"], report["target"], report["tools"], report["requests"]) == ("off", "", [], None)


def test_tools_that_threads_enter_at_the_same_time_come_first() -> None:
    recommended = recommendations_for(
        WITHOUT_GIL, [], [], [tool_report("a"), tool_report("b", maximum=2), tool_report("c", declared=True, maximum=3)]
    )
    assert recommended == [
        "b() is called by several threads at the same time; make it thread-safe and mark it with @thread_safe, or "
        "limit it with @tool(max_concurrent=1)",
        "check whether these tools are thread-safe, and declare them: a",
    ]


@pytest.mark.parametrize(("guarded", "count"), [(False, 1), (True, 0)])
def test_a_library_that_is_not_guarded_is_named_with_its_source(guarded: bool, count: int) -> None:
    library: LibraryReport = {
        "name": "pandas",
        "safety": "conditional",
        "guarded": guarded,
        "notes": "shared objects",
        "workaround": "copy them",
        "source": "https://pandas.pydata.org",
    }
    recommended = recommendations_for(WITHOUT_GIL, [library], [], [])
    assert recommended == ["pandas: shared objects; copy them (https://pandas.pydata.org)"][:count]


@pytest.mark.parametrize(("waits", "is_named"), [(10, False), (11, True)])
def test_a_contended_lock_is_named(waits: int, is_named: bool) -> None:
    lock = ReentrantLock("cache").statistics()
    lock.update(acquired=100, waits=waits, wait_seconds=1.5)
    recommended = recommendations_for(WITHOUT_GIL, [], [lock], [])
    assert bool(recommended) is is_named
    assert all("the lock cache is contended: 11 of 100 acquisitions waited, 1.500 s" in each for each in recommended)


def test_an_interpreter_whose_lock_was_enabled_is_named() -> None:
    [recommended] = recommendations_for({**WITHOUT_GIL, "gil_enabled": True}, [], [], [])
    assert "an extension module requires it" in recommended


def test_a_report_can_be_made_while_threads_enter_tools() -> None:
    loaded = LoadedAdapter("models:Model", Model)
    checker = ThreadSafetyChecker("warn", loaded)
    run = checker.guard(loaded.instantiate().tools)["run"].function
    started, may_end = threading.Event(), threading.Event()

    def repeat() -> None:
        while not may_end.is_set():
            run()
            started.set()

    threads = [threading.Thread(target=repeat) for _ in range(3)]
    for each in threads:
        each.start()
    started.wait()
    entered = [checker.report()["tools"][0]["entered"] for _ in range(100)]
    may_end.set()
    for each in threads:
        each.join()
    assert entered == sorted(entered)
