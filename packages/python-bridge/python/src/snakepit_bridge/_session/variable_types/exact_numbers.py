"""Conversions between integers and floats without loss."""

from __future__ import annotations

from typing import Any, Final

from .number_array import plain_number

_LARGEST_SAFE: Final = 2**53 - 1
"""The largest integer up to which a float represents every integer exactly."""


def exact_integer(value: Any) -> int | None:
    """Returns a number as an integer; ``None`` if it is not one, or a float too large to be an exact integer."""
    value = plain_number(value)
    if isinstance(value, bool):
        return None
    if isinstance(value, int):
        return int(value)
    if isinstance(value, float) and value.is_integer() and abs(value) <= _LARGEST_SAFE:
        return int(value)
    return None


def exact_count(value: Any, least: int) -> int | None:
    """Returns a setting as an integer within the bounds; ``None`` if it is not one."""
    count = exact_integer(value)
    return count if count is not None and least <= count <= _LARGEST_SAFE else None


def exact_float(value: Any) -> float | None:
    """Returns a number as a float; ``None`` if it is not a number, or an integer that is not exactly a float."""
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
