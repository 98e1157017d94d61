"""The contexts (:mod:`contextvars`) in which calls are executed."""

from __future__ import annotations

import contextvars
from collections.abc import Callable
from typing import Any

from ..._libraries import if_loaded

_DECIMAL_VARIABLE = "decimal_context"


class CallContexts:
    """Creates a context for each call, so that no call sees what another one has set.

    Each is a copy of the context at construction: every call sees what the import and ``setup()`` have set.
    """

    __slots__ = ("_decimal", "_template", "new")

    new: Callable[[], contextvars.Context]
    """Returns the context of one call."""

    def __init__(self) -> None:
        self._template = contextvars.copy_context()
        # The only value of the standard library that is modified in place (``getcontext().prec = 5``): copies of the
        # context would share it. If it does not exist yet, each call creates its own.
        self._decimal: Any = next(
            (value for variable, value in self._template.items() if variable.name == _DECIMAL_VARIABLE), None
        )
        # Usually the copy alone, without a Python frame for each call.
        self.new = self._template.copy if self._decimal is None else self._with_decimal

    def _with_decimal(self) -> contextvars.Context:
        context = self._template.copy()
        context.run(if_loaded("decimal").setcontext, self._decimal.copy())
        return context


def adopt(context: contextvars.Context) -> None:
    """Copies the values that differ from another context, such as those that a finished task has set."""
    current = contextvars.copy_context()
    for variable, value in context.items():
        if variable not in current or current[variable] is not value:
            variable.set(value)
