"""Subclasses of known types: sent completely, or rejected with a remedy that works (V6, V7)."""

from __future__ import annotations

import collections
import dataclasses
import datetime as dt
import os
import re
from collections.abc import Iterator, Mapping
from decimal import Decimal
from typing import Any, NamedTuple

import numpy as np
import pytest

from snakepit_bridge._values import SerializationError, decode, encode


def round_trip(value: Any) -> Any:
    encoded = encode(value)
    return decode(encoded.body, [bytearray(buffer) for buffer in encoded.buffers])


class Counted(dict[str, Any]):
    def __init__(self, *items: Any) -> None:
        super().__init__(*items)
        self.source = "s"


class Elsewhere(dict[str, Any]):
    """A dict that keeps its items in another dict, as the dok_matrix of scipy does."""

    def __init__(self) -> None:
        super().__init__()
        self._items = {"a": 1}


class Rows(list[int]):
    __slots__ = ("header",)


class Labels(set[str]):
    source = ""


class Pair(tuple[int, ...]):
    unit = ""


class Meters(float):
    unit = ""


class Whole(int):
    unit = ""


class Text(str):
    language = ""


class Price(Decimal):
    currency = ""


class Moment(dt.datetime):
    event = ""


class Span(dt.timedelta):
    event = ""


class Lookup(Mapping[str, Any]):
    def __init__(self, items: dict[str, Any]) -> None:
        self._items = items
        self.origin = "o"

    def __getitem__(self, name: str) -> Any:
        return self._items[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self._items)

    def __len__(self) -> int:
        return len(self._items)


class Named(NamedTuple):
    x: int


class Tagged(Named):
    tag = ""


def with_attribute(value: Any, name: str, content: Any) -> Any:
    setattr(value, name, content)
    return value


@dataclasses.dataclass
class DictRecord(dict[str, Any]):
    name: str = "n"


@dataclasses.dataclass
class ListRecord(list[int]):
    name: str = "n"


def filled(value: Any, content: Any) -> Any:
    (value.update if isinstance(value, dict) else value.extend)(content)
    return value


LOST: list[tuple[Any, dict[str, Any]]] = [
    (Counted({"a": 1}), {"content": {"a": 1}, "source": "s"}),
    (Counted(), {"content": {}, "source": "s"}),
    (with_attribute(Rows([1]), "header", "h"), {"content": [1], "header": "h"}),
    (with_attribute(Labels(["a"]), "source", "s"), {"content": {"a"}, "source": "s"}),
    (with_attribute(Pair((1, 2)), "unit", "m"), {"content": [1, 2], "unit": "m"}),
    (with_attribute(Meters(1.5), "unit", "m"), {"content": 1.5, "unit": "m"}),
    (with_attribute(Whole(5), "unit", "m"), {"content": 5, "unit": "m"}),
    (with_attribute(Text("a"), "language", "en"), {"content": "a", "language": "en"}),
    (with_attribute(Price("1.50"), "currency", "EUR"), {"content": "1.50", "currency": "EUR"}),
    (with_attribute(Moment(2024, 1, 1), "event", "e"), {"content": "2024-01-01T00:00:00", "event": "e"}),
    (with_attribute(Span(1), "event", "e"), {"content": 86_400.0, "event": "e"}),
    (Lookup({"a": 1}), {"content": {"a": 1}, "origin": "o"}),
    (with_attribute(Tagged(1), "tag", "t"), {"content": [1], "tag": "t"}),
    (filled(DictRecord("x"), {"a": 1}), {"content": {"a": 1}, "name": "x"}),
    (filled(ListRecord("x"), [1, 2]), {"content": [1, 2], "name": "x"}),
]


@pytest.mark.parametrize(("value", "followed"), LOST, ids=lambda part: type(part).__name__)
def test_a_subclass_with_extra_data_is_rejected_with_a_remedy_that_works(value: Any, followed: dict[str, Any]) -> None:
    with pytest.raises(SerializationError) as failure:
        encode([{"deep": value}])
    assert failure.value.path == "result[0].deep"
    expression = failure.value.problem.rpartition("; send ")[2]
    received = round_trip(eval(expression, {"value": value}))  # noqa: S307
    assert received == followed


def test_a_dict_that_keeps_its_items_elsewhere_is_rejected_and_never_sent_as_empty() -> None:
    with pytest.raises(SerializationError, match=re.escape("Elsewhere; send vars(value)")):
        encode(Elsewhere())
    assert round_trip(vars(Elsewhere())) == {"_items": {"a": 1}}


