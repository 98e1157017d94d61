from __future__ import annotations

import dataclasses
import datetime
import decimal
import enum
import pathlib
import typing
import uuid
from collections.abc import Callable
from typing import Any, Literal, Protocol

import msgspec
import numpy as np
import numpy.typing as npt
import pytest

from snakepit_bridge._tools.arguments import ArgumentBinder, ToolArgumentError
from snakepit_bridge._tools.tool_signature import read_parameters
from snakepit_bridge._values import Unsendable

if typing.TYPE_CHECKING:
    from somewhere import Unknown


@dataclasses.dataclass
class Point:
    x: int
    y: int = 0


class Colour(enum.Enum):
    RED = "red"


class Options(typing.TypedDict):
    depth: int


class Drawable(Protocol):
    def draw(self) -> None: ...


class Custom: ...


def call(function: Callable[..., Any], arguments: Any) -> Any:
    positional, keywords = ArgumentBinder(function.__name__, read_parameters(function, is_bound=False)).bind(arguments)
    return function(*positional, **keywords)


def rejection(function: Callable[..., Any], arguments: Any) -> ToolArgumentError:
    with pytest.raises(ToolArgumentError) as caught:
        call(function, arguments)
    return caught.value


def add(a: float, b: float) -> float:
    return a + b


def test_matching_arguments_are_bound() -> None:
    assert call(add, {"a": 1.5, "b": 2.0}) == 3.5


def test_an_integer_is_accepted_as_a_float() -> None:
    value = call(lambda a: a, {"a": 1}), call(add, {"b": 1, "a": 2})
    assert value == (1, 3.0)
    assert type(value[1]) is float


def test_an_invalid_argument_is_named() -> None:
    error = rejection(add, {"a": 1, "b": "x"})
    assert str(error) == "add(): argument 'b' must be float; got str (\"x\")"
    assert (error.tool, error.argument) == ("add", "b")


@pytest.mark.parametrize(
    ("arguments", "message", "argument"),
    [
        ({"a": 1}, "add() requires argument 'b'", "b"),
        ({}, "add() requires arguments 'a', 'b'", "a"),
        ({"a": 1, "b": 2, "c": 3}, "add() has no argument 'c'; parameters: a, b", "c"),
        ({"a": 1, "b": None}, "add(): argument 'b' must be float; got None", "b"),
        ({"a": True, "b": 1}, "add(): argument 'a' must be float; got bool (True)", "a"),
        ({"a": "x" * 500, "b": 1}, f"add(): argument 'a' must be float; got str (\"{'x' * 59}…\")", "a"),
        ({"a": [1], "b": 1}, "add(): argument 'a' must be float; got list", "a"),
        ([1, 2], "add(): arguments must be a map by name; got list", None),
        ({1: 2}, "add() has no argument '1'; parameters: a, b", "1"),
        ({Unsendable("Model"): 2}, "add() has no argument '<Model>'; parameters: a, b", "<Model>"),
        ({"x" * 500: 2}, f"add() has no argument '{'x' * 59}…'; parameters: a, b", f"{'x' * 59}…"),
        ({10**5_000: 2}, "add() has no argument '<int>'; parameters: a, b", "<int>"),
        (
            dict.fromkeys("cdefghijklmn"),
            "add() has no argument 'c', 'd', 'e', 'f', 'g', 'h', 'i', 'j', 'k', 'l' and 2 more; parameters: a, b",
            "c",
        ),
    ],
)
def test_invalid_calls_are_rejected(arguments: Any, message: str, argument: str | None) -> None:
    error = rejection(add, arguments)
    assert str(error) == message
    assert error.argument == argument
    # It is sent as JSON.
    assert argument is None or type(error.argument) is str


def test_variable_arguments_are_described_as_the_list_that_callers_send() -> None:
    def collect(*numbers: int) -> None: ...

    def gather(*values) -> None: ...  # type: ignore[no-untyped-def]

    assert str(rejection(collect, {"numbers": 1})) == "collect(): argument 'numbers' must be list[int]; got int (1)"
    assert str(rejection(collect, {"numbers": [1, "a"]})) == (
        "collect(): argument 'numbers' must be list[int]; got list: Expected int, got str at numbers[1]"
    )
    assert str(rejection(gather, {"values": 1})) == "gather(): argument 'values' must be list; got int (1)"


def test_keyword_arguments_of_any_name_must_have_strings_as_names() -> None:
    def collect(**named: int) -> int:
        return len(named)

    assert call(collect, {"a": 1, "not an identifier": 2}) == 2
    assert str(rejection(collect, {(1, 2): 1})) == "collect(): argument names must be strings; got (1, 2)"
    assert str(rejection(collect, {"x" * 500: "?"})) == (
        f"collect(): argument '{'x' * 59}…' must be int; got str (\"?\")"
    )


