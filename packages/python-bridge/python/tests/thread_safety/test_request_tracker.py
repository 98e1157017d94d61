from __future__ import annotations

import threading
from math import isclose

import pytest

from snakepit_bridge import RequestTracker

from .threads import LIMIT_S, ended, in_thread


def test_requests_are_counted_in_total_at_present_and_by_thread() -> None:
    tracker = RequestTracker(capacity=4)
    are_active, may_end = threading.Barrier(4, timeout=LIMIT_S), threading.Event()

    def run() -> None:
        with tracker:
            pass
        with tracker:
            are_active.wait()
            may_end.wait(LIMIT_S)

    threads = [in_thread(name, run) for name in "abc"]
    are_active.wait()
    during = tracker.statistics()
    may_end.set()
    ended(*threads)
    after = tracker.statistics()
    assert (during["total"], during["active"], during["capacity"]) == (6, 3, 4)
    assert {name: (each["total"], each["active"]) for name, each in during["by_thread"].items()} == {
        "a": (2, 1),
        "b": (2, 1),
        "c": (2, 1),
    }
    assert (after["total"], after["active"]) == (6, 0)
    assert after["busy_seconds"] >= during["busy_seconds"] > 0
    assert 0 < after["utilization"] <= 1


def test_requests_of_one_thread_may_overlap() -> None:
    tracker = RequestTracker(capacity=10)
    tracker.begin()
    tracker.begin()
    statistics = tracker.statistics()
    assert (statistics["total"], statistics["active"]) == (2, 2)
    tracker.end()
    tracker.end()
    by_thread = tracker.statistics()["by_thread"]
    assert list(by_thread) == [threading.current_thread().name]
    assert isclose(tracker.statistics()["busy_seconds"], by_thread[threading.current_thread().name]["busy_seconds"])


def test_no_request_is_lost_when_threads_count_at_the_same_time() -> None:
    tracker = RequestTracker(capacity=4)
    start = threading.Barrier(4, timeout=LIMIT_S)

    def run() -> None:
        start.wait()
        for _ in range(2_000):
            with tracker:
                pass

    ended(*(in_thread(name, run) for name in "abcd"))
    statistics = tracker.statistics()
    assert (statistics["total"], statistics["active"]) == (8_000, 0)


def test_a_request_that_raises_ends() -> None:
    tracker = RequestTracker()
    with pytest.raises(ValueError, match="bad"), tracker:
        raise ValueError("bad")
    assert tracker.statistics()["active"] == 0


def use(tracker: RequestTracker) -> None:
    with tracker:
        pass


def test_threads_of_the_same_name_are_counted_together_and_released_when_they_end() -> None:
    tracker = RequestTracker()
    for _ in range(3):
        ended(in_thread("a", use, tracker))
    assert tracker.statistics()["by_thread"]["a"]["total"] == 3
    assert tracker._threads == []
    ended(in_thread("a", use, tracker))
    assert tracker.statistics()["by_thread"]["a"]["total"] == 4


def test_a_request_that_has_not_begun_cannot_end() -> None:
    tracker = RequestTracker()
    ended(in_thread("a", tracker.begin))
    with pytest.raises(RuntimeError, match="the thread MainThread ends a request that it has not begun"):
        tracker.end()


def test_an_invalid_capacity_is_rejected() -> None:
    with pytest.raises(ValueError, match="capacity of RequestTracker must be a positive integer; got 0"):
        RequestTracker(0)
