"""Annotations that msgspec converts to without options, which is faster: the result must be the same."""

from __future__ import annotations

import array
import datetime
import decimal
import math
import uuid
from typing import Any, Optional

import msgspec
import numpy as np
import pytest

from snakepit_bridge._tools.checking.native import is_plain

PLAIN = [
    bool,
    int,
    float,
    str,
    None,
    Any,
    Optional[int],  # noqa: UP045 (another class than the next one before Python 3.14)
    int | None,
    int | str,
    list,
    dict,
    list[Any],
    list[int],
    list[list[str]],
    dict[str, Any],
    dict[Any, Any],
    dict[str, int],
    list[dict[str, Any]],
    tuple[Any, ...],
    tuple[int, str],
    list[Any] | None,
    int | float | str | bool | None,
]

OTHER = [bytes, bytes | None, list[bytes], dict[str, bytearray], object, datetime.date, set, set[int], uuid.UUID]

DAY = datetime.datetime(2026, 1, 2, 3, 4, 5)
VALUES = [
    *(None, True, False, 0, 1, -1, 2**53 + 1, 2**63, 2**64 - 1, 2**64, -(2**63), -(2**70)),
    *(0.0, -0.0, 1.0, 1.5, 1e300, math.nan, math.inf),
    *("", "a", "1", "true", "2026-01-02", b"", b"YQ==", bytearray(b"x"), memoryview(b"x")),
    *([], [1], ["a"], [b"x", DAY, {1}, 2**70], (1,), (1, "a"), (b"x",), set(), {1}, frozenset({1})),
    *({}, {"a": 1}, {1: 2}, {"a": b"x", "b": [b"y", {b"z": DAY.date()}]}, {b"k": 1, 5: b"y"}),
    *(DAY, DAY.replace(tzinfo=datetime.timezone.utc), DAY.date(), DAY.time(), datetime.timedelta(1)),
    *(decimal.Decimal("1.5"), uuid.UUID(int=1), 1 + 2j),
    *(np.float64(1.5), np.int64(3), np.arange(3), array.array("d", [1.0])),
]


def reject(_expected: type, _value: Any) -> Any:
    raise AssertionError("the hook was called")


def outcome(annotation: Any, value: Any, **options: Any) -> tuple[Any, ...]:
    try:
        converted = msgspec.convert(value, annotation, **options)
    except (msgspec.ValidationError, TypeError) as error:
        return type(error), str(error)
    return type(converted), converted is value, repr(converted)


@pytest.mark.parametrize("annotation", PLAIN, ids=str)
def test_a_plain_annotation_needs_no_options(annotation: Any) -> None:
    assert is_plain(annotation)
    options = {"builtin_types": (bytes, bytearray, memoryview), "dec_hook": reject}
    for value in VALUES:
        assert outcome(annotation, value) == outcome(annotation, value, **options), value


@pytest.mark.parametrize("annotation", OTHER, ids=str)
def test_binary_data_and_classes_are_not_plain(annotation: Any) -> None:
    assert not is_plain(annotation)
