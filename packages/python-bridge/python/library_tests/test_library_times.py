"""Times of Arrow and Polars at the ends of the ranges of Python, and beyond.

Like the other tests of this directory, they run with ``npm run check -- libraries``.
"""

from __future__ import annotations

import datetime as dt
from typing import Any

import polars
import pyarrow
import pytest
from remedy_checks import follow

FINE_TEXT = "1970-01-01 00:00:00.000000001"


def column_of(dtype: Any, count: int) -> polars.Series:
    """A Polars column with a time that is given as its count."""
    return polars.Series("a", [count]).cast(dtype)


def arrow_forms(kind: Any, count: int) -> list[tuple[Any, Any]]:
    """Values of Arrow with a time, and what is received when it is sent as a count."""
    array = pyarrow.array([count, None], kind)
    struct = pyarrow.array([{"a": count}], pyarrow.struct([("a", kind)]))
    return [
        (array[0], count),
        (array[1], None),
        (array, [count, None]),
        (pyarrow.chunked_array([array, array]), [count, None, count, None]),
        (array.dictionary_encode(), [count, None]),
        (pyarrow.table({"a": array, "b": [b"b", b""]}), {"a": [count, None], "b": [b"b", b""]}),
        (pyarrow.record_batch({"a": array}), {"a": [count, None]}),
        (pyarrow.array([[count], None], pyarrow.list_(kind)), [[count], None]),
        (pyarrow.array([[count]], pyarrow.large_list(kind)), [[count]]),
        (pyarrow.array([[count]], pyarrow.list_(kind, 1)), [[count]]),
        (pyarrow.array([[("k", count)]], pyarrow.map_(pyarrow.string(), kind)), [[["k", count]]]),
        (struct, [{"a": count}]),
        (pyarrow.array([[count]], pyarrow.list_(kind))[0], [count]),
    ]


@pytest.mark.parametrize(
    ("kind", "count"),
    [
        (pyarrow.timestamp("s"), 253_402_300_800),
        (pyarrow.timestamp("s"), -62_135_596_801),
        (pyarrow.timestamp("ms"), 2**62),
        (pyarrow.timestamp("us", "UTC"), 2**62),
        (pyarrow.timestamp("s", "+01:00"), 253_402_300_799),
        (pyarrow.timestamp("s", "-01:00"), -62_135_596_800),
        (pyarrow.date32(), 2**30),
        (pyarrow.date64(), 86_400_000 * 10**8),
        (pyarrow.duration("s"), 86_400 * 10**9),
        (pyarrow.duration("ms"), -(2**62)),
    ],
    ids=str,
)
def test_times_of_arrow_that_python_cannot_represent_are_sent_as_column_of(kind: Any, count: int) -> None:
    """E1, V6."""
    for value, received in arrow_forms(kind, count):
        assert follow(value) == received
    reader = pyarrow.table({"a": pyarrow.array([count], kind)}).to_reader()
    assert follow(reader, takes_alternative=True) == {"a": [count]}


@pytest.mark.parametrize(
    ("kind", "count", "received"),
    [
        (pyarrow.timestamp("s"), 253_402_300_799, dt.datetime(9999, 12, 31, 23, 59, 59)),
        (pyarrow.timestamp("us"), -62_135_596_800_000_000, dt.datetime(1, 1, 1)),
        (pyarrow.timestamp("s", "UTC"), 253_402_300_799, dt.datetime(9999, 12, 31, 23, 59, 59, tzinfo=dt.timezone.utc)),
        (pyarrow.date32(), 2_932_896, dt.date.max),
        (pyarrow.duration("s"), 86_400 * 10**9 - 1, dt.timedelta(days=10**9, seconds=-1)),
        (pyarrow.duration("us"), 2**63 - 1, dt.timedelta(microseconds=2**63 - 1)),
    ],
    ids=str,
)
def test_times_of_arrow_at_the_end_of_a_range_stay_times(kind: Any, count: int, received: Any) -> None:
    """E1."""
    array = pyarrow.array([count], kind)
    assert [follow(array[0]), *follow(array)] == [received, received]
    assert follow(pyarrow.table({"a": array}).to_reader()) == {"a": [received]}


def test_scalars_of_arrow_with_nanoseconds() -> None:
    """E1, V6."""
    assert follow(pyarrow.scalar(1, pyarrow.timestamp("ns"))) == FINE_TEXT
    assert follow(pyarrow.scalar(None, pyarrow.timestamp("ns"))) is None
    nested = pyarrow.struct([("a", pyarrow.timestamp("ns")), ("b", pyarrow.timestamp("s"))])
    assert follow(pyarrow.array([[{"a": 1, "b": 2**50}]], pyarrow.list_(nested))[0]) == [{"a": FINE_TEXT, "b": 2**50}]


@pytest.mark.parametrize(
    ("kind", "count"),
    [
        (polars.Datetime("ms"), 2**62),
        (polars.Datetime("us"), -62_135_596_800_000_001),
        (polars.Datetime("us", "UTC"), 2**62),
        (polars.Datetime("ms", "Europe/Berlin"), 253_402_300_799_000),
        (polars.Duration("ms"), 86_400_000 * 10**9),
        (polars.Date, 2_932_897),
    ],
    ids=str,
)
def test_times_of_polars_that_python_cannot_represent_are_sent_as_column_of(kind: Any, count: int) -> None:
    """E1, V6."""
    column = column_of(kind, count)
    assert follow(column) == [count]
    assert follow(column.to_frame()) == {"a": [count]}
    assert follow(column.implode()) == [[count]]
    assert follow(column.reshape((1, 1))) == [[count]]
    assert follow(column.to_frame().to_struct("s")) == [{"a": count}]
    assert follow(column.to_frame().lazy(), takes_alternative=True) == {"a": [count]}


def test_times_of_polars_at_the_end_of_a_range_stay_times() -> None:
    """E1."""
    last = dt.datetime.max.replace(microsecond=0)
    assert follow(polars.Series("a", [dt.datetime.min, last, None])) == [dt.datetime.min, last, None]
    assert follow(polars.LazyFrame({"a": [dt.date.min, dt.date.max]})) == {"a": [dt.date.min, dt.date.max]}
    assert follow(column_of(polars.Duration("ms"), -86_400_000 * 999_999_999)) == [dt.timedelta.min]
