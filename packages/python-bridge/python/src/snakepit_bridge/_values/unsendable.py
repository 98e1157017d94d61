"""What has no form on the wire."""

from __future__ import annotations

import inspect
import os
from typing import Any, Final


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
    """Something has no form on the wire. Whoever knows the path makes a SerializationError of it.

    Attributes:
        what: what it is: ``torch.nn.modules.linear.Linear``.
        remedy: what can be sent in its place.
    """

    def __init__(self, what: str, remedy: str) -> None:
        """Name the thing and what its owner can do."""
        super().__init__(f"cannot send {what}; {remedy}")
        self.what = what
        self.remedy = remedy


def refuse(value: Any) -> Any:
    """Raise the UnsendableError for something that no conversion was found for."""
    raise UnsendableError(_name(value), _remedy(value))


def _name(value: Any) -> str:
    if isinstance(value, type):
        return f"the class {_qualified(value)}"
    if inspect.isroutine(value):
        return f"the function {_qualified(value)}"
    return _qualified(type(value))


def _qualified(definition: Any) -> str:
    """Return a name with its module unless that is ``builtins``."""
    module, name = getattr(definition, "__module__", None), definition.__qualname__
    return name if module in {None, "builtins"} else f"{module}.{name}"


_GENERAL_REMEDY: Final = "send a dict or a dataclass of what matters"


def _remedy(value: Any) -> str:  # noqa: PLR0911 - one answer for each kind
    if inspect.isawaitable(value):
        return "await it first"
    if isinstance(value, BaseException):
        return "send str() of it, or raise it"
    if isinstance(value, type):
        return "send its name"
    if inspect.isroutine(value):
        return "send what it returns"
    if isinstance(value, os.PathLike):
        return "send str() of it"
    if hasattr(value, "__array__"):
        return "send it as a numpy array, for example with numpy.asarray()"
    if hasattr(value, "__iter__"):
        return "send list() of it, or make the tool a generator to stream it"
    return _GENERAL_REMEDY