def test_a_tool_without_parameters_accepts_no_arguments() -> None:
    def nothing() -> None: ...

    assert call(nothing, {}) is None
    assert str(rejection(nothing, {"a": 1})) == "nothing() has no argument 'a'; parameters: none"


@pytest.mark.parametrize(
    ("given", "meant"),
    [("nmae", "name"), ("maxItems", "max_items"), ("MAX_ITEMS", "max_items"), ("max_item", "max_items")],
)
def test_an_unknown_argument_is_compared_with_the_parameters(given: str, meant: str) -> None:
    def find(name: str = "", max_items: int = 1) -> None: ...

    assert str(rejection(find, {given: 1})) == (
        f"find() has no argument '{given}'; did you mean '{meant}'? parameters: name, max_items"
    )


def test_a_parameter_that_was_given_is_not_suggested() -> None:
    def find(name: str) -> None: ...

    assert str(rejection(find, {"name": "a", "names": "b"})) == "find() has no argument 'names'; parameters: name"


def test_an_error_within_an_argument_has_its_path() -> None:
    def total(values: list[float], point: Point | None = None) -> None: ...

    assert str(rejection(total, {"values": [1, "x"]})) == (
        "total(): argument 'values' must be list[float]; got list: Expected float, got str at values[1]"
    )
    assert str(rejection(total, {"values": [], "point": {"x": "a"}})) == (
        "total(): argument 'point' must be Point | None; got dict: Expected int, got str at point.x"
    )


def test_constraints_are_checked() -> None:
    def grow(by: typing.Annotated[int, msgspec.Meta(ge=1)]) -> None: ...

    assert "Expected int >= 1" in str(rejection(grow, {"by": 0}))


def test_defaults_are_pythons_own() -> None:
    shared: list[int] = [1]

    def append(item: int = 3, items: list[int] = shared, note: str = None) -> list[int]:  # type: ignore[assignment]  # noqa: RUF013
        items.append(item)
        return items

    assert call(append, {}) is shared
    assert call(append, {"note": None}) == [1, 3, 3]
    assert call(append, {"items": [], "note": "text"}) == [3]


def test_a_default_may_be_of_any_type() -> None:
    array = np.arange(3)

    def keep(value: int = array) -> Any:  # type: ignore[assignment]
        return value

    assert call(keep, {}) is array


@pytest.mark.parametrize(
    ("annotation", "value", "expected"),
    [
        (int, 2**70, 2**70),
        (int | None, None, None),
        (int | str, "x", "x"),
        (Literal["a", "b"], "a", "a"),
        (Colour, "red", Colour.RED),
        (Point, {"x": 1}, Point(1)),
        (Options, {"depth": 2}, {"depth": 2}),
        (list[Point], [{"x": 1}, {"x": 2, "y": 3}], [Point(1), Point(2, 3)]),
        (tuple[int, ...], [1, 2], (1, 2)),
        (set[int], [1, 2], {1, 2}),
        (set[int], {1, 2}, {1, 2}),
        (frozenset[int], {1, 2}, frozenset({1, 2})),
        (dict[str, list[int]], {"a": [1]}, {"a": [1]}),
        (bytes, b"ab", b"ab"),
        (complex, 1.5, 1.5 + 0j),
        (complex, 2j, 2j),
        (pathlib.Path, "/tmp/x", pathlib.Path("/tmp/x")),  # noqa: S108
        (np.float32, 1.5, np.float32(1.5)),
        (datetime.datetime, datetime.datetime(2024, 1, 2, 3), datetime.datetime(2024, 1, 2, 3)),
        (datetime.date, "2024-01-02", datetime.date(2024, 1, 2)),
        (datetime.timedelta, datetime.timedelta(1), datetime.timedelta(1)),
        (uuid.UUID, uuid.UUID(int=1), uuid.UUID(int=1)),
        (decimal.Decimal, decimal.Decimal("1.5"), decimal.Decimal("1.5")),
        (Any, {"anything": 1}, {"anything": 1}),
    ],
)
def test_annotations_that_are_converted(annotation: Any, value: Any, expected: Any) -> None:
    def take(value: Any) -> Any:
        return value

    take.__annotations__["value"] = annotation
    converted = call(take, {"value": value})
    assert converted == expected
    assert type(converted) is type(expected)


