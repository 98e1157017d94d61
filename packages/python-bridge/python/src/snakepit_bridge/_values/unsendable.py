"""What has no form on the wire."""

from __future__ import annotations

import inspect
from typing import Any


class Unsendable(str):
    """Stands where something could not be sent, when the sender asked for marks: ``<torch.nn.modules.linear.Linear>``.

    Attributes:
        what: what it was, without the angle brackets.
    """

    __slots__ = ("what",)

    what: str

    def __new__(cls, what: str) -> Unsendable:
        """Make the mark for something of which ``what`` is a description."""
        mark = super().__new__(cls, f"<{what}>")
        mark.what = what
        return mark


class UnsendableError(Exception):
    """A value has no form on the wire. The caller that knows its path creates the SerializationError.

    Attributes:
        what: what it is: ``torch.nn.modules.linear.Linear``.
        remedy: what can be sent in its place.
    """

    def __init__(self, what: str, remedy: str) -> None:
        """Name the thing and what its owner can do."""
        super().__init__(f"cannot send {what}; {remedy}")
        self.what = what
        self.remedy = remedy


def name_of(value: Any) -> str:
    """Return what a value is, for a message."""
    if isinstance(value, type):
        return f"the class {name_of_class(value)}"
    if inspect.isroutine(value):
        return f"the function {name_of_class(value)}"
    return name_of_class(type(value))


def name_of_class(definition: Any) -> str:
    """Return the name of a class or a function with its module unless that is ``builtins``."""
    module, name = getattr(definition, "__module__", None), definition.__qualname__
    return name if module in {None, "builtins"} else f"{module}.{name}"
