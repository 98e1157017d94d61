"""The contexts (:mod:`contextvars`) in which calls are executed."""

from __future__ import annotations

import contextvars
from collections.abc import Callable
from typing import Any, TypeVar

from ..._libraries import if_loaded

_Result = TypeVar("_Result")

_DECIMAL_VARIABLE = "decimal_context"


class CallContexts:
    """Creates a context for each call, so that no call sees what another one has set.

    Each is a copy of the context at construction: every call sees what the import and ``setup()`` have set.
    """

    __slots__ = ("_decimal", "_template")

    def __init__(self) -> None:
        self._template = contextvars.copy_context()
        # The only value of the standard library that is modified in place (``getcontext().prec = 5``): copies of the
        # context would share it. If it does not exist yet, each call creates its own.
        self._decimal: Any = next(
            (value for variable, value in self._template.items() if variable.name == _DECIMAL_VARIABLE), None
        )

    def new(self) -> contextvars.Context:
        """Returns the context of one call."""
        context = self._template.copy()
        if self._decimal is not None:
            context.run(if_loaded("decimal").setcontext, self._decimal.copy())
        return context

    def run(self, function: Callable[..., _Result], *arguments: object) -> _Result:
        """Runs a function in a new context and returns its value."""
        return self.new().run(function, *arguments)


def adopt(context: contextvars.Context) -> None:
    """Copies the values that differ from another context, such as those that a finished task has set."""
    current = contextvars.copy_context()
    for variable, value in context.items():
        if variable not in current or current[variable] is not value:
            variable.set(value)
