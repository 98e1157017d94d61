"""Validates the constraints of a definition."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any, Final

from .exact_numbers import exact_count, exact_float, exact_integer
from .shown_value import kind_of, quoted, shown_setting
from .strings_check import is_well_formed
from .variable_type import TENSOR_DTYPES

_MAX_CHOICES: Final = 1_000
_MAX_CHOICE_CHARACTERS: Final = 256
_MAX_PATTERN_CHARACTERS: Final = 1_000
_MAX_SHAPE: Final = 64
"""The maximum number of dimensions of a numpy array."""


class ConstraintError(ValueError):
    """A constraint is invalid; the message is the reason."""


def read_constraint(constraint: str, type_name: str, value: Any) -> Any:
    """Returns the value of a constraint in the form in which it is stored.

    Raises:
        ConstraintError: the constraint is invalid.
    """
    if constraint in {"min", "max"}:
        return _read_integer(constraint, value) if type_name == "integer" else _read_float(constraint, value)
    if constraint in {"minLength", "maxLength"}:
        return _read_count(constraint, 0, value)
    if constraint == "dimensions":
        return _read_count(constraint, 1, value)
    return _READERS[constraint](value)


def _read_integer(constraint: str, value: Any) -> int:
    integer = exact_integer(value)
    if integer is None:
        raise ConstraintError(f"{constraint} must be an integer; got {shown_setting(value)}")
    return integer


def _read_float(constraint: str, value: Any) -> float:
    number = exact_float(value)
    if number is None or not math.isfinite(number):
        problem = f"{constraint} must be a finite number that a float represents exactly; got {shown_setting(value)}"
        raise ConstraintError(problem)
    return number


def _read_count(constraint: str, least: int, value: Any) -> int:
    count = exact_count(value, least)
    if count is None:
        raise ConstraintError(f"{constraint} must be an integer of at least {least}; got {shown_setting(value)}")
    return count


def _read_pattern(value: Any) -> str:
    if not isinstance(value, str):
        raise ConstraintError(f"pattern must be a string; got {kind_of(value)}")
    if not is_well_formed(value):
        raise ConstraintError("pattern must be a well-formed string; got one with a lone surrogate; replace it first")
    if len(value) > _MAX_PATTERN_CHARACTERS:
        reason = f"it has more than {_MAX_PATTERN_CHARACTERS} characters"
        raise ConstraintError(f"pattern must be a regular expression in RE2 syntax; got {quoted(value)}: {reason}")
    # Apart from these checks, the host decides whether the pattern is valid: only it has the pattern engine.
    return str.__str__(value)


def _read_choices(value: Any) -> list[str]:
    if not isinstance(value, (list, tuple)):
        raise ConstraintError(f"choices must be a list of strings; got {kind_of(value)}")
    if not 1 <= len(value) <= _MAX_CHOICES:
        raise ConstraintError(f"choices must be 1 to {_MAX_CHOICES} strings; got {len(value)}")
    choices: dict[str, None] = {}
    for index, choice in enumerate(value):
        if not isinstance(choice, str):
            raise ConstraintError(f"choices must be strings; got {kind_of(choice)} at index {index}")
        if not is_well_formed(choice):
            raise ConstraintError(
                f"choices must be well-formed strings; got one with a lone surrogate at index {index}; replace it first"
            )
        if len(choice) > _MAX_CHOICE_CHARACTERS:
            problem = (
                f"choices must have at most {_MAX_CHOICE_CHARACTERS} characters each; got a longer one at index {index}"
            )
            raise ConstraintError(problem)
        if choice in choices:
            raise ConstraintError(f"choices must be unique; got {quoted(choice)} twice")
        choices[str.__str__(choice)] = None
    return list(choices)


def _read_shape(value: Any) -> list[int | None]:
    if not isinstance(value, (list, tuple)):
        raise ConstraintError(f"shape must be a list of sizes; got {kind_of(value)}")
    if len(value) > _MAX_SHAPE:
        raise ConstraintError(f"shape must have at most {_MAX_SHAPE} sizes; got {len(value)}")
    return [_read_size(index, size) for index, size in enumerate(value)]


def _read_size(index: int, size: Any) -> int | None:
    if size is None:
        return None
    count = exact_count(size, 0)
    if count is None:
        rule = "non-negative integers, or null for any size"
        raise ConstraintError(f"shape must consist of {rule}; got {shown_setting(size)} at index {index}")
    return count


def _read_dtype(value: Any) -> str:
    if isinstance(value, str) and value in TENSOR_DTYPES:
        return str.__str__(value)
    raise ConstraintError(f"dtype must be one of {', '.join(TENSOR_DTYPES)}; got {shown_setting(value)}")


_READERS: Final[dict[str, Callable[[Any], Any]]] = {
    "pattern": _read_pattern,
    "choices": _read_choices,
    "shape": _read_shape,
    "dtype": _read_dtype,
}
