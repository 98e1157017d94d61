"""Tools that spend half of their time in code whose exceptions the interpreter ignores."""

from __future__ import annotations

import time
import weakref
from collections.abc import Callable
from typing import Literal

from snakepit_bridge import tool

_SPIN_S = 0.001


def spin() -> None:
    end = time.perf_counter() + _SPIN_S
    while time.perf_counter() < end:
        pass


class Finalized:
    def __del__(self) -> None:
        spin()


class Referenced:
    """For weak references with a callback."""


def drop_finalized() -> None:
    Finalized()


def drop_referenced() -> None:
    target = Referenced()
    reference = weakref.ref(target, lambda _: spin())
    del target
    assert reference() is None


_DROPS: dict[str, Callable[[], None]] = {"finalizer": drop_finalized, "weak reference": drop_referenced}


@tool
def drop_forever(what: Literal["finalizer", "weak reference"]) -> None:
    drop = _DROPS[what]
    print("dropping")
    while True:
        drop()
        spin()


@tool
def drop_failing() -> str:
    """Drops an object whose finalizer raises another exception."""

    class Failing:
        def __del__(self) -> None:
            raise ValueError("from a finalizer")

    Failing()
    return "dropped"
