import collections
import dataclasses
import datetime
import decimal
import enum
import pathlib
import typing
import uuid
from typing import Any, ClassVar, Generic, NamedTuple, NewType, TypedDict, TypeVar

import attrs
import msgspec
import numpy as np
import pytest

from snakepit_bridge._values import decode, encode

from .argument_checks import bound, rejection

Value = TypeVar("Value")
Place = TypeVar("Place", bound=pathlib.PurePosixPath)
Amount = TypeVar("Amount", int, decimal.Decimal)


class Rate(enum.Enum):
    LOW = 0.5


class Pair(NamedTuple):
    left: int
    right: str = "r"


Loose = collections.namedtuple("Loose", ["a", "b"])


@dataclasses.dataclass
class Line:
    pair: Pair
    rate: Rate = Rate.LOW
    where: pathlib.PurePosixPath | None = None


@dataclasses.dataclass(kw_only=True, slots=True)
class Sum:
    a: int
    b: dataclasses.InitVar[int]
    total: int = dataclasses.field(init=False, default=0)
    kind: ClassVar[str] = "sum"

    def __post_init__(self, b: int) -> None:
        if b < 0:
            raise ValueError("b must not be negative")
        self.total = self.a + b


@dataclasses.dataclass
class Base:
    name: str
    items: list[int] = dataclasses.field(default_factory=list)


@dataclasses.dataclass
class Derived(Base):
    rate: Rate = Rate.LOW


@dataclasses.dataclass
class Box(Generic[Value]):
    value: Value
    more: list[Value] = dataclasses.field(default_factory=list)


@dataclasses.dataclass
class RateBox(Box[Rate]):
    note: str = ""


class Handmade:
    def __init__(self, size: int) -> None:
        self.size = size


@dataclasses.dataclass(init=False)
class OwnConstructor:
    size: int

    def __init__(self, size: int) -> None:
        self.size = 2 * size


class Settings(TypedDict, total=False):
    rate: Rate
    path: pathlib.PurePosixPath


@attrs.define
class Item:
    count: int = attrs.field(validator=attrs.validators.gt(0))
    price: decimal.Decimal = attrs.field(converter=decimal.Decimal, default=decimal.Decimal(1))
    _hidden: int = 5
    made: int = attrs.field(init=False, default=7)


class Event(msgspec.Struct, rename="camel", forbid_unknown_fields=True):
    event_rate: Rate
    event_count: int = 0


UserPath = NewType("UserPath", pathlib.PurePosixPath)


class UserId(int): ...


class Stack(list[int]): ...


class Reading(datetime.datetime):
    """Like classes of pandas, it parses more strings than its base class."""

    def __new__(cls, *args: Any) -> Any:
        if isinstance(args[0], str):
            return cls.strptime(args[0], "%d.%m.%Y") if args[0] != "NaT" else None
        if isinstance(args[0], datetime.datetime):
            return super().__new__(cls, *args[0].timetuple()[:6])
        return super().__new__(cls, *args)


def test_a_named_tuple_is_accepted_as_an_object_and_as_an_array() -> None:
    sent = decode(bytes(encode(Pair(1, "x")).body), [])
    assert sent == {"left": 1, "right": "x"}
    assert bound(Pair, sent) == Pair(1, "x")
    assert bound(Pair, [1, "x"]) == bound(Pair, (1, "x")) == Pair(1, "x")
    assert bound(Pair, [1]) == bound(Pair, {"left": 1}) == Pair(1)
    assert type(bound(list[Pair], [[1], {"left": 2}])[1]) is Pair
    assert bound(Loose, {"a": 1, "b": None}) == bound(Loose, [1, None]) == Loose(1, None)
    assert bound(Line, {"pair": [1]}) == Line(Pair(1))


@pytest.mark.parametrize(
    ("value", "reason"),
    [
        ({"right": "x"}, "Object missing required field left"),
        ([1, "x", 2], "Expected array of length 1 to 2, got 3"),
        (["x"], "Expected int, got str at value.left"),
        ({"left": 1, "right": 2}, "Expected str, got int at value.right"),
    ],
)
def test_an_invalid_named_tuple_is_rejected(value: Any, reason: str) -> None:
    assert rejection(Pair, value).endswith(reason)
    assert "at value.pair" in rejection(Line, {"pair": value})


def test_a_dataclass_is_created_by_its_constructor() -> None:
    made = bound(Sum, {"a": 1, "b": 2, "total": 99})
    assert (made.a, made.total) == (1, 3)
    assert rejection(Sum, {"a": 1, "b": -2}).endswith("b must not be negative")
    assert rejection(list[Sum], [{"a": 1, "b": -2}]).endswith("b must not be negative at value[0]")
    assert rejection(Sum, {"a": 1, "b": "x"}).endswith("Expected int, got str at value.b")
    assert rejection(Sum, {"a": 1}).endswith("Object missing required field b")
    assert bound(OwnConstructor, {"size": 2}).size == 4


def test_derived_generic_and_nested_dataclasses_are_checked() -> None:
    assert bound(Derived, {"name": "x", "rate": 0.5}) == Derived("x", [], Rate.LOW)
    assert rejection(Derived, {"name": "x", "items": ["y"]}).endswith("at value.items[0]")
    assert bound(Box[Rate], {"value": 0.5, "more": [0.5]}) == Box(Rate.LOW, [Rate.LOW])
    assert bound(RateBox, {"value": 0.5}) == RateBox(Rate.LOW)
    assert rejection(RateBox, {"value": 0.6}).endswith("at value.value")
    assert rejection(Box[int], {"value": "x"}).endswith("Expected int, got str at value.value")
    assert rejection(dict[str, Box[Pair]], {"a": {"value": [1], "more": [["x"]]}}).endswith("at value.a.more[0].left")


