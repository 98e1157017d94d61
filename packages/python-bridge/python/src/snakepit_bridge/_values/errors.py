"""The error of this package."""

from __future__ import annotations

from typing import Literal

Code = Literal["SERIALIZATION", "PAYLOAD_TOO_LARGE"]


class SerializationError(Exception):
    """A value that cannot be sent, or bytes that are no value.

    Attributes:
        code: one of Snakepit's error codes.
        path: where in the value, such as ``result.items[3].model``; empty when that is not known.
        problem: what is wrong with it, and the remedy.
    """

    def __init__(self, code: Code, path: str, problem: str) -> None:
        """Make the error; its message is the path and the problem."""
        super().__init__(f"{path}: {problem}" if path else problem)
        self.code: Code = code
        self.path = path
        self.problem = problem

    def called(self, inside: str, name: str) -> SerializationError:
        """The same error with a part of the path called otherwise; itself when the path is elsewhere."""
        if not self.path.startswith(inside):
            return self
        return SerializationError(self.code, name + self.path.removeprefix(inside), self.problem)
