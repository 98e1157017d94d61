"""The attributes of spans and events, with a limited size."""

from __future__ import annotations

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


def cleaned(given: Mapping[str, Any]) -> dict[str, Attribute]:
    """Returns a copy in which each value is a string, a boolean, a number or a list of strings or of numbers.

    Never raises: what a tool records must not make it fail. Other values become strings, and ``None`` is omitted.
    """
    attributes: dict[str, Attribute] = {}
    for key, value in given.items():
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
        if isinstance(value, (int, float)) and not isinstance(value, bool):
            continue
        if not hasattr(value, "__float__") or isinstance(value, bool):
            raise TypeError(
                f"the measurement {name!r} of an event must be a number; got {type(value).__name__}; "
                "pass other values as metadata"
            )


def numbers(measurements: Mapping[str, Any]) -> dict[str, int | float]:
    """Returns a copy of checked measurements, with numbers of Python."""
    kept = list(measurements.items())[:MAX_ATTRIBUTES]
    return {_cut(_shown(name)): _number(value) for name, value in kept}


def _value(value: Any) -> Attribute:
    if isinstance(value, (str, bool, int, float)):
        return _scalar(value)
    if isinstance(value, (list, tuple, set, frozenset)):
        items = [_scalar(each) for each in list(value)[:MAX_ITEMS]]
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
    if isinstance(value, int):
        return int(value) if -_MAX_INTEGER <= value <= _MAX_INTEGER else str(int(value))
    if isinstance(value, float):
        return float(value)
    if isinstance(value, str):
        return _cut(str(value))
    try:
        # Numbers of numpy and similar ones.
        return _number(value) if hasattr(value, "__float__") and not hasattr(value, "__len__") else _cut(str(value))
    except Exception:  # code of the user, which may raise anything
        return _UNSENDABLE


def _number(value: Any) -> int | float:
    if isinstance(value, int):
        return int(value) if -_MAX_INTEGER <= value <= _MAX_INTEGER else float(value)
    if hasattr(value, "__index__"):
        return _number(value.__index__())
    return float(value)


def _shown(value: Any) -> str:
    try:
        return value if type(value) is str else str(value)
    except Exception:  # code of the user, which may raise anything
        return _UNSENDABLE


def _cut(text: str) -> str:
    cut = text if len(text) <= MAX_TEXT else f"{text[: MAX_TEXT - 1]}…"
    # Lone surrogates cannot be sent.
    return cut if cut.isascii() else cut.encode("utf-8", "backslashreplace").decode()
