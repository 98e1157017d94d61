from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from snakepit_bridge import Cancelled
from snakepit_bridge._worker.signals import ignored_exceptions

from .conftest import Starter
from .host import CallFailedError

TARGET = str(Path(__file__).parent / "finalizer_tools.py")
PROFILES = pytest.mark.parametrize("profile", ["process", "thread", "async"])


@PROFILES
@pytest.mark.parametrize("what", ["finalizer", "weak reference"])
def test_a_tool_is_cancelled_although_the_exception_may_be_raised_in_a_finalizer(
    start: Starter, profile: str, what: str
) -> None:
    host = start(TARGET, profile=profile)
    # The first exception is ignored in half of the rounds.
    for number in range(1, 13):
        call = host.start("drop_forever", {"what": what})
        host.receive_until(lambda number=number: len(host.logs) == number)  # type: ignore[misc]
        host.cancel(call)
        with pytest.raises(CallFailedError) as caught:
            host.answer(call)
        assert caught.value.code == "CANCELLED"
    # It is not reported as ignored.
    assert {log.message for log in host.logs} == {"dropping"}


@PROFILES
def test_other_exceptions_of_finalizers_are_reported(start: Starter, profile: str) -> None:
    host = start(TARGET, profile=profile)
    assert host.execute("drop_failing") == "dropped"
    host.receive_until(lambda: any("ValueError: from a finalizer" in log.message for log in host.logs))


def test_a_second_cancellation_in_the_hook_itself_is_not_lost(monkeypatch: pytest.MonkeyPatch) -> None:
    recorded: list[BaseException] = []
    started: list[Any] = []

    class Interruption:
        def again(self, error: BaseException) -> Callable[[], None]:
            recorded.append(error)
            return lambda: None

    def start_new_thread(*_: Any) -> None:
        started.append(None)
        if len(started) == 1:
            raise Cancelled("cancelled")

    # Restored after the test.
    monkeypatch.setattr(sys, "unraisablehook", sys.unraisablehook)
    monkeypatch.setattr(ignored_exceptions, "start_new_thread", start_new_thread)
    ignored_exceptions.interrupt_again_when_ignored(Interruption())  # type: ignore[arg-type]
    first = Cancelled("cancelled")
    sys.unraisablehook(SimpleNamespace(exc_value=first))  # type: ignore[arg-type]
    assert recorded[0] is first
    assert [type(error) for error in recorded] == [Cancelled, Cancelled]
    assert len(started) == 2
