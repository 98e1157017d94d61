"""The time slice of a thread, as the system reports it."""

from __future__ import annotations

import ctypes
import os
import platform
import struct
import threading
from collections.abc import Callable

import pytest

from snakepit_bridge._system import use_default_slice, yield_to_others

# sched_getattr(2).
_SYSTEM_CALL = {"x86_64": 315, "aarch64": 275}.get(platform.machine())


def _slice() -> int:
    attributes = ctypes.create_string_buffer(48)
    assert ctypes.CDLL(None).syscall(_SYSTEM_CALL, 0, attributes, 48, 0) == 0
    return int(struct.unpack("=IIQiIQQQ", attributes.raw)[5])


def _in_thread(observe: Callable[[], list[int]]) -> list[int]:
    observed: list[int] = []
    thread = threading.Thread(target=lambda: observed.extend(observe()))
    thread.start()
    thread.join()
    return observed


@pytest.mark.skipif(
    platform.system() != "Linux"
    or _SYSTEM_CALL is None
    or tuple(map(int, os.uname().release.split(".")[:2])) < (6, 12),
    reason="only Linux 6.12 and later have time slices of threads",
)
def test_a_thread_that_yields_has_a_long_slice_until_it_uses_the_default_one() -> None:
    def observe() -> list[int]:
        slices = [_slice()]
        yield_to_others()
        slices += [_slice(), *_in_thread(lambda: [_slice()])]
        use_default_slice()
        return [*slices, _slice()]

    before, yielding, inherited, after = _in_thread(observe)
    assert yielding == inherited == 100_000_000
    assert before == after < yielding


def test_neither_the_niceness_nor_the_policy_of_a_thread_changes() -> None:
    def observe() -> list[int]:
        before = [os.getpriority(os.PRIO_PROCESS, threading.get_native_id()), os.sched_getscheduler(0)]
        yield_to_others()
        after = [os.getpriority(os.PRIO_PROCESS, threading.get_native_id()), os.sched_getscheduler(0)]
        assert before == after
        return [1]

    assert _in_thread(observe) == [1]
