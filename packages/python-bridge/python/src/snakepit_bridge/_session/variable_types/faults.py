"""How a wrong value or definition is reported."""

from __future__ import annotations

from typing import Any

from ..variable_error import VariableError
from .shown_value import quoted


def invalid_variable(name: str, reason: str, problem: str, constraint: str | None = None) -> VariableError:
    """Return the error of a value or a definition that is wrong; ``problem`` is the message after the name."""
    details: dict[str, Any] = {"variable": name, "reason": reason}
    if constraint is not None:
        details["constraint"] = constraint
    return VariableError("INVALID_ARGUMENT", f"variable {quoted(name)}{problem}", details)
