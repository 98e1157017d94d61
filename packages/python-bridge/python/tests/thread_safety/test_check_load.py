from __future__ import annotations

import logging
from collections.abc import Callable

import pytest

from snakepit_bridge import Adapter, ThreadSafeAdapter, thread_safe, tool
from snakepit_bridge._compatibility import table
from snakepit_bridge._thread_safety import ThreadSafetyChecker, known_libraries
from snakepit_bridge._thread_safety.report import Mode
from snakepit_bridge._tools import LoadedAdapter, TargetError

Load = Callable[[str], LoadedAdapter]
Imported = Callable[[str], None]


class Undeclared(Adapter):
    @tool
    def run(self) -> None: ...


class Partly(Adapter):
    @tool
    def run(self) -> None: ...

    @thread_safe
    @tool
    def look(self) -> None: ...


class Declared(ThreadSafeAdapter):
    @tool
    def run(self) -> None: ...


def checker(mode: Mode, kind: type[Adapter]) -> ThreadSafetyChecker:
    return ThreadSafetyChecker(mode, LoadedAdapter("models:Model", kind))


def warnings_of(mode: Mode, kind: type[Adapter]) -> list[tuple[str, str]]:
    return [(each["kind"], each["subject"]) for each in checker(mode, kind).check_load()]


@pytest.mark.usefixtures("imported")
def test_a_class_that_declares_nothing_is_a_warning() -> None:
    [warning] = checker("warn", Undeclared).check_load()
    assert (warning["kind"], warning["subject"], warning["threads"]) == ("undeclared", "models:Model", [])
    assert "the adapter Undeclared of 'models:Model' does not declare thread safety" in warning["message"]
    assert "(run())" in warning["message"]
    assert "derive the class from ThreadSafeAdapter" in warning["message"]


def test_a_class_that_declares_nothing_cannot_start_in_strict_mode() -> None:
    with pytest.raises(TargetError, match=r"threadSafety is 'strict'.*ThreadSafeAdapter, or use the process") as raised:
        checker("strict", Undeclared).check_load()
    assert raised.value.permanent


@pytest.mark.usefixtures("imported")
@pytest.mark.parametrize("mode", ["off", "warn", "strict"])
@pytest.mark.parametrize("kind", [Partly, Declared])
def test_a_class_or_a_tool_that_is_declared_is_accepted(mode: Mode, kind: type[Adapter]) -> None:
    assert warnings_of(mode, kind) == []


class OnlyAsync(Adapter):
    @tool
    async def run(self) -> None: ...


@pytest.mark.usefixtures("imported")
def test_async_tools_need_no_declaration() -> None:
    assert warnings_of("strict", OnlyAsync) == []


@pytest.mark.usefixtures("imported")
def test_nothing_is_checked_when_off() -> None:
    assert warnings_of("off", Undeclared) == []


def test_functions_of_a_module_are_declared_one_by_one(load: Load, imported: Imported) -> None:
    undeclared = load("@tool\ndef add(): ...\n@tool\ndef take(): ...\n")
    [warning] = ThreadSafetyChecker("warn", undeclared).check_load()
    assert "(add(), take())" in warning["message"]
    assert "mark each with @thread_safe" in warning["message"]
    with pytest.raises(TargetError, match="does not declare thread safety"):
        ThreadSafetyChecker("strict", undeclared).check_load()
    declared = load("@tool\n@thread_safe\ndef add(): ...\n@thread_safe\n@tool\ndef take(): ...\n")
    assert ThreadSafetyChecker("strict", declared).check_load() == []


@pytest.mark.parametrize("module", ["matplotlib", "netCDF4", "fitz", "tables"])
def test_an_unsafe_library_is_a_warning_even_for_a_declared_class(imported: Imported, module: str) -> None:
    imported(module)
    [warning] = checker("warn", Declared).check_load()
    assert warning["kind"] == "library"
    assert "is not thread-safe" in warning["message"]
    assert "; if every use is safe, name it in guarded_libraries (https://" in warning["message"]


def test_an_unsafe_library_cannot_be_used_in_strict_mode(imported: Imported) -> None:
    imported("matplotlib")
    with pytest.raises(TargetError, match="has imported matplotlib, which is not thread-safe") as raised:
        checker("strict", Declared).check_load()
    assert raised.value.permanent


def test_a_guarded_library_is_accepted(imported: Imported, load: Load) -> None:
    imported("matplotlib")
    imported("pandas")

    class Guarded(Declared):
        guarded_libraries = ("matplotlib",)

    assert warnings_of("strict", Guarded) == []
    adapter = load("@tool\n@thread_safe(guarded_libraries=['matplotlib'])\ndef plot(): ...\n")
    assert ThreadSafetyChecker("strict", adapter).check_load() == []


def test_a_conditional_library_concerns_only_what_is_not_declared(imported: Imported) -> None:
    imported("pandas")
    assert warnings_of("warn", Declared) == []
    assert warnings_of("warn", Undeclared) == [("undeclared", "models:Model"), ("library", "pandas")]
    assert warnings_of("strict", Partly) == [("library", "pandas")]


def test_a_safe_library_is_accepted(imported: Imported) -> None:
    imported("numpy")
    assert warnings_of("strict", Partly) == []


def test_each_warning_is_logged_once_when_records_reach_the_host(
    imported: Imported, caplog: pytest.LogCaptureFixture
) -> None:
    checked = checker("warn", Undeclared)
    checked.check_load()
    assert caplog.records == []
    checked.log_warnings()
    imported("matplotlib")
    assert len(checked.check_load()) == 2
    checked.check_load()
    checked.log_warnings()
    assert [(each.name, each.levelno) for each in caplog.records] == [("snakepit.thread_safety", logging.WARNING)] * 2
    assert "matplotlib" in caplog.records[1].getMessage()


def test_the_libraries_are_those_of_the_compatibility_table() -> None:
    safety = {"yes": "safe", "conditional": "conditional", "no": "unsafe"}
    documented = {
        each.name: (each.modules, safety[each.threads.safe], each.threads.source)
        for each in table().libraries
        if each.threads.safe != "unknown"
    }
    assert {each.name: (each.modules, each.safety, each.source) for each in known_libraries()} == {
        name: row for name, row in documented.items() if name not in ("gRPC", "msgspec", "Protocol Buffers")
    }
