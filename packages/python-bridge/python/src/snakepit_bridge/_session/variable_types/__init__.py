"""The types of variables and their constraints, checked like on the host and with the same messages.

The host's checks are in ``packages/sessions/src/variables/types``; both pass the test vectors in
``packages/sessions/vectors/variables.json``. Patterns are the exception: only the host checks them.
"""

from __future__ import annotations

from .check_variable import as_read, check_variable
from .definition import VariableDefinition, define_variable
from .pattern_check import check_pattern
from .variable_type import CONSTRAINTS_OF, VARIABLE_TYPES, VariableType

__all__ = [
    "CONSTRAINTS_OF",
    "VARIABLE_TYPES",
    "VariableDefinition",
    "VariableType",
    "as_read",
    "check_pattern",
    "check_variable",
    "define_variable",
]
