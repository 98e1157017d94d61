"""Whether times that libraries keep as counts of a unit are within the ranges of Python."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Final, Literal

_PER_DAY: Final = {"D": 1, "s": 86_400, "ms": 86_400_000, "us": 86_400_000_000, "ns": 86_400_000_000_000}
"""How many of a unit a day has."""

_EPOCH: Final = date(1970, 1, 1).toordinal()

_DAYS: Final = {
    "moment": (date.min.toordinal() - _EPOCH, date.max.toordinal() - _EPOCH),
    # The wall-clock time, which Python must represent as well, differs by up to a day.
    "zoned": (date.min.toordinal() - _EPOCH + 1, date.max.toordinal() - _EPOCH - 1),
    "duration": (timedelta.min.days, timedelta.max.days),
}
"""The first and the last day of each range."""


def is_beyond_python(
    counts: tuple[int | None, int | None], unit: str, kind: Literal["moment", "zoned", "duration"]
) -> bool:
    """Whether Python cannot represent all times of a column: the years 1 to 9999, durations of 999,999,999 days.

    Args:
        counts: the least and the greatest count since 1970, or of a duration; ``None`` if no time is present.
        unit: the unit of the counts.
        kind: whether they are moments, moments with a time zone other than UTC, or durations.
    """
    least, most = counts
    first, last = _DAYS[kind]
    per_day = _PER_DAY[unit]
    return least is not None and most is not None and (least < first * per_day or most >= (last + 1) * per_day)
