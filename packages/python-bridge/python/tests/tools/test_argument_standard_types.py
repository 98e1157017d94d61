import array
import collections
import collections.abc
import datetime
import fractions
import ipaddress
import numbers
import os
import pathlib
import re
import zoneinfo
from typing import Any, Protocol, runtime_checkable

import numpy as np
import pytest

from .argument_checks import bound, rejection, unchecked

BERLIN = zoneinfo.ZoneInfo("Europe/Berlin")


class Drawable(Protocol):
    def draw(self) -> None: ...


@runtime_checkable
class Sized(Protocol):
    def __len__(self) -> int: ...


class Engine: ...


@pytest.mark.parametrize(
    ("annotation", "value", "expected"),
    [
        (pathlib.Path, "/x", pathlib.Path("/x")),
        (pathlib.PurePosixPath, "/x", pathlib.PurePosixPath("/x")),
        (os.PathLike, "/x", pathlib.Path("/x")),
        (ipaddress.IPv4Address, "10.0.0.1", ipaddress.IPv4Address("10.0.0.1")),
        (ipaddress.IPv6Address, "::1", ipaddress.IPv6Address("::1")),
        (ipaddress.IPv4Network, "10.0.0.0/8", ipaddress.IPv4Network("10.0.0.0/8")),
        (fractions.Fraction, "1/3", fractions.Fraction(1, 3)),
        (fractions.Fraction, 0.5, fractions.Fraction(1, 2)),
        (collections.deque, [1, "a"], collections.deque([1, "a"])),
        (collections.deque[int], [1], collections.deque([1])),
        (collections.OrderedDict[str, int], {"a": 1}, collections.OrderedDict(a=1)),
        (collections.Counter, {"a": 2}, collections.Counter(a=2)),
        (collections.ChainMap[str, int], {"a": 1}, collections.ChainMap({"a": 1})),
        (array.array, [1, 2], array.array("q", [1, 2])),
        (array.array, [1.5, 2], array.array("d", [1.5, 2])),
        (array.array, np.arange(2, dtype=np.float32), array.array("f", [0, 1])),
        (re.Pattern, "a+", re.compile("a+")),
        (re.Pattern[bytes], b"a+", re.compile(b"a+")),
        (zoneinfo.ZoneInfo, "Europe/Berlin", BERLIN),
        (datetime.tzinfo, "Europe/Berlin", BERLIN),
        (datetime.time, datetime.time(12, 30), datetime.time(12, 30)),
        (datetime.timedelta, datetime.timedelta(1), datetime.timedelta(1)),
        (complex, 2, 2 + 0j),
        (frozenset[int], [1, 1], frozenset({1})),
        (collections.abc.Iterable[int], [1], [1]),
        (collections.abc.Set[int], [1], {1}),
        (collections.abc.MutableMapping[str, int], {"a": 1}, {"a": 1}),
        (memoryview, b"ab", memoryview(b"ab")),
        (numbers.Real, 1.5, 1.5),
        (Sized, [1], [1]),
    ],
)
def test_a_standard_type_is_accepted_in_its_obvious_form(annotation: Any, value: Any, expected: Any) -> None:
    for got in (
        bound(annotation, value),
        bound(list[annotation], [value])[0],
        bound(dict[str, annotation], {"a": value})["a"],
        bound(annotation | None, value),
    ):
        assert got == expected
        assert type(got) is type(expected)


@pytest.mark.parametrize(
    ("annotation", "value"),
    [
        (pathlib.Path, 5),
        (ipaddress.IPv4Address, "10.0.0.256"),
        (ipaddress.IPv4Address, 5),
        (ipaddress.IPv4Network, "10.0.0.1/8"),
        (fractions.Fraction, "1/0"),
        (fractions.Fraction, float("nan")),
        (fractions.Fraction, True),
        (collections.deque[int], ["x"]),
        (collections.deque, "abc"),
        (collections.OrderedDict[str, int], {"a": "x"}),
        (collections.Counter[str], {"a": 1.5}),
        (collections.defaultdict[str, int], [1]),
        (array.array, ["x"]),
        (array.array, [True]),
        (array.array, [2**70, 1]),
        (re.Pattern, "("),
        (re.Pattern, b"a"),
        (zoneinfo.ZoneInfo, "Nowhere/Else"),
        (zoneinfo.ZoneInfo, "../../etc/passwd"),
        (complex, "1"),
        (frozenset[int], [[1]]),
        (set, [[1]]),
        (Engine, {}),
        (type, "int"),
        (collections.abc.Callable, "print"),
        (numbers.Real, "1"),
        (Sized, 5),
    ],
)
def test_a_value_that_cannot_become_the_type_is_rejected(annotation: Any, value: Any) -> None:
    assert rejection(annotation, value).startswith("argument 'value' must be ")
    assert " at value.a" in rejection(dict[str, annotation], {"a": value})