def test_a_tuple_without_elements_accepts_none() -> None:
    for annotation in (tuple[()], typing.Tuple[()]):  # noqa: UP006 (users have both)
        assert bound(annotation, []) == ()
        assert rejection(annotation, [1]).endswith("Expected array of length 0, got 1")


def test_type_variables_and_new_types_are_resolved() -> None:
    path = pathlib.PurePosixPath("/x")
    assert bound(Place, "/x") == bound(list[Place], ["/x"])[0] == path  # type: ignore[valid-type]
    assert bound(Amount, 1) == 1
    assert bound(Amount, "1.5") == decimal.Decimal("1.5")
    assert bound(UserPath, "/x") == path
    assert "argument 'value' must be" in rejection(Place, 5)


def test_a_typed_dict_is_checked_key_by_key() -> None:
    assert bound(Settings, {}) == {}
    assert bound(Settings, {"rate": 0.5, "path": "/x", "other": 1}) == {
        "rate": Rate.LOW,
        "path": pathlib.PurePosixPath("/x"),
    }
    assert rejection(Settings, {"rate": 7}).endswith("Invalid enum value 7 at value.rate")


def test_an_attrs_class_runs_its_validators_and_converters() -> None:
    assert bound(Item, {"count": 1, "price": "1.5"}) == Item(1, decimal.Decimal("1.5"))
    assert bound(Item, {"count": 1, "_hidden": 6, "made": 9}) == bound(Item, {"count": 1, "hidden": 6})
    assert "must be > 0" in rejection(Item, {"count": 0})
    assert rejection(list[Item], [{"count": "x"}]).endswith("Expected int, got str at value[0].count")


def test_a_msgspec_struct_may_have_fields_of_unsupported_types() -> None:
    assert bound(Event, {"eventRate": 0.5, "eventCount": 2}) == Event(Rate.LOW, 2)
    assert "unknown field event_rate" in rejection(Event, {"event_rate": 0.5})


def test_a_subclass_of_datetime_parses_the_strings_that_it_supports() -> None:
    for value in ("02.01.2024", datetime.datetime(2024, 1, 2), "2024-01-02T00:00:00"):
        got = bound(Reading, value)
        assert (type(got), got) == (Reading, Reading(2024, 1, 2))
    for wrong in ("NaT", "soon", 5):
        assert "argument 'value' must be" in rejection(Reading, wrong)


class Moment(datetime.datetime): ...


class Day(datetime.date): ...


class Hour(datetime.time): ...


class Span(datetime.timedelta): ...


class Id(uuid.UUID): ...


class FineMoment(datetime.datetime):
    """Like ``pandas.Timestamp``: parses strings, and keeps nanoseconds."""

    source = ""

    def __new__(cls, value: Any) -> "FineMoment":
        moment = datetime.datetime.__new__(cls, 2024, 1, 1)
        moment.source = str(value)
        return moment


@pytest.mark.parametrize(
    ("annotation", "value"),
    [
        (Moment, datetime.datetime(2024, 6, 1, 12, tzinfo=datetime.timezone.utc)),
        (Moment, datetime.datetime(2024, 10, 27, 2, 30, fold=1)),
        (Day, datetime.date(2024, 6, 1)),
        (Hour, datetime.time(12, 30, 0, 5)),
        (Span, datetime.timedelta(1, 2, 3)),
        (Id, uuid.UUID(int=5)),
    ],
)
def test_a_subclass_whose_constructor_takes_only_parts_is_constructed(annotation: Any, value: Any) -> None:
    made = bound(annotation, value)
    assert type(made) is annotation
    assert made == value
    assert rejection(annotation, 5)


def test_a_string_with_nanoseconds_is_parsed_by_the_subclass_and_not_rounded_by_its_base() -> None:
    """V6."""
    text = "2024-01-01T00:00:00.000000001"
    assert bound(FineMoment, text).source == text


def test_subclasses_of_scalars_and_containers_are_checked() -> None:
    assert type(bound(UserId, 5)) is UserId
    assert type(bound(dict[str, Stack], {"a": [1]})["a"]) is Stack
    for annotation, value in ((UserId, "5"), (UserId, True), (Stack, ["x"]), (Stack, 5)):
        assert "argument 'value' must be" in rejection(annotation, value)


@pytest.mark.parametrize(
    ("annotation", "value"),
    [
        (Pair, Pair(1, "x")),
        (Line, Line(Pair(1), Rate.LOW)),
        (Derived, Derived("x", [1], Rate.LOW)),
        (Box[Rate], Box(Rate.LOW)),
        (Item, Item(2, decimal.Decimal("2.5"), 6)),
        (Event, Event(Rate.LOW, 4)),
        (Rate, Rate.LOW),
        (collections.deque[int], collections.deque([1, 2])),
        (collections.Counter[str], collections.Counter("aab")),
        (collections.OrderedDict[str, int], collections.OrderedDict(a=1)),
        (dict[tuple[int, int], Pair], {(1, 2): Pair(3)}),
        (set[Rate], {Rate.LOW}),
        (complex, 1j),
        (np.float32, np.float32(0.1)),
        (np.timedelta64, np.timedelta64(5, "us")),
        (np.datetime64, np.datetime64("2024-01-02T03:04:05.123456789")),
        (np.timedelta64, np.timedelta64(5, "ns")),
        (np.longdouble, np.longdouble(1) / 3),
        (datetime.date, datetime.date(2024, 1, 2)),
    ],
)
def test_a_parameter_accepts_the_sent_form_of_its_type(annotation: Any, value: Any) -> None:
    message = encode(value)
    got = bound(annotation, decode(bytes(message.body), [bytes(each) for each in message.buffers]))
    assert got == value
    assert type(got) is type(value)
