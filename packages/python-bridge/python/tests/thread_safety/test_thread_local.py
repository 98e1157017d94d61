from __future__ import annotations

import gc
import sqlite3
import subprocess
import sys
import threading

import pytest

from snakepit_bridge import ThreadLocal

from .threads import LIMIT_S, ended, in_thread


class Resource:
    """Knows in which thread it was created, and where it was closed."""

    def __init__(self) -> None:
        self.created_in = threading.current_thread().name
        self.thread = threading.get_ident()
        self.closed_in: list[int] = []

    def close(self) -> None:
        # The threading module no longer knows a thread that ends.
        self.closed_in.append(threading.get_ident())


def test_each_thread_creates_its_value_once() -> None:
    storage = ThreadLocal(Resource)
    both_have_one = threading.Barrier(2, timeout=LIMIT_S)

    def use() -> tuple[Resource, Resource]:
        first = storage.get()
        both_have_one.wait()
        return first, storage.get()

    (a, a_again), (b, b_again) = ended(in_thread("a", use), in_thread("b", use))
    assert a is a_again
    assert b is b_again
    assert (a.created_in, b.created_in) == ("a", "b")


def test_a_value_is_closed_in_its_thread_when_that_ends() -> None:
    storage = ThreadLocal(Resource, close=Resource.close)
    [resource] = ended(in_thread("a", storage.get))
    gc.collect()
    assert resource.closed_in == [resource.thread] != [threading.get_ident()]
    storage.close()
    assert resource.closed_in == [resource.thread] != [threading.get_ident()]


def test_values_of_threads_that_have_ended_are_not_kept() -> None:
    storage = ThreadLocal(Resource, close=lambda _: None)
    for _ in range(10):
        ended(in_thread("a", storage.get))
    gc.collect()
    assert storage._finalizers == {}


def test_set_and_clear_close_the_value_of_this_thread_only() -> None:
    storage = ThreadLocal(Resource, close=Resource.close)
    has_value, may_end = threading.Event(), threading.Event()

    def hold() -> list[int]:
        resource = storage.get()
        has_value.set()
        may_end.wait(LIMIT_S)
        return list(resource.closed_in)

    other = in_thread("a", hold)
    has_value.wait(LIMIT_S)
    first, second = storage.get(), Resource()
    storage.set(second)
    assert (first.closed_in, second.closed_in) == ([threading.get_ident()], [])
    assert storage.get() is second
    storage.clear()
    assert second.closed_in == [threading.get_ident()]
    assert storage.get() is not second
    storage.clear()
    storage.clear()
    may_end.set()
    assert ended(other) == [[]]


def test_close_closes_the_values_of_all_threads_even_if_one_raises() -> None:
    closed: list[str] = []

    def close(resource: Resource) -> None:
        closed.append(resource.created_in)
        if closed.count("a") == 1 and resource.created_in == "a":
            raise OSError("cannot be closed")

    storage = ThreadLocal(Resource, close=close)
    have_values, may_end = threading.Barrier(4, timeout=LIMIT_S), threading.Event()

    def hold() -> Resource:
        storage.get()
        have_values.wait()
        may_end.wait(LIMIT_S)
        return storage.get()

    threads = [in_thread(name, hold) for name in "abc"]
    have_values.wait()
    with pytest.raises(OSError, match="cannot be closed"):
        storage.close()
    assert sorted(closed) == ["a", "b", "c"]
    may_end.set()
    # A thread that continues has a new value.
    assert sorted(each.created_in for each in ended(*threads)) == ["a", "b", "c"]


def test_a_factory_that_raises_is_tried_again() -> None:
    attempts: list[int] = []

    def create() -> int:
        attempts.append(1)
        if len(attempts) == 1:
            raise OSError("not reachable")
        return len(attempts)

    storage = ThreadLocal(create)
    with pytest.raises(OSError, match="not reachable"):
        storage.get()
    assert storage.get() == storage.get() == 2


def test_an_attribute_error_of_the_factory_propagates() -> None:
    def create() -> int:
        raise AttributeError("missing")

    with pytest.raises(AttributeError, match="missing"):
        ThreadLocal(create).get()


def test_a_connection_of_sqlite_is_used_and_closed_by_its_thread() -> None:
    storage = ThreadLocal(lambda: sqlite3.connect(":memory:"), close=sqlite3.Connection.close)

    def query() -> int:
        value: int = storage.get().execute("SELECT 42").fetchone()[0]
        return value

    assert ended(in_thread("a", query), in_thread("b", query)) == [42, 42]
    gc.collect()
    assert storage._finalizers == {}


def test_values_are_closed_at_the_end_of_the_process() -> None:
    program = """
from snakepit_bridge import ThreadLocal

storage = ThreadLocal(lambda: "value", close=lambda value: print("closed", value))
storage.get()
"""
    done = subprocess.run([sys.executable, "-c", program], check=True, capture_output=True, text=True)  # noqa: S603
    assert (done.stdout, done.stderr) == ("closed value\n", "")
