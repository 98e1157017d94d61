"""The wire forms of Python objects."""

from __future__ import annotations

import array
import collections
import dataclasses
import datetime as dt
import enum
import types
import uuid
from decimal import Decimal
from typing import Any, NamedTuple, TypedDict

import msgspec
import pytest

from snakepit_bridge._values import Unsendable, decode, encode


def round_trip(value: Any) -> Any:
    encoded = encode(value)
    return decode(encoded.body, [bytearray(buffer) for buffer in encoded.buffers])


@dataclasses.dataclass
class Point:
    x: int
    _private: Any = None
    kind: dataclasses.InitVar[str] = "p"


@dataclasses.dataclass(slots=True, frozen=True)
class Single:
    only: int


@dataclasses.dataclass
class Nothing:
    pass


class Pair(NamedTuple):
    left: int
    right: int


class Color(enum.Enum):
    RED = "red"
    BLUE = 2


class Level(enum.IntEnum):
    HIGH = 3


class Mode(str, enum.Enum):
    FAST = "fast"


class Row(TypedDict):
    name: str


class Struct(msgspec.Struct, rename="camel"):
    first_name: str


class Tagged(msgspec.Struct, tag="disk", tag_field="kind"):
    radius: float


class Model:
    """Looks like a pydantic model."""

    def model_dump(self) -> dict[str, Any]:
        return {"when": dt.date(2024, 1, 2), "deep": {1, 2}}


class Attrs:
    """Looks like an attrs class."""

    __attrs_attrs__ = (types.SimpleNamespace(name="a"), types.SimpleNamespace(name="b"))

    def __init__(self) -> None:
        self.a, self.b = 1, [2]


class Whole(int):
    pass


class Real(float):
    pass


class Text(str):
    __slots__ = ()

    def __str__(self) -> str:
        return "another text"


@pytest.mark.parametrize(
    ("value", "received"),
    [
        (Point(1, {"a": Pair(1, 2)}), {"x": 1, "_private": {"a": {"left": 1, "right": 2}}}),
        (Single(1), {"only": 1}),
        (Nothing(), {}),
        (Color.RED, "red"),
        ([Color.BLUE, Level.HIGH, Mode.FAST], [2, 3, "fast"]),
        ({Color.RED: 1, Mode.FAST: 2}, {"red": 1, "fast": 2}),
        (Row(name="a"), {"name": "a"}),
        (Struct("a"), {"firstName": "a"}),
        (Tagged(1.5), {"kind": "disk", "radius": 1.5}),
        (Model(), {"when": dt.date(2024, 1, 2), "deep": {1, 2}}),
        (Attrs(), {"a": 1, "b": [2]}),
        (collections.OrderedDict(b=1, a=2), {"b": 1, "a": 2}),
        (collections.defaultdict(list, a=[1]), {"a": [1]}),
        (collections.Counter("aab"), {"a": 2, "b": 1}),
        (types.MappingProxyType({"a": 1}), {"a": 1}),
        (collections.ChainMap({"a": 1}, {"b": 2}), {"b": 2, "a": 1}),
        (collections.deque([1, 2]), [1, 2]),
        ((1, (2, 3)), [1, [2, 3]]),
        ([Whole(5), Real(0.5), Text("a"), Whole(2**70)], [5, 0.5, "a", 2**70]),
        (bytearray(b"ab"), b"ab"),
        (memoryview(b"abcdef")[::2], b"ace"),
        (memoryview(array.array("d", [0.0])), bytes(8)),
        (frozenset({1}), {1}),
        ({frozenset({1}): (1, 2)}, {frozenset({1}): [1, 2]}),
        ({(1, ("a",)): 1}, {(1, ("a",)): 1}),
        ({1: "a", 2.5: "b", None: "c", "d": "d"}, {1: "a", 2.5: "b", None: "c", "d": "d"}),
        ({uuid.UUID(int=1): {dt.date(2024, 1, 2): 3}}, {uuid.UUID(int=1): {dt.date(2024, 1, 2): 3}}),
        ({2**64: Decimal("1.50")}, {2**64: Decimal("1.50")}),
        ([{1: [{2: {"a": b"x" * 20_000}}]}], [{1: [{2: {"a": b"x" * 20_000}}]}]),
    ],
    ids=repr,
)
def test_python_objects_arrive_in_their_wire_form(value: Any, received: Any) -> None:
    assert round_trip(value) == received
    assert repr(round_trip(value)) == repr(received)


def test_a_mark_arrives_as_a_mark() -> None:
    mark = round_trip([Unsendable("torch.nn.Linear")])[0]
    assert type(mark) is Unsendable
    assert (mark, mark.what) == ("<torch.nn.Linear>", "torch.nn.Linear")


def test_rewriting_does_not_modify_a_dict() -> None:
    value = {1: [b"x" * 20_000], "deep": {Color.RED: (1, 2)}}
    copy = {1: [b"x" * 20_000], "deep": {Color.RED: (1, 2)}}
    round_trip(value)
    assert value == copy


@pytest.mark.parametrize(
    "value",
    [
        b"x" * 20_000,
        bytearray(20_000),
        memoryview(bytes(40_000))[::2],
        {"a": [1, (b"x" * 20_000,)]},
        Point(1, [b"x" * 20_000]),
        {1: b"x" * 20_000},
        frozenset([b"x" * 20_000]),
    ],
    ids=lambda value: type(value).__name__,
)
def test_large_bytes_are_sent_next_to_the_body(value: Any) -> None:
    encoded = encode(value)
    assert [buffer.nbytes for buffer in encoded.buffers] == [20_000]
    assert len(encoded.body) < 100
    assert encoded.byte_length == len(encoded.body) + 20_000
    assert decode(encoded.body, encoded.buffers) is not None


def test_large_bytes_among_many_small_values_stay_in_the_body() -> None:
    value = [*range(50_000), b"x" * 20_000]
    encoded = encode(value)
    assert not encoded.buffers
    assert decode(encoded.body) == value


def test_bytes_arrive_as_bytes_in_the_body_and_next_to_it() -> None:
    assert type(round_trip(bytearray(10))) is bytes
    assert type(round_trip(bytearray(20_000))) is bytes


def test_the_conversion_cache_is_bounded() -> None:
    for number in range(3_000):
        kind = dataclasses.make_dataclass(f"Made{number}", [("a", int)])
        assert round_trip(kind(number)) == {"a": number}
    assert round_trip({1, 2}) == {1, 2}
