"""Checks values of variables."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Final

from .arrays_check import check_embedding, check_tensor
from .number_array import plain_number
from .numbers_check import check_float, check_integer
from .shown_value import kind_of
from .strings_check import check_choice, check_module, check_string
from .variable_error import invalid_variable


def check_variable(type_name: str, constraints: Mapping[str, Any], value: Any, name: str) -> Any:
    """Checks a value against the type and the constraints of its variable, with the same messages as the host.

    Args:
        type_name: one of ``VARIABLE_TYPES``.
        constraints: the constraints, as returned by ``define_variable`` or the host.
        value: the new value.
        name: the name of the variable, for messages.

    Returns:
        The value to send: an int for an integer, a float for a float, an array of floats for an embedding. Arrays that
        need no conversion are not copied.

    Raises:
        VariableError: ``INVALID_ARGUMENT``; ``details`` has the ``variable`` and the ``reason``.
    """
    return _CHECKS[type_name](name, value, constraints)


def as_read(type_name: str, value: Any) -> Any:
    """Converts a value from the host to the Python type of the variable: 3.0 is sent as 3."""
    return float(value) if type_name == "float" else value


def _check_boolean(name: str, value: Any, _: Mapping[str, Any]) -> bool:
    boolean = plain_number(value)
    if isinstance(boolean, bool):
        return boolean
    raise invalid_variable(name, "type", f" must be a boolean; got {kind_of(value)}")


_CHECKS: Final[dict[str, Callable[[str, Any, Mapping[str, Any]], Any]]] = {
    "string": check_string,
    "integer": check_integer,
    "float": check_float,
    "boolean": _check_boolean,
    "choice": check_choice,
    "module": check_module,
    "embedding": check_embedding,
    "tensor": check_tensor,
}
