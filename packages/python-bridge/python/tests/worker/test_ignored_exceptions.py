from __future__ import annotations

from pathlib import Path

import pytest

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
