"""Runs functions in threads, for tests."""

from __future__ import annotations

import threading
from collections.abc import Callable
from concurrent.futures import Future
from time import sleep
from typing import Any

LIMIT_S = 120.0
"""No test depends on it: it only ends a test that would hang."""


def in_thread(name: str, function: Callable[..., Any], *arguments: Any) -> Future[Any]:
    """Calls a function in a new thread; the result contains its value or its exception."""
    future: Future[Any] = Future()

    def run() -> None:
        try:
            future.set_result(function(*arguments))
        except BaseException as error:
            future.set_exception(error)

    thread = threading.Thread(target=run, name=name, daemon=True)
    thread.start()
    # The caller may need the end of the thread, with its thread-local values.
    future.thread = thread  # type: ignore[attr-defined]
    return future


def ended(*futures: Future[Any]) -> list[Any]:
    """Waits for the ends of threads, and returns the values."""
    values = [each.result(LIMIT_S) for each in futures]
    for each in futures:
        each.thread.join(LIMIT_S)  # type: ignore[attr-defined]
    return values


def wait_for(reached: Callable[[], bool]) -> None:
    """Waits for a state that no event reports."""
    while not reached():
        sleep(0.001)