@pytest.mark.parametrize(
    "annotation",
    [
        np.ndarray,
        npt.NDArray[np.float64],
        np.ndarray | None,
        np.ndarray | list[float],  # more than msgspec can tell apart
        npt.ArrayLike,
        Any,
        object,
        typing.TypeVar("Anything"),
        "Unknown",  # known to the type checker only
    ],
)
def test_an_array_is_passed_as_it_is(annotation: Any) -> None:
    def take(value: Any) -> Any:
        return value

    take.__annotations__["value"] = annotation
    array = np.arange(4.0)
    assert call(take, {"value": array}) is array


@pytest.mark.parametrize("annotation", [Drawable, list[Drawable], dict[str, Drawable] | list[Drawable]])
def test_what_cannot_be_checked_is_passed_as_it_is(annotation: Any) -> None:
    def take(value: Any) -> Any:
        return value

    take.__annotations__["value"] = annotation
    given = [Custom()]
    assert call(take, {"value": given}) == given


@pytest.mark.parametrize(
    ("annotation", "value", "message"),
    [
        (np.ndarray, [1.0], "must be numpy.ndarray; got list"),
        (bytes, "aGVsbG8=", 'must be bytes; got str ("aGVsbG8=")'),
        (str, b"ab", "must be str; got bytes"),
        (Colour, "blue", "got str (\"blue\"): Invalid enum value 'blue'"),
        (Literal["a"], "c", "must be Literal['a']; got str (\"c\"): Invalid enum value 'c'"),
        (int, 1.5, "must be int; got float (1.5)"),
        (int, 2.0**60, "got float (1.152921504606847e+18); send integers beyond 2 ** 53 - 1 as bigint"),
        (int | None, -(2.0**53), "as bigint, for example BigInt(text)"),
        (Custom, {"a": 1}, "Custom; got dict"),
        (list[float], np.arange(2.0), "must be list[float]; got ndarray"),
    ],
)
def test_values_that_do_not_fit(annotation: Any, value: Any, message: str) -> None:
    def take(value: Any) -> Any:
        return value

    take.__annotations__["value"] = annotation
    assert message in str(rejection(take, {"value": value}))


@pytest.mark.parametrize(("annotation", "value"), [(int, 1.5), (int, 1e400), (str, 2.0**60)])
def test_only_large_integers_have_the_hint_to_send_a_bigint(annotation: Any, value: Any) -> None:
    def take(value: Any) -> Any:
        return value

    take.__annotations__["value"] = annotation
    assert "bigint" not in str(rejection(take, {"value": value}))


def test_every_kind_of_parameter() -> None:
    def take(a: int, /, b: int, *rest: float, c: int, d: int = 4, **more: int) -> Any:
        return a, b, rest, c, d, more

    assert call(take, {"a": 1, "b": 2, "c": 3}) == (1, 2, (), 3, 4, {})
    assert call(take, {"a": 1, "b": 2, "rest": [1, 2], "c": 3, "d": 5, "z": 6}) == (1, 2, (1.0, 2.0), 3, 5, {"z": 6})
    assert str(rejection(take, {"a": 1, "b": 2, "c": 3, "z": "x"})) == (
        "take(): argument 'z' must be int; got str (\"x\")"
    )
    assert str(rejection(take, {"b": 2, "c": 3})) == "take() requires argument 'a'"
    assert "argument 'rest' must be" in str(rejection(take, {"a": 1, "b": 2, "rest": ["x"], "c": 3}))


def test_parameters_may_have_any_name() -> None:
    def take(__a: int, _b: int = 2, cls: int = 3, self: int = 4) -> Any:
        return __a, _b, cls, self

    assert call(take, {"__a": 1, "self": 5}) == (1, 2, 3, 5)


def test_one_unknown_annotation_does_not_hide_the_others() -> None:
    def take(a: Unknown, b: int) -> Any:
        return a, b

    assert call(take, {"a": "anything", "b": 1}) == ("anything", 1)
    assert "argument 'b' must be int" in str(rejection(take, {"a": 1, "b": "x"}))


def test_a_pydantic_like_model_is_validated_by_itself() -> None:
    class Model:
        def __init__(self, value: int) -> None:
            self.value = value

        @classmethod
        def model_validate(cls, value: Any) -> Model:
            if not isinstance(value, dict) or "value" not in value:
                raise ValueError("value is missing")
            return cls(value["value"])

    def take(model: Any) -> Any:
        return model.value

    take.__annotations__["model"] = Model
    assert call(take, {"model": {"value": 3}}) == 3
    assert str(rejection(take, {"model": {}})).endswith("got dict: value is missing")
