"""Numbers that are exactly integers or floats."""

from __future__ import annotations

from typing import Any, Final

from .number_array import plain_number

_LARGEST_SAFE: Final = 2**53 - 1
"""The largest float that has no other integer's place: from the next on, a neighbour may have been meant."""


def exact_integer(value: Any) -> int | None:
    """Return the integer that a number is; None for anything else, and for a float too large to be one exactly."""
    value = plain_number(value)
    if isinstance(value, bool):
        return None
    if isinstance(value, int):
        return int(value)
    if isinstance(value, float) and value.is_integer() and abs(value) <= _LARGEST_SAFE:
        return int(value)
    return None


def exact_count(value: Any, least: int) -> int | None:
    """Return the whole number that a setting is; None for anything else, and for one out of bounds."""
    count = exact_integer(value)
    return count if count is not None and least <= count <= _LARGEST_SAFE else None


def exact_float(value: Any) -> float | None:
    """Return the float that a number is; None for anything else, and for an integer that no float is exactly."""
    value = plain_number(value)
    if isinstance(value, float):
        return float(value)
    if isinstance(value, bool) or not isinstance(value, int):
        return None
    try:
        number = float(value)
    except OverflowError:
        return None
    return number if int(number) == value else None
