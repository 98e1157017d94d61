"""Values that have no form on the wire."""

from __future__ import annotations

import inspect
from typing import Any


class Unsendable(str):
    """Replaces a value that cannot be sent, if the sender requested it: ``<torch.nn.modules.linear.Linear>``.

    Attributes:
        what: the description of the value, without the angle brackets.
    """

    __slots__ = ("what",)

    what: str

    def __new__(cls, what: str) -> Unsendable:
        """Creates the replacement; ``what`` describes the value."""
        mark = super().__new__(cls, f"<{what}>")
        mark.what = what
        return mark


class UnsendableError(Exception):
    """A value has no form on the wire. The caller that knows its path creates the SerializationError.

    Attributes:
        what: the description of the value: ``torch.nn.modules.linear.Linear``.
        remedy: what to send instead.
    """

    def __init__(self, what: str, remedy: str) -> None:
        """Creates the error."""
        super().__init__(f"cannot send {what}; {remedy}")
        self.what = what
        self.remedy = remedy


def name_of(value: Any) -> str:
    """Returns a description of a value for messages."""
    if isinstance(value, type):
        return f"the class {name_of_class(value)}"
    if inspect.isroutine(value):
        return f"the function {name_of_class(value)}"
    return name_of_class(type(value))


def name_of_class(definition: Any) -> str:
    """Returns the name of a class or function, with its module unless that is ``builtins``."""
    module, name = getattr(definition, "__module__", None), definition.__qualname__
    return name if module in {None, "builtins"} else f"{module}.{name}"