def test_a_default_dict_has_the_default_factory_of_its_annotation() -> None:
    got = bound(collections.defaultdict[str, list[int]], {"a": [1]})
    assert (got["a"], got["b"]) == ([1], [])
    assert bound(collections.defaultdict[str, int], {})["x"] == 0
    assert bound(collections.defaultdict, {"a": 1}).default_factory is None


def test_an_unknown_class_accepts_only_its_instances() -> None:
    engine = Engine()
    assert bound(Engine, engine) is engine
    assert bound(list[Engine], [engine]) == [engine]
    assert rejection(list[Engine], [5]).endswith(
        "an argument cannot be converted to Engine; annotate the parameter with the type that is sent, for example "
        "a dataclass, and construct Engine in the tool at value[0]"
    )


@pytest.mark.parametrize(
    ("annotation", "why"),
    [
        (Any, "Any accepts every value"),
        (object, "object accepts every value"),
        (Any | None, "Any | None accepts every value"),
        (Drawable, "Drawable is a protocol that is not runtime_checkable"),
        (list[Drawable], "Drawable is a protocol that is not runtime_checkable"),
        (Engine, "an argument cannot be converted to Engine"),
        (dict[str, Engine], "an argument cannot be converted to Engine"),
        ("Nowhere", "Nowhere cannot be resolved when the module is loaded"),
        (list["Nowhere"], "Nowhere cannot be resolved when the module is loaded"),  # type: ignore[name-defined]  # noqa: F821
        (int, None),
        (dict[str, Any], None),
        (Sized, None),
        (numbers.Real, None),
    ],
)
def test_an_annotation_that_cannot_be_checked_has_a_reason(annotation: Any, why: str | None) -> None:
    assert unchecked(annotation) == why


@pytest.mark.parametrize(
    ("annotation", "value", "expected"),
    [
        (dict[int, str], {"1": "a"}, {1: "a"}),
        (dict[int, str], {1: "a"}, {1: "a"}),
        (dict[int, str], {"-5": "a"}, {-5: "a"}),
        (dict[float, str], {"0.5": "a", "2": "b"}, {0.5: "a", 2.0: "b"}),
        (dict[int | str, str], {"1": "a"}, {"1": "a"}),
        (dict[datetime.date, int], {"2024-01-02": 1}, {datetime.date(2024, 1, 2): 1}),
        (dict[pathlib.Path, int], {"/x": 1}, {pathlib.Path("/x"): 1}),
        (dict[np.int32, int], {"7": 1}, {np.int32(7): 1}),
        (dict[tuple[int, int], int], {(1, 2): 3}, {(1, 2): 3}),
        (dict[str, dict[int, int]], {"a": {"1": 2}}, {"a": {1: 2}}),
        (collections.Counter[int], {"3": 1}, collections.Counter({3: 1})),
    ],
)
def test_keys_of_javascript_objects_become_the_annotated_keys(annotation: Any, value: Any, expected: Any) -> None:
    got = bound(annotation, value)
    assert got == expected
    assert [type(key) for key in got] == [type(key) for key in expected]


@pytest.mark.parametrize(
    ("annotation", "value", "reason"),
    [
        (dict[int, str], {"one": "a"}, "key 'one' must be int"),
        (dict[int, str], {"01": "a"}, "key '01' must be int"),
        (dict[int, str], {"1.5": "a"}, "key '1.5' must be int"),
        (dict[int, str], {" 1": "a"}, "key ' 1' must be int"),
        (dict[int, str], {"1": "a", 1: "b"}, "has the keys '1' and 1, which become the same int"),
        (dict[tuple[int, int], str], {"1,2": "a"}, "to send keys that are not strings, send a Map"),
        (dict[int, int], {"1": "x"}, 'Expected int, got str at value["1"]'),
    ],
)
def test_a_key_of_another_type_is_rejected(annotation: Any, value: Any, reason: str) -> None:
    assert reason in rejection(annotation, value)
