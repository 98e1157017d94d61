"""The error of variables."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping


class VariableError(Exception):
    """A variable that is unknown, or a value or a definition that is wrong.

    Attributes:
        code: one of Snakepit's error codes; ``INVALID_ARGUMENT`` for what is wrong.
        message: what is wrong with which variable, in the same words as in TypeScript.
        details: ``variable``, its name, and ``reason``, such as ``type`` or ``range``.
    """

    def __init__(self, code: str, message: str, details: Mapping[str, Any] | None = None) -> None:
        super().__init__(message)
        self.code = code
        self.message = message
        self.details: dict[str, Any] = dict(details or {})

    def __reduce__(self) -> tuple[type[VariableError], tuple[str, str, dict[str, Any]]]:
        return (type(self), (self.code, self.message, self.details))
