from __future__ import annotations

import ctypes
import gc
import sys
import threading
from collections.abc import AsyncIterator, Iterator
from typing import Any

import pytest

from snakepit_bridge import Adapter, ReentrantLock, ThreadSafeAdapter, locked, tool
from snakepit_bridge._thread_safety.reentrant_lock import lock_of, lock_statistics
from snakepit_bridge.testing import ToolClient

from .threads import LIMIT_S, ended, in_thread, wait_for


def waits_in_acquire(thread: threading.Thread) -> bool:
    """Whether the thread has found the lock taken, and waits for it."""
    frame = sys._current_frames().get(thread.ident or 0)
    return frame is not None and frame.f_code is ReentrantLock.acquire.__code__ and "until" in frame.f_locals


def test_the_owner_may_acquire_the_lock_again() -> None:
    lock = ReentrantLock("cache")
    with lock, lock:
        assert ended(in_thread("a", lock.acquire, False)) == [False]
    assert ended(in_thread("b", lock.acquire, False)) == [True]
    statistics = lock.statistics()
    assert statistics == {
        "name": "cache",
        "acquired": 3,
        "waits": 0,
        "wait_seconds": 0.0,
        "longest_wait_seconds": 0.0,
    }


def test_another_thread_cannot_release_it() -> None:
    lock = ReentrantLock()
    with lock, pytest.raises(RuntimeError):
        ended(in_thread("a", lock.release))


def test_waits_are_counted_and_measured() -> None:
    lock = ReentrantLock("cache")

    def use() -> None:
        with lock:
            pass

    with lock:
        threads = [in_thread(name, use) for name in "ab"]
        for each in threads:
            wait_for(lambda each=each: waits_in_acquire(each.thread))  # type: ignore[misc,attr-defined]
    ended(*threads)
    statistics = lock.statistics()
    assert (statistics["acquired"], statistics["waits"]) == (3, 2)
    assert 0 < statistics["longest_wait_seconds"] <= statistics["wait_seconds"]
    assert statistics in lock_statistics()


def test_an_acquisition_that_times_out_is_not_counted() -> None:
    lock = ReentrantLock()
    with lock:
        assert ended(in_thread("a", lock.acquire, True, 0.001)) == [False]
    assert lock.statistics()["acquired"] == 1


class Interrupted(BaseException):
    """Raised in another thread."""


def interrupt(thread: threading.Thread) -> None:
    """Raises an exception in a thread as soon as it executes Python code again, as a worker does to cancel a call."""
    identifier = ctypes.c_ulong(thread.ident or 0)
    assert ctypes.pythonapi.PyThreadState_SetAsyncExc(identifier, ctypes.py_object(Interrupted)) == 1


def use_uninterrupted(lock: ReentrantLock) -> None:
    with lock:
        raise AssertionError("not interrupted")


def test_a_thread_that_waits_can_be_interrupted() -> None:
    lock = ReentrantLock()
    with lock:
        waiting = in_thread("a", use_uninterrupted, lock)
        wait_for(lambda: waits_in_acquire(waiting.thread))  # type: ignore[attr-defined]
        interrupt(waiting.thread)  # type: ignore[attr-defined]
        with pytest.raises(Interrupted):
            ended(waiting)
    assert lock.statistics()["acquired"] == 1


def test_a_thread_that_is_interrupted_when_it_gets_the_lock_does_not_keep_it() -> None:
    for _ in range(20):
        lock = ReentrantLock()
        lock.acquire()
        waiting = in_thread("a", use_uninterrupted, lock)
        wait_for(lambda waiting=waiting: waits_in_acquire(waiting.thread))  # type: ignore[misc]
        # The thread most likely acquires the lock before it executes Python code again.
        interrupt(waiting.thread)  # type: ignore[attr-defined]
        lock.release()
        with pytest.raises(Interrupted):
            ended(waiting)
        assert lock.acquire(blocking=False)


