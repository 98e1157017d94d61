"""The definition of a variable: its type and constraints."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from .constraint_values import ConstraintError, read_constraint
from .shown_value import kind_of, shown_number, shown_setting
from .variable_error import invalid_variable
from .variable_type import CONSTRAINTS_OF, VARIABLE_TYPES

_BOUNDS: Final = (("min", "max"), ("minLength", "maxLength"))
"""Pairs of constraints of which the first must not be greater than the second."""

_PLAIN_NAME: Final = re.compile("[A-Za-z]{1,60}")


@dataclass(frozen=True)
class VariableDefinition:
    """The type and the constraints of a variable."""

    type: str
    constraints: Mapping[str, Any]
    """The values of the constraints, by the names in ``CONSTRAINTS_OF``."""


def define_variable(name: str, type_name: Any, constraints: Any = None) -> VariableDefinition:
    """Validates a definition. Constraints with the value ``None`` are ignored.

    Raises:
        VariableError: ``INVALID_ARGUMENT``; ``details`` has the ``variable``, the reason ``definition``, and the
            invalid ``constraint``, if there is one.
    """
    if not isinstance(type_name, str) or type_name not in VARIABLE_TYPES:
        problem = f": type must be one of {', '.join(VARIABLE_TYPES)}; got {shown_setting(type_name)}"
        raise invalid_variable(name, "definition", problem)
    given: Mapping[Any, Any] = {} if constraints is None else constraints
    if not isinstance(given, Mapping):
        raise invalid_variable(name, "definition", f": constraints must be a map; got {kind_of(constraints)}")
    _reject_unknown_constraint(name, type_name, given)
    read: dict[str, Any] = {}
    for constraint in CONSTRAINTS_OF[type_name]:
        value = given.get(constraint)
        if value is None:
            continue
        try:
            read[constraint] = read_constraint(constraint, type_name, value)
        except ConstraintError as error:
            raise invalid_variable(name, "definition", f": {error}", constraint) from None
    if type_name == "choice" and "choices" not in read:
        problem = ": a choice requires the constraint choices, a list of the allowed strings"
        raise invalid_variable(name, "definition", problem, "choices")
    _reject_crossed_bounds(name, read)
    return VariableDefinition(str.__str__(type_name), read)


def _reject_unknown_constraint(name: str, type_name: str, given: Mapping[Any, Any]) -> None:
    known = CONSTRAINTS_OF[type_name]
    unknown = [shown for shown in map(_shown_key, given) if shown not in known]
    if not unknown:
        return
    # In the sort order of JavaScript, so that both languages report the same constraint.
    first = min(unknown, key=lambda shown: shown.encode("utf-16-be", "surrogatepass"))
    supported = f"{type_name} supports {', '.join(known) or 'none'}"
    owners = [each for each in VARIABLE_TYPES if first in CONSTRAINTS_OF[each]]
    if owners:
        problem = f": the constraint {first} applies to {', '.join(owners)}, not to {type_name}; {supported}"
    else:
        problem = f": unknown constraint {first}; {supported}"
    raise invalid_variable(name, "definition", problem, first)


def _shown_key(key: Any) -> str:
    return key if isinstance(key, str) and _PLAIN_NAME.fullmatch(key) else shown_setting(key)


def _reject_crossed_bounds(name: str, constraints: Mapping[str, Any]) -> None:
    for least, most in _BOUNDS:
        low, high = constraints.get(least), constraints.get(most)
        if low is None or high is None or low <= high:
            continue
        bounds = f"{least} must be at most {most}; got {least} {shown_number(low)} and {most} {shown_number(high)}"
        raise invalid_variable(name, "definition", f": {bounds}; exchange them", least)
