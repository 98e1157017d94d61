"""The times of recorded spans."""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING

import pytest

from snakepit_bridge._telemetry.recording import RecordedSpan

if TYPE_CHECKING:
    from collections.abc import Iterator

MODULE = importlib.import_module("snakepit_bridge._telemetry.recording")
SINCE_1970 = 1_800_000_000_000_000_000
SECOND = 1_000_000_000


class Clocks:
    """Two clocks of a process that is stopped after some of its readings."""

    def __init__(self, stops: Iterator[int]) -> None:
        self.now = 0
        self.readings = 0
        self._stops = stops

    def read(self) -> int:
        read = self.now
        self.readings += 1
        self.now += 100 + next(self._stops, 0)
        return read

    def read_system(self) -> int:
        return SINCE_1970 + self.read()


@pytest.mark.parametrize(
    "stops",
    [[], [SECOND], [0, SECOND], [0, 0, SECOND], [SECOND, 0, 0, 0, SECOND, 0]],
    ids=["no stop", "before the system clock", "after the system clock", "after both", "several stops"],
)
def test_a_process_that_stops_between_two_clocks_shifts_no_span(
    monkeypatch: pytest.MonkeyPatch, stops: list[int]
) -> None:
    clocks = Clocks(iter(stops))
    monkeypatch.setattr(MODULE, "time_ns", clocks.read_system)
    monkeypatch.setattr(MODULE, "perf_counter_ns", clocks.read)
    span = RecordedSpan("load", "", {})
    clocks.now += 5 * SECOND
    ended = SINCE_1970 + clocks.now
    span.end()
    assert abs(span.end_ns - ended) <= 100


def test_a_process_that_stops_again_and_again_takes_the_closest_readings(monkeypatch: pytest.MonkeyPatch) -> None:
    stops = [after for distance in (4, 1, 3, 2) for after in (distance * SECOND, 0, 0)]
    clocks = Clocks(iter(stops))
    monkeypatch.setattr(MODULE, "time_ns", clocks.read_system)
    monkeypatch.setattr(MODULE, "perf_counter_ns", clocks.read)
    span = RecordedSpan("load", "", {})
    assert clocks.readings == 12
    ended = SINCE_1970 + clocks.now
    span.end()
    assert abs(span.end_ns - ended) <= SECOND + 200
