"""The error of this package."""

from __future__ import annotations

from typing import Literal

Code = Literal["SERIALIZATION", "PAYLOAD_TOO_LARGE"]


class SerializationError(Exception):
    """A value cannot be sent, or data cannot be decoded.

    Attributes:
        code: one of Snakepit's error codes.
        path: the path in the value, such as ``result.items[3].model``; empty when it is unknown.
        problem: the problem and the remedy.
    """

    def __init__(self, code: Code, path: str, problem: str) -> None:
        """Creates the error; its message is the path and the problem."""
        super().__init__(f"{path}: {problem}" if path else problem)
        self.code: Code = code
        self.path = path
        self.problem = problem

    def called(self, inside: str, name: str) -> SerializationError:
        """Returns the error with a part of the path renamed; the error itself when its path has no such part."""
        if not self.path.startswith(inside):
            return self
        return SerializationError(self.code, name + self.path.removeprefix(inside), self.problem)