def test_locks_that_no_longer_exist_are_not_reported() -> None:
    with ReentrantLock("temporary"):
        pass
    gc.collect()
    assert "temporary" not in [each["name"] for each in lock_statistics()]


class Counter(ThreadSafeAdapter):
    """Counts in a way that loses increments without the lock."""

    def __init__(self) -> None:
        self.count = 0
        self.inside = 0
        self.most = 0

    @tool
    @locked
    def increment(self, by: int = 1) -> int:
        """Increments the count."""
        self.inside += 1
        self.most = max(self.most, self.inside)
        for _ in range(by):
            self._increment()
        self.inside -= 1
        return self.count

    @locked
    def _increment(self) -> None:
        self.count += 1


def test_locked_methods_of_an_instance_exclude_each_other_and_may_call_each_other() -> None:
    counter = Counter()
    start = threading.Barrier(4, timeout=LIMIT_S)

    def run() -> None:
        start.wait()
        for _ in range(500):
            counter.increment(2)

    ended(*(in_thread(name, run) for name in "abcd"))
    assert (counter.count, counter.most) == (4_000, 1)


def test_instances_have_different_locks() -> None:
    first, second = Counter(), Counter()
    with first.lock:
        assert ended(in_thread("a", second.increment)) == [1]
        assert first.increment() == 1
    assert first.lock is lock_of(first)
    assert first.lock is not second.lock


def test_threads_that_use_the_lock_of_an_instance_for_the_first_time_get_the_same_one() -> None:
    for _ in range(50):
        counter = Counter()
        start = threading.Barrier(4, timeout=LIMIT_S)

        def get(counter: Counter = counter, start: threading.Barrier = start) -> ReentrantLock:
            start.wait()
            return counter.lock

        assert len({id(each) for each in ended(*(in_thread(name, get) for name in "abcd"))}) == 1


def test_an_adapter_may_have_another_attribute_named_lock() -> None:
    class Model(ThreadSafeAdapter):
        def __init__(self) -> None:
            self.lock = threading.Lock()  # type: ignore[assignment]

        @locked
        def run(self) -> bool:
            return self.lock.acquire(blocking=False)

    assert Model().run()


def test_the_tool_of_a_locked_method_keeps_its_signature() -> None:
    with ToolClient(Counter) as tools:
        assert tools.execute("increment", by=3) == 3
        [descriptor] = tools.tools
        assert (descriptor.description, descriptor.parameters[0].type) == ("Increments the count.", "int")


def test_functions_are_locked_with_a_given_lock() -> None:
    lock = ReentrantLock("module")

    @locked(lock)
    def free() -> bool:
        return bool(ended(in_thread("a", lock.acquire, False))[0])

    assert not free()
    assert ended(in_thread("a", lock.acquire, False)) == [True]


class Invalid(Adapter):
    async def waits(self) -> None: ...

    async def streams_later(self) -> AsyncIterator[int]:
        yield 1

    def streams(self) -> Iterator[int]:
        yield 1


def function() -> None: ...


@pytest.mark.parametrize(
    ("target", "remedy"),
    [
        (Invalid.waits, "would block the event loop; use asyncio.Lock"),
        (Invalid.streams_later, "would block the event loop; use asyncio.Lock"),
        (Invalid.streams, "runs after its call; hold the lock inside of it"),
        (function, r"must have a lock to decorate a function: @locked\(ReentrantLock\('function'\)\)"),
        (Invalid, "must decorate a method or function"),
        (5, "must decorate a method or function"),
        (staticmethod(function), "must decorate a method or function"),
    ],
)
def test_other_objects_are_rejected(target: Any, remedy: str) -> None:
    with pytest.raises(TypeError, match=remedy):
        locked(target)


def test_an_object_without_attributes_has_no_lock() -> None:
    with pytest.raises(TypeError, match="requires an object with a __dict__; got int"):
        lock_of(5)
