"""The contexts (:mod:`contextvars`) in which calls are executed."""

from __future__ import annotations

import contextvars
import sys
from collections.abc import Callable
from typing import Any, TypeVar

_Result = TypeVar("_Result")

_DECIMAL_VARIABLE = "decimal_context"


class CallContexts:
    """Makes a context for each call, so that no call sees what another one has set.

    Each is a copy of the context at construction: what the import and ``setup()`` have set is visible in every call.
    """

    __slots__ = ("_decimal", "_template")

    def __init__(self) -> None:
        self._template = contextvars.copy_context()
        # The one value of the standard library that is changed in place (``getcontext().prec = 5``), so that a copy of
        # the context alone would share it. Where nothing has asked for it yet, each call gets one of its own.
        self._decimal: Any = next(
            (value for variable, value in self._template.items() if variable.name == _DECIMAL_VARIABLE), None
        )

    def new(self) -> contextvars.Context:
        """Returns the context of one call."""
        context = self._template.copy()
        if self._decimal is not None:
            context.run(sys.modules["decimal"].setcontext, self._decimal.copy())
        return context

    def run(self, function: Callable[..., _Result], *arguments: object) -> _Result:
        """Runs a function in a context of its own and returns its value."""
        return self.new().run(function, *arguments)


def adopt(context: contextvars.Context) -> None:
    """Sets in the current context what differs in another one: what a finished task has set, for example."""
    current = contextvars.copy_context()
    for variable, value in context.items():
        if variable not in current or current[variable] is not value:
            variable.set(value)
