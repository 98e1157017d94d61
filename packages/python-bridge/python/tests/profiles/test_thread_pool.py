from __future__ import annotations

import threading
import weakref
from collections.abc import Callable, Iterator
from functools import partial

import pytest

from snakepit_bridge.profiles import ThreadPool

Creator = Callable[[int], ThreadPool]


@pytest.fixture
def create() -> Iterator[Creator]:
    pools: list[ThreadPool] = []

    def create(size: int) -> ThreadPool:
        pool = ThreadPool(size, "test-pool")
        pools.append(pool)
        return pool

    yield create
    for pool in pools:
        pool.stop(60)
    assert [each.name for each in threading.enumerate() if each.name.startswith("test-pool")] == []


def test_functions_run_in_the_order_in_which_they_were_added(create: Creator) -> None:
    pool = create(1)
    order: list[int] = []
    done = threading.Event()
    for each in range(100):
        pool.add(partial(order.append, each))
    pool.add(done.set)
    done.wait()
    assert order == list(range(100))


def test_as_many_functions_as_there_are_threads_run_at_the_same_time(create: Creator) -> None:
    pool = create(4)
    for _ in range(50):
        barrier = threading.Barrier(5)
        for _ in range(4):
            pool.add(barrier.wait)
        barrier.wait()


def test_the_pool_never_has_more_threads_than_its_size(create: Creator) -> None:
    for _ in range(20):
        pool = create(5)
        released = threading.Event()
        running = threading.Semaphore(0)

        def block(running: threading.Semaphore = running, released: threading.Event = released) -> None:
            running.release()
            released.wait()

        for _ in range(20):
            pool.add(block)
        for _ in range(5):
            running.acquire()
        names = [each.name for each in threading.enumerate() if each.name.startswith("test-pool")]
        assert sorted(names) == [f"test-pool-{number}" for number in range(1, 6)]
        released.set()
        pool.stop(60)


def test_a_function_that_blocks_delays_no_other_function(create: Creator) -> None:
    pool = create(2)
    blocked = threading.Event()
    pool.add(blocked.wait)
    for _ in range(200):
        done = threading.Event()
        pool.add(done.set)
        done.wait()
    blocked.set()


def test_every_function_runs_once_when_many_threads_add_them(create: Creator) -> None:
    pool = create(3)
    counts = [0] * 5_000
    done = threading.Semaphore(0)

    def count(each: int) -> None:
        counts[each] += 1
        done.release()

    def add(first: int) -> None:
        for each in range(first, len(counts), 5):
            pool.add(partial(count, each))

    adders = [threading.Thread(target=add, args=(first,)) for first in range(5)]
    for each in adders:
        each.start()
    for each in adders:
        each.join()
    for _ in counts:
        done.acquire()
    assert counts == [1] * len(counts)


def test_no_more_threads_are_started_than_functions_run_at_the_same_time(create: Creator) -> None:
    pool = create(16)
    for _ in range(100):
        done = threading.Event()
        pool.add(done.set)
        done.wait()
    # A thread that sets the event may not be idle yet when the next function is added.
    assert len([each for each in threading.enumerate() if each.name.startswith("test-pool")]) < 16


def test_an_idle_thread_does_not_keep_its_last_function(create: Creator) -> None:
    class Function:
        def __init__(self) -> None:
            self.done = threading.Event()

        def __call__(self) -> None:
            self.done.set()

    pool = create(1)
    function = Function()
    done, reference = function.done, weakref.ref(function)
    pool.add(function)
    del function
    done.wait()
    pool.stop(60)
    assert reference() is None


def test_stop_waits_for_the_functions_that_were_added(create: Creator) -> None:
    pool = create(2)
    done: list[int] = []
    for each in range(100):
        pool.add(partial(done.append, each))
    pool.stop(60)
    assert sorted(done) == list(range(100))


def test_stop_does_not_wait_longer_than_its_time_limit(create: Creator) -> None:
    pool = create(1)
    blocked = threading.Event()
    pool.add(blocked.wait)
    pool.stop(0)
    blocked.set()
