"""Watching variables."""

from __future__ import annotations

import asyncio
import gc
import threading
from collections.abc import AsyncIterator
from contextlib import aclosing
from typing import Any

import pytest

from snakepit_bridge import HostError, VariableChange
from snakepit_bridge._session.name_pattern import WatchedNames

from .conftest import Starter
from .recording_host import RecordingHost


@pytest.fixture
def host(start: Starter) -> RecordingHost:
    return start(variables={"t": 0.5, "limit.low": 1, "limit.high": 9})


def fields_of(change: VariableChange) -> tuple[Any, ...]:
    return (change.name, change.value, change.version, change.deleted)


def test_a_watch_yields_present_values_and_then_changes(host: RecordingHost) -> None:
    elsewhere = host.elsewhere().variables
    changes = host.context().variables.watch()
    assert [fields_of(next(changes)) for _ in range(3)] == [
        ("limit.high", 9, 1, False),
        ("limit.low", 1, 1, False),
        ("t", 0.5, 1, False),
    ]
    elsewhere.t = 1
    assert fields_of(next(changes)) == ("t", 1.0, 2, False)
    for value in range(10):
        elsewhere["limit.low"] = value
    elsewhere.delete("t")
    assert [fields_of(next(changes)) for _ in range(2)] == [("limit.low", 9, 11, False), ("t", None, 2, True)]
    elsewhere.register("new", "string", "x")
    assert fields_of(next(changes)) == ("new", "x", 1, False)
    assert host.closed_streams == 0
    changes.close()
    assert host.closed_streams == 1


@pytest.mark.parametrize(
    ("names", "asked", "expected"),
    [
        (("t",), {"names": ["t"], "pattern": None}, ["t"]),
        (("t", "nothing", "t"), {"names": ["t", "nothing"], "pattern": None}, ["t"]),
        (("limit.*",), {"names": None, "pattern": "limit.*"}, ["limit.high", "limit.low"]),
        (("limit.?ow", "t"), {"names": None, "pattern": "*"}, ["limit.low", "t"]),
        (("?", "*.low"), {"names": None, "pattern": "*"}, ["limit.low", "t"]),
        ((), {"names": None, "pattern": "*"}, ["limit.high", "limit.low", "t"]),
    ],
)
def test_names_and_patterns_select_variables(
    host: RecordingHost, names: tuple[str, ...], asked: Any, expected: list[str]
) -> None:
    changes = host.context().variables.watch(*names)
    assert [next(changes).name for _ in expected] == expected
    assert host.asked == [("variables.watch", asked)]


def test_patterns_match_all_other_characters_literally() -> None:
    watched = WatchedNames(["a.b*", "c?"])
    assert [name in watched for name in ("a.b", "a.bc\n", "axb", "c", "cd", "cde")] == [
        True,
        True,
        False,
        False,
        True,
        False,
    ]


def test_leaving_the_loop_ends_the_watch(host: RecordingHost) -> None:
    for _change in host.context().variables.watch():
        break
    gc.collect()
    assert host.closed_streams == 1


def test_a_read_is_not_older_than_the_last_watched_change(host: RecordingHost) -> None:
    variables = host.context().variables
    assert variables["t"] == 0.5
    changes = variables.watch("t")
    next(changes)
    assert variables["t"] == 0.5
    host.elsewhere().variables.t = 1.5
    # No notification of a stale value has arrived.
    assert variables["t"] == 0.5
    assert next(changes).value == variables["t"] == 1.5


def test_a_watch_ends_with_its_session(host: RecordingHost) -> None:
    host.failures["variables.watch"] = HostError("SESSION_EXPIRED", "over")
    with pytest.raises(HostError, match="over"):
        next(host.context().variables.watch())


def test_changes_by_another_thread_wake_a_watch(host: RecordingHost) -> None:
    variables = host.context().variables
    changes = variables.watch("t")
    next(changes)
    writer = threading.Timer(0.05, lambda: host.elsewhere().variables.set("t", 1.5))
    writer.start()
    assert next(changes).value == 1.5
    writer.join()


def test_a_change_by_a_thread_that_has_ended_is_not_missed(
    host: RecordingHost, monkeypatch: pytest.MonkeyPatch
) -> None:
    changes = host.context().variables.watch("t")
    next(changes)

    def end_of_the_other_thread() -> int:
        # It writes after the watch has found no change, and ends before the threads are counted.
        host.elsewhere().variables.set("t", 1.5)
        return 1

    monkeypatch.setattr(threading, "active_count", end_of_the_other_thread)
    assert next(changes).value == 1.5


def test_a_watch_in_the_only_thread_is_rejected(host: RecordingHost) -> None:
    if threading.active_count() > 1:
        pytest.skip("other threads run")
    changes = host.context().variables.watch("nothing")
    with pytest.raises(RuntimeError, match="would never end"):
        next(changes)


def test_an_async_watch_is_awaited(host: RecordingHost) -> None:
    async def watch() -> list[Any]:
        variables = host.async_context().variables
        elsewhere = host.elsewhere().variables
        seen = []
        async with aclosing(variables.watch("t", "limit.*")) as changes:
            async for change in changes:
                seen.append(fields_of(change))
                if len(seen) == 3:
                    asyncio.get_running_loop().call_later(0.01, lambda: elsewhere.set("t", 1))
                if len(seen) == 4:
                    break
        return seen

    assert host.run(watch()) == [
        ("limit.high", 9, 1, False),
        ("limit.low", 1, 1, False),
        ("t", 0.5, 1, False),
        ("t", 1.0, 2, False),
    ]
    assert host.closed_streams == 1


def test_leaving_the_async_loop_ends_the_watch(host: RecordingHost) -> None:
    async def watch(changes: AsyncIterator[VariableChange]) -> None:
        async for _change in changes:
            break

    async def leave() -> None:
        await watch(host.async_context().variables.watch())
        while host.closed_streams == 0:
            await asyncio.sleep(0)

    host.run(leave())
    assert host.closed_streams == 1


def test_cancelling_the_task_ends_the_watch(host: RecordingHost) -> None:
    async def watch(waits: asyncio.Event) -> None:
        async for _change in host.async_context().variables.watch("t"):
            waits.set()

    async def give_up() -> None:
        waits = asyncio.Event()
        task = asyncio.create_task(watch(waits))
        await waits.wait()
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task

    host.run(give_up())
    assert host.closed_streams == 1
