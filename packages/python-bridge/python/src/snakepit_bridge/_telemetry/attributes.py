"""The attributes of spans and events, with a limited size."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any, Final

MAX_ATTRIBUTES: Final = 64
"""The maximum number of attributes of a span or event; further ones are dropped."""
MAX_TEXT: Final = 1_024
"""The maximum number of characters of a string; longer ones are cut."""
MAX_ITEMS: Final = 64
"""The maximum number of items of a list; further ones are dropped."""
_MAX_INTEGER: Final = 2**53 - 1
_UNSENDABLE: Final = "?"

Attribute = str | bool | int | float | list[Any]
"""A value that every OpenTelemetry SDK accepts."""


def check_mapping(what: str, given: object) -> None:
    """Checks that a value is a mapping, also while nothing is recorded.

    Raises:
        TypeError: it is another value.
    """
    if type(given) is not dict and not isinstance(given, Mapping):
        raise TypeError(f"{what} must be a mapping; got {type(given).__name__}")


def cleaned(given: Mapping[str, Any]) -> dict[str, Attribute]:
    """Returns a copy in which each value is a string, a boolean, a number or a list of strings or of numbers.

    Never raises: what a tool records must not make it fail. Other values become strings, and ``None`` is omitted. Of a
    mapping that cannot be read, nothing is left.
    """
    attributes: dict[str, Attribute] = {}
    try:
        # A copy, because another thread may change it.
        entries = list(given.items())
    except Exception:  # code of the user, which may raise anything
        return attributes
    for key, value in entries:
        if value is None:
            continue
        if len(attributes) == MAX_ATTRIBUTES:
            break
        attributes[_cut(_shown(key))] = _value(value)
    return attributes


def check_measurements(measurements: Mapping[str, Any]) -> None:
    """Checks the measurements of an event.

    Raises:
        TypeError: one is not a number.
    """
    for name, value in measurements.items():
        if (isinstance(value, (int, float)) and not isinstance(value, bool)) or _is_number(value):
            continue
        raise TypeError(
            f"the measurement {name!r} of an event must be a number; got {type(value).__name__}; "
            "pass other values as metadata"
        )


def numbers(measurements: Mapping[str, Any]) -> dict[str, int | float]:
    """Returns a copy of checked measurements, with numbers of Python. Never raises."""
    try:
        kept = list(measurements.items())[:MAX_ATTRIBUTES]
    except Exception:  # code of the user, which may raise anything
        return {}
    return {_cut(_shown(name)): _measured(value) for name, value in kept}


def _is_number(value: Any) -> bool:
    """Whether a value of another class can be converted to a number."""
    if isinstance(value, bool) or not hasattr(value, "__float__"):
        return False
    try:
        float(value)
    except Exception:  # code of the user, which may raise anything; arrays have the method, too
        return False
    return True


def _measured(value: Any) -> int | float:
    try:
        return _number(value)
    except Exception:  # the value or its class was changed since the check
        return math.nan


def _value(value: Any) -> Attribute:
    if isinstance(value, (str, bool, int, float)):
        return _scalar(value)
    if isinstance(value, (list, tuple, set, frozenset)):
        try:
            values = list(value)[:MAX_ITEMS]
        except Exception:  # code of the user, which may raise anything
            return _UNSENDABLE
        items = [_scalar(each) for each in values]
        kinds = {type(each) for each in items}
        if kinds == {int, float}:
            return [float(each) for each in items]
        # A list must have one type.
        return items if len(kinds) <= 1 else [_shown(each) for each in items]
    return _scalar(value)


def _scalar(value: Any) -> str | bool | int | float:
    # Not the value of a subclass, which may have another representation.
    if isinstance(value, bool):
        return value
    try:
        if isinstance(value, int):
            return _integer(value)
        if isinstance(value, float):
            return float(value)
        if isinstance(value, str):
            return _cut(str(value))
        # Numbers of numpy and similar ones.
        return _number(value) if hasattr(value, "__float__") and not hasattr(value, "__len__") else _cut(str(value))
    except Exception:  # code of the user, which may raise anything
        return _UNSENDABLE


def _integer(value: int) -> int | str:
    number = int(value)
    if -_MAX_INTEGER <= number <= _MAX_INTEGER:
        return number
    try:
        return _cut(str(number))
    except ValueError:
        # Python converts no number with more than 4,300 digits (sys.set_int_max_str_digits).
        return f"a number of {number.bit_length():,} bits"


def _number(value: Any) -> int | float:
    if isinstance(value, int):
        number = int(value)
        return number if -_MAX_INTEGER <= number <= _MAX_INTEGER else _rounded(number)
    if hasattr(value, "__index__"):
        return _number(value.__index__())
    return float(value)


def _rounded(number: int) -> float:
    try:
        return float(number)
    except OverflowError:
        return math.inf if number > 0 else -math.inf


def _shown(value: Any) -> str:
    try:
        return value if type(value) is str else str(value)
    except Exception:  # code of the user, which may raise anything
        return _UNSENDABLE


def _cut(text: str) -> str:
    # Not an instance of a subclass, which may have another length.
    text = str.__str__(text)
    cut = text if len(text) <= MAX_TEXT else f"{text[: MAX_TEXT - 1]}…"
    # Lone surrogates cannot be sent.
    return cut if cut.isascii() else cut.encode("utf-8", "backslashreplace").decode()