class AttributeDict(dict[str, Any]):
    def __init__(self, *items: Any) -> None:
        super().__init__(*items)
        self.__dict__ = self


class Synchronized(dict[str, Any]):
    """Attributes that are items, too, as in many libraries."""

    def __setattr__(self, name: str, value: Any) -> None:
        super().__setattr__(name, value)
        self[name] = value


@pytest.mark.parametrize(
    ("value", "received"),
    [
        (AttributeDict({"a": 1}), {"a": 1}),
        (with_attribute(Synchronized(), "a", [1]), {"a": [1]}),
        (collections.OrderedDict(a=1), {"a": 1}),
        (collections.UserDict({"a": 1}), {"a": 1}),
        (collections.ChainMap({"a": 1}, {"b": 2}), {"a": 1, "b": 2}),
        (collections.defaultdict(list, a=[1]), {"a": [1]}),
        (Rows([1]), [1]),
        (Whole(5), 5),
        (Text("a"), "a"),
        (Moment(2024, 1, 1), dt.datetime(2024, 1, 1)),
        (with_attribute(Whole(5), "_cache", 1), 5),
        (DictRecord("x"), {"name": "x"}),
        (filled(DictRecord("x"), {"name": "x"}), {"name": "x"}),
        (ListRecord("x"), {"name": "x"}),
    ],
    ids=lambda part: type(part).__name__,
)
def test_a_subclass_without_extra_data_is_sent_as_its_base_class(value: Any, received: Any) -> None:
    assert round_trip(value) == received


def test_os_environ_is_sent_as_a_dict() -> None:
    assert round_trip(os.environ) == dict(os.environ)


class Nanoseconds(dt.timedelta):
    """Like a pandas Timedelta, more precise than its base class."""

    nanoseconds = 250

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Nanoseconds)

    __hash__ = dt.timedelta.__hash__


@pytest.mark.parametrize(
    ("value", "path"),
    [
        (Nanoseconds(0), "result"),
        ({Nanoseconds(0): 1}, "result.keys()[0]"),
        ([{"a": {Nanoseconds(1)}}], "result[0].a[0]"),
    ],
    ids=["a value", "a key", "an element of a set"],
)
def test_more_precision_than_the_base_class_is_rejected(value: Any, path: str) -> None:
    """V6."""
    with pytest.raises(SerializationError, match=r"a timedelta with nanoseconds; send value\.isoformat") as failure:
        encode(value)
    assert failure.value.path == path


class FarMoment(dt.datetime):
    """Like a pandas Timestamp of seconds, with years beyond those of its base class."""

    year = 20_000  # type: ignore[assignment]


class FarSpan(dt.timedelta):
    """Like a pandas Timedelta of seconds, longer than its base class allows."""

    days = -1_000_000_000  # type: ignore[assignment]


@pytest.mark.parametrize(
    ("value", "path", "what"),
    [
        (FarMoment(2024, 1, 1), "result", "a timestamp outside the years 1 to 9999"),
        ({FarMoment(2024, 1, 1): 1}, "result.keys()[0]", "a timestamp outside the years 1 to 9999"),
        ([{"a": FarSpan(1)}], "result[0].a", "a timedelta beyond 999,999,999 days"),
    ],
    ids=["a timestamp", "a key", "a timedelta"],
)
def test_a_range_beyond_that_of_the_base_class_is_rejected(value: Any, path: str, what: str) -> None:
    """V6."""
    with pytest.raises(SerializationError, match=rf"{what}; send value\.isoformat\(\)") as failure:
        encode(value)
    assert failure.value.path == path


@pytest.mark.parametrize(
    "value",
    [
        np.timedelta64(250, "ns"),
        np.datetime64("2024-01-01T00:00:00.000000001"),
        np.timedelta64(5, "ps"),
        np.datetime64("NaT"),
        np.timedelta64(1, "Y"),
        np.longdouble("0.1"),
    ],
    ids=repr,
)
def test_numpy_scalars_beyond_the_types_of_python_are_exact(value: Any) -> None:
    """V6: as arrays without a dimension."""
    received = round_trip([value])[0]
    assert (received.dtype, received.shape) == (np.asarray(value).dtype, ())
    assert received.tobytes()[:10] == np.asarray(value).tobytes()[:10]
