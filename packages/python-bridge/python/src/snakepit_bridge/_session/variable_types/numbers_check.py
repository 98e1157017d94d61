"""Checks integers and floats."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from .exact_numbers import exact_float, exact_integer
from .number_array import plain_number
from .shown_value import kind_of, shown_number
from .variable_error import invalid_variable

if TYPE_CHECKING:
    from collections.abc import Mapping


def check_integer(name: str, value: Any, constraints: Mapping[str, Any]) -> int:
    """Returns a value as an integer."""
    integer = exact_integer(value)
    if integer is None:
        number = plain_number(value)
        if isinstance(number, float):
            raise invalid_variable(name, "type", _not_an_integer(number))
        raise invalid_variable(name, "type", f" must be an integer; got {kind_of(value)}")
    _check_bounds(name, integer, constraints)
    return integer


def check_float(name: str, value: Any, constraints: Mapping[str, Any]) -> float:
    """Returns a value as a float."""
    number = exact_float(value)
    if number is None:
        integer = exact_integer(value)
        if integer is None:
            raise invalid_variable(name, "type", f" must be a float; got {kind_of(value)}")
        shown = shown_number(integer)
        raise invalid_variable(
            name, "type", f" must be a float; got {shown}, which no float represents exactly; round it first"
        )
    _check_bounds(name, number, constraints)
    return number


def _not_an_integer(value: float) -> str:
    shown = shown_number(value)
    if not value.is_integer():
        return f" must be an integer; got {shown}; round it first"
    return f" must be an integer; got {shown}, a float too large to be exact; pass a bigint (in Python, an int)"


def _check_bounds(name: str, value: float, constraints: Mapping[str, Any]) -> None:
    least: Any = constraints.get("min")
    most: Any = constraints.get("max")
    if (least is None or value >= least) and (most is None or value <= most):
        return
    if least is None:
        bounds = f"at most {shown_number(most)}"
    elif most is None:
        bounds = f"at least {shown_number(least)}"
    else:
        bounds = f"from {shown_number(least)} to {shown_number(most)}"
    raise invalid_variable(name, "range", f" must be {bounds}; got {shown_number(value)}")
