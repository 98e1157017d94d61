"""Generated annotations: unions, enumerations and constraints, alone and within containers and classes."""

# Annotations are objects here: many are created in loops.

import dataclasses
import datetime
import decimal
import enum
import ipaddress
import itertools
import pathlib
import typing
import uuid
from collections.abc import Callable
from typing import Annotated, Any, NamedTuple

import annotated_types
import msgspec
import numpy as np
import pydantic
import pytest

from .argument_checks import bound, rejection


@dataclasses.dataclass
class Point:
    x: int
    y: int


class Cat(pydantic.BaseModel):
    name: str
    lives: pydantic.PositiveInt = 9


class Pair(NamedTuple):
    left: float
    right: float


class Rate(enum.Enum):
    LOW = 0.5
    HIGH = 1.5


class Nowhere:
    """A class that no annotation here accepts."""


@dataclasses.dataclass
class Sample:
    """An annotation, and values as they arrive."""

    name: str
    annotation: Any
    right: list[tuple[Any, Any]]
    """Values, each with the value that the function receives."""
    wrong: list[Any]


UUID = uuid.UUID(int=5)

TYPES = [
    Sample("int", int, [(7, 7)], [7.5, True, {"a": 1}]),
    Sample("bytes", bytes, [(b"ab", b"ab")], [7.5, {"a": 1}]),
    Sample("bool", bool, [(True, True)], [7.5, {"a": 1}]),
    Sample("UUID", uuid.UUID, [(UUID, UUID), (str(UUID), UUID)], [7.5, {"a": 1}, "?\0"]),
    Sample("date", datetime.date, [(datetime.date(2024, 1, 2),) * 2], [7.5, {"a": 1}, "?\0"]),
    Sample("Path", pathlib.Path, [("/some/where", pathlib.Path("/some/where"))], [7.5, {"a": 1}]),
    Sample("IPv4Address", ipaddress.IPv4Address, [("10.0.0.1", ipaddress.IPv4Address("10.0.0.1"))], [7.5, {"a": 1}]),
    Sample("Rate", Rate, [(0.5, Rate.LOW), (1.5, Rate.HIGH)], [7.5, True, {"a": 1}]),
    Sample("Point", Point, [({"x": 1, "y": 2}, Point(1, 2))], [7.5, {"x": 1}, {"x": "1", "y": 2}]),
    Sample("Cat", Cat, [({"name": "Tom", "lives": 3}, Cat(name="Tom", lives=3))], [7.5, {"name": "Tom", "lives": 0}]),
    Sample("Pair", Pair, [({"left": 1.5, "right": 2}, Pair(1.5, 2.0))], [7.5, {"left": 1.5, "right": "2"}]),
    Sample("ndarray", np.ndarray, [(array := np.arange(3.0), array)], [7.5, {"a": 1}]),
]


def unions() -> list[Sample]:
    return [
        Sample(
            f"{one.name} | {other.name}",
            typing.Union[one.annotation, other.annotation],  # noqa: UP007 (of objects)
            one.right + other.right,
            [each for each in one.wrong if any(str(each) == str(wrong) for wrong in other.wrong)],
        )
        for one, other in itertools.combinations(TYPES, 2)
    ]


def enums() -> list[Sample]:
    values: dict[str, tuple[Any, Any, Any, Any]] = {
        # Two values of members, the second in wire form, and a value of no member.
        "str": ("a", "b", "b", "c"),
        "int": (1, 2, 2, 3),
        "float": (0.5, 2.0, 2, 0.6),
        "tuple": ((1, 2), (3, "x"), [3, "x"], [3, "y"]),
        "None": ("x", None, None, False),
        "dataclass": (Point(1, 2), Point(3, 4), {"x": 3, "y": 4}, {"x": 3, "y": 5}),
        "Decimal": (decimal.Decimal("0.1"), decimal.Decimal("0.2"), decimal.Decimal("0.20"), decimal.Decimal("0.3")),
        "date": (datetime.date(2024, 1, 1), datetime.date(2024, 1, 2), "2024-01-02", "2024-01-03"),
        "frozenset": (frozenset({1}), frozenset({1, 2}), {1, 2}, {3}),
    }
    samples = []
    for name, (first, second, sent, wrong) in values.items():
        kind: Any = enum.Enum(f"Of_{name}", {"FIRST": first, "SECOND": second})
        samples.append(Sample(f"enum of {name}", kind, [(sent, kind.SECOND)], [wrong, Nowhere, 10**30]))
    return samples


