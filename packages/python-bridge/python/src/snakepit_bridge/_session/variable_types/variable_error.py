"""The error of variables."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from .shown_value import quoted

if TYPE_CHECKING:
    from collections.abc import Mapping


class VariableError(Exception):
    """An unknown variable, or an invalid value or definition.

    Attributes:
        code: one of Snakepit's error codes; ``INVALID_ARGUMENT`` for an invalid value or definition.
        message: the variable and the problem, the same message as in TypeScript.
        details: ``variable``, its name, and ``reason``, such as ``type`` or ``range``.
    """

    def __init__(self, code: str, message: str, details: Mapping[str, Any] | None = None) -> None:
        super().__init__(message)
        self.code = code
        self.message = message
        self.details: dict[str, Any] = dict(details or {})

    def __reduce__(self) -> tuple[type[VariableError], tuple[str, str, dict[str, Any]]]:
        return (type(self), (self.code, self.message, self.details))


def invalid_variable(name: str, reason: str, problem: str, constraint: str | None = None) -> VariableError:
    """Returns the error of an invalid value or definition; ``problem`` is the message after the name."""
    details: dict[str, Any] = {"variable": name, "reason": reason}
    if constraint is not None:
        details["constraint"] = constraint
    return VariableError("INVALID_ARGUMENT", f"variable {quoted(name)}{problem}", details)
