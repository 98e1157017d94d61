"""The ranges of times of Python, as counts of a unit."""

from __future__ import annotations

import datetime as dt
from typing import Literal

import pytest

from snakepit_bridge._values.time_ranges import is_beyond_python

EPOCH = dt.datetime(1970, 1, 1)
MICROSECOND = dt.timedelta(microseconds=1)
FIRST = (dt.datetime.min - EPOCH) // MICROSECOND
LAST = (dt.datetime.max - EPOCH) // MICROSECOND
DAY = 86_400_000_000


@pytest.mark.parametrize(
    ("kind", "first", "last"),
    [
        ("moment", FIRST, LAST),
        ("zoned", FIRST + DAY, LAST - DAY),
        ("duration", dt.timedelta.min // MICROSECOND, dt.timedelta.max // MICROSECOND),
    ],
)
def test_the_ends_of_a_range_belong_to_it(kind: Literal["moment", "zoned", "duration"], first: int, last: int) -> None:
    assert not is_beyond_python((first, last), "us", kind)
    assert is_beyond_python((first - 1, last), "us", kind)
    assert is_beyond_python((first, last + 1), "us", kind)


def test_a_column_without_times_is_within_each_range() -> None:
    assert not is_beyond_python((None, None), "D", "moment")
