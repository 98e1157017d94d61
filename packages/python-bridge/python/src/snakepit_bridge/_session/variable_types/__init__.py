"""The types of variables and their constraints, checked as the host checks them and in the same words.

The other half is ``packages/sessions/src/variables/types``; both pass ``packages/sessions/vectors/variables.json``.
"""

from __future__ import annotations

from .check_variable import as_read, check_variable
from .definition import VariableDefinition, define_variable
from .kinds import CONSTRAINTS_OF, VARIABLE_TYPES, VariableType

__all__ = [
    "CONSTRAINTS_OF",
    "VARIABLE_TYPES",
    "VariableDefinition",
    "VariableType",
    "as_read",
    "check_variable",
    "define_variable",
]
