"""Spans, as tools use them."""

from __future__ import annotations

import math
from collections.abc import Iterator

import pytest

from snakepit_bridge import Span, span
from snakepit_bridge.testing import ToolClient

from . import recorded_tools


@pytest.fixture
def tools() -> Iterator[ToolClient]:
    with ToolClient(recorded_tools) as client:
        yield client


def test_spans_have_attributes_parents_and_durations(tools: ToolClient) -> None:
    tools.execute("nested")
    inner, outer = tools.spans
    assert (inner.name, inner.parent) == ("inner", "outer")
    assert (outer.name, outer.parent, outer.error) == ("outer", None, None)
    assert outer.attributes == {"model.name": "small", "size": 4, "done": True}
    assert outer.seconds >= inner.seconds > 0


def test_an_exception_marks_the_spans_that_it_leaves_and_is_raised(tools: ToolClient) -> None:
    with pytest.raises(ValueError, match="bad"):
        tools.execute("failing")
    assert [(each.name, each.error) for each in tools.spans] == [
        ("inner", "ValueError: bad"),
        ("outer", "ValueError: bad"),
    ]


def test_each_call_of_a_decorated_function_is_a_span(tools: ToolClient) -> None:
    assert tools.execute("decorators") == [0, 1, [1, 2], [1, 2]]
    assert [(each.name, each.parent) for each in tools.spans] == [
        ("generated.async", None),
        ("decorated", "decorated"),
        ("decorated", None),
        ("inner", "awaited"),
        ("awaited", None),
        ("inner", "generated"),
        ("generated", None),
    ]


def test_the_span_of_a_stream_lasts_until_its_end_and_an_early_close_is_no_failure(tools: ToolClient) -> None:
    stream = tools.stream("streamed")
    assert next(stream) == 1
    assert tools.spans == []
    stream.close()
    assert [(each.name, each.error) for each in tools.spans] == [("streamed", None)]
    assert list(tools.stream("streamed")) == [1, 2]
    assert [each.span for each in tools.events] == ["streamed"]


def test_attributes_are_bounded_and_never_fail(tools: ToolClient) -> None:
    tools.execute("attributes")
    given, many, unreadable = (each.attributes for each in tools.spans)
    assert given == {
        "text": "t" * 1_023 + "…",
        "truth": True,
        "number": 1.5,
        "large": str(2**70),
        "mixed": ["1", "two"],
        "numbers": [1.0, 2.5],
        "decimal": 0.5,
        "broken": "?",
        "surrogate": "\\ud800",
        "many": list(range(64)),
        "digits": "a number of 16,610 bits",
        "broken_text": "?",
        "broken_integer": "?",
        "broken_number": "?",
        "broken_list": "?",
    }
    assert len(many) == 64
    assert many["a0"] == "changed"
    assert unreadable == {}
    [event] = tools.events
    assert event.measurements == {"large": math.inf, "small": -math.inf, "decimal": 0.5}
    assert event.metadata == {}


def test_values_and_exceptions_of_the_caller_reach_a_decorated_async_generator(tools: ToolClient) -> None:
    assert tools.execute("exchange") == ["first", 2, "KeyError"]
    assert [(each.name, each.error) for each in tools.spans] == [("exchanged", None)]


def test_attributes_must_be_a_mapping_also_while_nothing_is_recorded() -> None:
    message = "the attributes of a span must be a mapping; got list"
    with pytest.raises(TypeError, match=message):
        span("load", [("size", 1)])  # type: ignore[arg-type]
    with pytest.raises(TypeError, match=message):
        span("load").set([("size", 1)])  # type: ignore[arg-type]


@pytest.mark.parametrize("name", ["load", "model.load", "http:get", "a/b-c", "_x", "Load2"])
def test_valid_names_are_accepted(name: str) -> None:
    assert isinstance(span(name), Span)


@pytest.mark.parametrize("name", ["", "1st", "two words", "a..b", "a.", "ä", "x" * 129, "user=7"])
def test_an_invalid_name_is_rejected_with_the_rule(name: str) -> None:
    rule = "the name of a span must be at most 128 letters, digits and underscores, with parts separated by one of"
    with pytest.raises(ValueError, match=rule):
        span(name)


def test_reserved_names_and_other_types_are_rejected() -> None:
    with pytest.raises(ValueError, match=r"must not begin with 'snakepit\.', which is reserved"):
        span("snakepit.queue")
    with pytest.raises(TypeError, match="the name of a span must be a string; got int"):
        span(1)  # type: ignore[arg-type]


def test_outside_of_a_call_a_span_does_nothing() -> None:
    with span("alone") as alone:
        alone.set(size=1)
        assert not alone.is_recorded
