"""Programs, used by blocking and async tools."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from snakepit_bridge import (
    HostError,
    NoSessionError,
    ProgramConflictError,
    ProgramError,
    UnknownProgramError,
)
from snakepit_bridge.testing import SerializationError

from .conftest import Starter
from .recording_host import RecordingHost

Of = Callable[[RecordingHost], Any]


@pytest.fixture
def host(start: Starter) -> RecordingHost:
    return start(programs={"a": {"prompt": "?"}, "b": [1, 2]})


def test_documents_are_read_and_stored(host: RecordingHost, programs_of: Of) -> None:
    programs = programs_of(host)
    assert programs.get("a") == {"prompt": "?"}
    assert programs.store("a", {"prompt": "!"}) == 2
    assert programs.store("c", (1, None)) == 1
    assert (programs.get("a"), programs.get("c")) == ({"prompt": "!"}, [1, None])
    assert host.asked[0] == ("programs.get", {"id": "a", "scope": "session"})


def test_an_unknown_program_is_a_key_error(host: RecordingHost, programs_of: Of) -> None:
    programs = programs_of(host)
    assert programs.get("nothing", None) is None
    with pytest.raises(UnknownProgramError) as caught:
        programs.get("nothing")
    assert isinstance(caught.value, KeyError)
    assert str(caught.value) == 'program "nothing" does not exist in session "s"; store it first (programs.store)'
    assert caught.value.details == {"program": "nothing", "reason": "unknown"}


def test_values_that_are_not_json_are_rejected(host: RecordingHost, programs_of: Of) -> None:
    for document in ({"x": float("nan")}, {1, 2}, "x" * (1 << 20)):
        with pytest.raises(ProgramError) as caught:
            programs_of(host).store("a", document)
        assert caught.value.details["program"] == "a"


def test_an_update_is_retried_after_concurrent_changes(host: RecordingHost, programs_of: Of) -> None:
    programs = programs_of(host)
    elsewhere = host.elsewhere().programs
    seen = []

    def add(items: list[int]) -> list[int]:
        seen.append(items)
        if len(seen) == 1:
            elsewhere.store("b", [1, 2, 3])
        return [*items, 9]

    assert programs.update("b", add) == [1, 2, 3, 9]
    assert programs.get("b") == [1, 2, 3, 9]
    assert seen == [[1, 2], [1, 2, 3]]


def test_the_function_of_an_update_does_not_wait_for_its_reservation(host: RecordingHost) -> None:
    context = host.context()
    elsewhere = host.elsewhere().programs
    seen = []

    def add(items: list[int]) -> list[int]:
        seen.append(items)
        if len(seen) == 1:
            elsewhere.store("b", [1, 2, 3])
        context.programs.store("c", items)
        context.programs.delete("c")
        return [*items, 9]

    assert context.programs.update("b", add) == [1, 2, 3, 9]
    context.programs.store("c", 1)
    # Those of the first attempt, of the second one, which has a reservation, and of the time after it.
    sent = {
        method: [payload.get("reservation") for asked, payload in host.asked if asked == method]
        for method in ("programs.store", "programs.delete", "programs.update")
    }
    assert sent == {
        "programs.store": [None, 0, None],
        "programs.delete": [None, 0],
        "programs.update": [None, 0],
    }
    assert host.closed_streams == 1


def test_an_update_raises_the_error_of_a_program_that_was_deleted_after_a_conflict(
    host: RecordingHost, programs_of: Of, monkeypatch: pytest.MonkeyPatch
) -> None:
    elsewhere = host.elsewhere().programs
    record = host._record

    def delete_first(method: str, payload: Any, call: Any) -> None:
        record(method, payload, call)
        if method == "programs.reserve":
            elsewhere.delete("b")

    monkeypatch.setattr(host, "_record", delete_first)

    def change(items: list[int]) -> list[int]:
        elsewhere.store("b", items)
        return items

    with pytest.raises(UnknownProgramError):
        programs_of(host).update("b", change)
    assert host.methods == ["programs.get", "programs.update", "programs.reserve"]


def test_an_update_fails_after_a_hundred_attempts(host: RecordingHost, programs_of: Of) -> None:
    def never(items: list[int]) -> list[int]:
        host.elsewhere().programs.store("b", items)
        return []

    with pytest.raises(ProgramConflictError) as caught:
        programs_of(host).update("b", never)
    assert str(caught.value).startswith('program "b" was changed concurrently in each of 100 attempts; retry later')
    assert caught.value.details == {"program": "b", "reason": "version", "attempts": 100}


def test_the_update_function_may_be_async(host: RecordingHost) -> None:
    async def add(items: list[int]) -> list[int]:
        return [*items, 9]

    assert host.run(host.async_context().programs.update("b", add)) == [1, 2, 9]


def test_programs_are_listed_and_deleted(host: RecordingHost, programs_of: Of) -> None:
    programs = programs_of(host)
    assert [(each.id, each.version) for each in programs.list()] == [("a", 1), ("b", 1)]
    assert programs.list()[0].updated_at.utcoffset() is not None
    assert programs.delete("a", "nothing") == ("a",)
    assert [each.id for each in programs.list("?")] == ["b"]


def test_global_programs_are_separate_and_need_no_session(start: Starter, programs_of: Of) -> None:
    host = start(None)
    programs = programs_of(host)
    assert programs.store("a", 1, scope="global") == 1
    assert programs.get("a", scope="global") == 1
    assert programs.update("a", lambda number: number + 1, scope="global") == 2
    assert [each.id for each in programs.list(scope="global")] == ["a"]
    with pytest.raises(UnknownProgramError, match="in the global scope"):
        programs.get("b", scope="global")
    assert programs.delete("a", scope="global") == ("a",)
    host.asked.clear()
    with pytest.raises(NoSessionError, match="programs belong to a session"):
        programs.get("a")
    with pytest.raises(ValueError, match="must be 'session' or 'global'; got 'all'"):
        programs.get("a", scope="all")
    assert host.methods == []


def test_too_many_programs_are_a_program_error(host: RecordingHost, programs_of: Of) -> None:
    host.failures["programs.store"] = HostError("QUOTA_EXCEEDED", "too many", {"program": "c", "limit": 2})
    with pytest.raises(ProgramError) as caught:
        programs_of(host).store("c", 1)
    assert (caught.value.code, caught.value.details["limit"]) == ("QUOTA_EXCEEDED", 2)


def test_programs_are_used_like_a_dict(host: RecordingHost) -> None:
    programs = host.context().programs
    programs["c"] = 3
    assert programs["c"] == 3
    assert "c" in programs
    assert "nothing" not in programs
    assert 7 not in programs
    assert list(programs) == ["a", "b", "c"]
    del programs["c"]
    assert "c" not in programs
    with pytest.raises(KeyError):
        del programs["c"]


def test_documents_that_cannot_be_sent_are_errors_with_the_path(host: RecordingHost, programs_of: Of) -> None:
    with pytest.raises(SerializationError, match=r'^program "a"\.x: cannot send object'):
        programs_of(host).store("a", {"x": object()})
    with pytest.raises(SerializationError, match=r'^program "a": cannot send object'):
        programs_of(host).update("a", lambda _: object())


def test_misused_programs_of_async_tools_name_the_awaited_method(host: RecordingHost) -> None:
    programs: Any = host.async_context().programs
    with pytest.raises(TypeError, match=r"await ctx\.programs\.get\('a'\)"):
        programs["a"]
    with pytest.raises(TypeError, match=r"await ctx\.programs\.store\('a', …\)"):
        programs["a"] = 1
    with pytest.raises(TypeError, match=r"await ctx\.programs\.delete\('a'\)"):
        del programs["a"]
    with pytest.raises(TypeError, match=r"use `in` with await ctx\.programs\.list\(\)"):
        _ = "a" in programs
    with pytest.raises(TypeError, match="not iterable"):
        iter(programs)