def constraints() -> list[Sample]:
    def positive(name: str, annotation: Any) -> Sample:
        return Sample(name, annotation, [(1, 1), (2**40, 2**40)], [-1, 0, "9", True, 1.5, None])

    def filled(name: str, annotation: Any) -> Sample:
        return Sample(name, annotation, [([Rate.LOW.value], [Rate.LOW])], [[], [0.6], ["0.5"], 5])

    def initial(name: str, annotation: Any) -> Sample:
        return Sample(name, annotation, [("ab", "ab")], ["ba", 5, b"ab"])

    return [
        positive("msgspec gt", Annotated[int, msgspec.Meta(gt=0)]),
        positive("pydantic gt", Annotated[int, pydantic.Field(gt=0)]),
        positive("annotated_types gt", Annotated[int, annotated_types.Gt(0)]),
        positive("PositiveInt", pydantic.PositiveInt),
        positive("conint", pydantic.conint(ge=1)),
        positive("interval", Annotated[int, annotated_types.Interval(ge=1)]),
        positive("predicate", Annotated[int, annotated_types.Predicate(lambda value: value > 0)]),
        filled("msgspec length", Annotated[list[Rate], msgspec.Meta(min_length=1)]),
        filled("pydantic length", Annotated[list[Rate], pydantic.Field(min_length=1)]),
        filled("annotated_types length", Annotated[list[Rate], annotated_types.MinLen(1)]),
        initial("msgspec pattern", Annotated[str, msgspec.Meta(pattern="^a")]),
        initial("pydantic pattern", Annotated[str, pydantic.Field(pattern="^a")]),
    ]


def identity(value: Any) -> Any:
    return value


@dataclasses.dataclass
class Nesting:
    """A position of a value within another."""

    name: str
    annotation: Callable[[Any], Any]
    wrap: Callable[[Any], Any]
    unwrap: Callable[[Any], Any]
    place: str


def typed_dict(annotation: Any) -> Any:
    return typing.TypedDict("Holder", {"it": annotation})  # type: ignore[operator]


def model(annotation: Any) -> Any:
    config = pydantic.ConfigDict(arbitrary_types_allowed=True)
    return pydantic.create_model("Holder", __config__=config, it=(annotation, ...))


def data_class(annotation: Any) -> Any:
    return dataclasses.make_dataclass("Holder", [("it", annotation)])


NESTINGS = [
    Nesting("alone", identity, identity, identity, ""),
    Nesting("list", lambda it: list[it], lambda it: [it], lambda got: got[0], " at value[0]"),
    Nesting("dict", lambda it: dict[str, it], lambda it: {"k": it}, lambda got: got["k"], " at value.k"),
    Nesting("dataclass", data_class, lambda it: {"it": it}, lambda got: got.it, " at value.it"),
    Nesting("TypedDict", typed_dict, lambda it: {"it": it}, lambda got: got["it"], " at value.it"),
    Nesting("model", model, lambda it: {"it": it}, lambda got: got.it, " at value.it"),
]
SAMPLES = [*TYPES, *unions(), *enums(), *constraints()]
CASES = list(itertools.product(SAMPLES, NESTINGS))


def test_enough_annotations_are_generated() -> None:
    assert len(CASES) >= 300
    assert all(sample.right and sample.wrong for sample in SAMPLES)


@pytest.mark.parametrize("nesting", NESTINGS, ids=lambda nesting: nesting.name)
@pytest.mark.parametrize("sample", SAMPLES, ids=lambda sample: sample.name)
def test_valid_values_are_converted_and_invalid_ones_rejected_with_the_path(sample: Sample, nesting: Nesting) -> None:
    annotation = nesting.annotation(sample.annotation)
    for sent, expected in sample.right:
        got = nesting.unwrap(bound(annotation, nesting.wrap(sent)))
        assert type(got) is type(expected), f"{sent!r} became {got!r}"
        assert got is expected if isinstance(expected, np.ndarray) else got == expected
    for wrong in sample.wrong:
        message = rejection(annotation, nesting.wrap(wrong))
        assert message.startswith("argument 'value' must be ")
        assert nesting.place.removeprefix(" at ") in message, message
