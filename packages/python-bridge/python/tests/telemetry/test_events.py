"""Events, as tools emit them."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import numpy
import pytest

from snakepit_bridge import emit
from snakepit_bridge.testing import EventRecord, ToolClient

from . import recorded_tools


def test_events_have_measurements_metadata_and_the_span() -> None:
    with ToolClient(recorded_tools) as tools:
        tools.execute("nested")
        assert tools.events == [EventRecord("inside", {"seconds": 0.5}, {"cached": True}, "outer")]


@pytest.mark.parametrize("value", ["1", None, True, [1], Decimal("sNaN"), numpy.zeros(2)])
def test_a_measurement_must_be_a_number(value: object) -> None:
    with pytest.raises(TypeError, match=r"the measurement 'size' of an event must be a number; got .*; pass other"):
        emit("loaded", {"size": value})  # type: ignore[dict-item]


@pytest.mark.parametrize("given", [{"measurements": 1}, {"metadata": ["a"]}])
def test_measurements_and_metadata_must_be_mappings(given: dict[str, Any]) -> None:
    with pytest.raises(TypeError, match=r"the (measurements|metadata) of an event must be a mapping; got"):
        emit("loaded", **given)


def test_an_invalid_name_is_rejected_with_the_rule() -> None:
    with pytest.raises(ValueError, match="the name of an event must be at most 128 letters"):
        emit("two words")


def test_outside_of_a_call_an_event_is_ignored() -> None:
    emit("alone", {"size": 1})
