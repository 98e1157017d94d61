"""Checks of constraints in ``Annotated[...]``: those of annotated_types, and those that msgspec does not check."""

from __future__ import annotations

import math
import operator
import re
from collections.abc import Callable, Iterable, Sequence
from typing import Any

import msgspec

from .checker import Check, Checker
from .enums import shown
from .mismatch import Mismatch

Constraint = tuple[Callable[[Any], bool], str]
"""A predicate of values, and its description."""

_COMPARISONS = {
    "gt": (operator.gt, ">"),
    "ge": (operator.ge, ">="),
    "lt": (operator.lt, "<"),
    "le": (operator.le, "<="),
}


def is_annotated_type(metadata: Any) -> bool:
    """Whether a part of ``Annotated[...]`` is a constraint of annotated_types or has the same form."""
    return any(base.__module__.partition(".")[0] == "annotated_types" for base in type(metadata).__mro__)


def constrained(checker: Checker, metadata: Sequence[Any], *, is_final: bool = False) -> Check:
    """Returns a checker that also checks constraints of the converted value.

    Args:
        checker: the checker of the type.
        metadata: the metadata of ``Annotated[...]``. Objects that are not constraints are ignored.
        is_final: whether no other check may accept a value that violates them.
    """
    constraints = [each for part in metadata for each in _constraints_of(part)]

    def check_constraints(value: Any) -> Any:
        converted = checker.check(value)
        for holds, demand in constraints:
            try:
                fits = holds(converted)
            except (TypeError, ValueError):
                fits = False
            if not fits:
                mismatch = Mismatch(f"must be {demand}; got {shown(converted)}")
                mismatch.is_final = is_final
                raise mismatch
        return converted

    return check_constraints


def _constraints_of(metadata: Any) -> Iterable[Constraint]:
    if isinstance(metadata, msgspec.Meta):
        return _by_name(metadata, ("gt", "ge", "lt", "le", "multiple_of", "min_length", "max_length", "pattern", "tz"))
    if not is_annotated_type(metadata):
        return ()
    name = type(metadata).__name__
    if name == "Predicate":
        function = metadata.func
        shown_name = getattr(function, "__name__", type(function).__name__)
        return [(lambda value: bool(function(value)), f"accepted by {shown_name}")]
    if name == "Timezone":
        return [_time_zone(metadata.tz)]
    if hasattr(type(metadata), "__iter__"):
        # Groups such as Interval and Len.
        return [each for part in metadata for each in _constraints_of(part)]
    return _by_name(metadata, ("gt", "ge", "lt", "le", "multiple_of", "min_length", "max_length"))


def _by_name(metadata: Any, names: Iterable[str]) -> list[Constraint]:
    found = []
    for name in names:
        limit = getattr(metadata, name, None)
        if limit is not None:
            found.append(_constraint(name, limit))
    return found


def _constraint(name: str, limit: Any) -> Constraint:
    if name in _COMPARISONS:
        compare, symbol = _COMPARISONS[name]
        return lambda value: bool(compare(value, limit)), f"{symbol} {limit}"
    if name == "multiple_of":
        return lambda value: _is_multiple(value, limit), f"a multiple of {limit}"
    if name == "min_length":
        return lambda value: len(value) >= limit, f"of length >= {limit}"
    if name == "max_length":
        return lambda value: len(value) <= limit, f"of length <= {limit}"
    if name == "pattern":
        expression = re.compile(limit)
        return lambda value: expression.search(value) is not None, f"a string that matches {limit!r}"
    return (
        lambda value: (value.tzinfo is not None) is limit,
        "a value with a time zone" if limit else "a value without a time zone",
    )


def _is_multiple(value: Any, of: Any) -> bool:
    rest = value % of
    return bool(rest == 0) or (
        isinstance(rest, float) and (math.isclose(rest, 0, abs_tol=1e-12) or math.isclose(rest, of))
    )


def _time_zone(zone: Any) -> Constraint:
    if zone is None:
        return lambda value: value.tzinfo is None, "a value without a time zone"
    if zone is ...:
        return lambda value: value.tzinfo is not None, "a value with a time zone"
    name = zone if isinstance(zone, str) else str(zone)
    return lambda value: str(value.tzinfo) == name, f"a value in the time zone {name}"
